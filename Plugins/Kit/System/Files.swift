internal import Glibc

/// Reading files and folders without Foundation, with limits and errors that name the path.
public enum Files {
    /// One name in a folder, symlinks followed.
    public struct Entry: Sendable, Equatable {
        /// What a name leads to.
        public enum Kind: Sendable {
            case file, folder, other
        }
        /// The name alone.
        public let name: String
        /// What it leads to.
        public let kind: Kind
        /// Device and inode: equal for two names of one thing.
        public let identity: Identity
    }

    /// Device and inode of a thing on disk.
    public struct Identity: Sendable, Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// What `path` leads to, symlinks followed; throws `.notFound` or `.io`.
    public static func entry(at path: String) throws(PluginError) -> Entry {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { throw failure("looking at", path) }
        let kind: Entry.Kind =
            switch facts.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return Entry(
            name: name,
            kind: kind,
            identity: Identity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
        )
    }

    /// The names in `folder`, sorted, without "." and ".."; dangling symlinks are left out.
    public static func list(_ folder: String) throws(PluginError) -> [Entry] {
        guard let stream = unsafe opendir(folder) else { throw failure("listing", folder) }
        defer { unsafe closedir(stream) }
        var entries: [Entry] = []
        while let item = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &item.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            // A name that vanished since, or a dangling symlink: as if it were not there.
            guard let found = try? entry(at: "\(folder)/\(name)") else { continue }
            entries.append(Entry(name: name, kind: found.kind, identity: found.identity))
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// The bytes of a regular file of at most `bytesMax` bytes; throws `.limit` above it.
    public static func read(_ path: String, bytesMax: Int) throws(PluginError) -> [UInt8] {
        let fd = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard fd >= 0 else { throw failure("opening", path) }
        defer { close(fd) }
        guard try entry(at: path).kind == .file else {
            throw PluginError(.invalid, "\(path): expected a regular file")
        }
        var bytes: [UInt8] = []
        while true {
            let room = min(65_536, bytesMax + 1 - bytes.count)
            let piece = try piece(of: fd, path, bytesMax: room)
            if piece.isEmpty { return bytes }
            bytes += piece
            if bytes.count > bytesMax {
                throw PluginError(.limit, "\(path): larger than \(bytesMax) bytes; make it smaller")
            }
        }
    }

    private static func piece(
        of fd: Int32,
        _ path: String,
        bytesMax: Int
    ) throws(PluginError) -> [UInt8] {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
            let got = unsafe Glibc.read(fd, buffer.baseAddress, bytesMax)
            failed = got < 0
            count = max(got, 0)
        }
        if failed { throw failure("reading", path) }
        return bytes
    }

    private static func failure(_ deed: String, _ path: String) -> PluginError {
        let number = errno
        let reason = unsafe String(cString: strerror(number))
        let isMissing = number == ENOENT || number == ENOTDIR
        return PluginError(isMissing ? .notFound : .io, "\(deed) \(path): \(reason)")
    }
}
