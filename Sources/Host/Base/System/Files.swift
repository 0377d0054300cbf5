internal import CLinux
internal import Glibc

/// Small files, read and made whole; for control threads.
package enum Files {
    /// Why a file was not read.
    package enum Failure: Error, Equatable, Sendable {
        case system(Errno)
        case tooLarge(bytesMax: Int)
    }

    private static let pieceBytes = 65_536

    /// The whole content of a file of at most `bytesMax` bytes; also of those in /proc.
    package static func read(_ path: String, bytesMax: Int) throws(Failure) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(Errno.last) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = unsafe Glibc.read(descriptor, &piece, pieceBytes)
            if count == 0 { return content }
            if count < 0 {
                guard Errno.last == Errno(EINTR) else { throw .system(Errno.last) }
                continue
            }
            guard content.count + count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
            content += piece[..<count]
        }
    }

    /// Writes all of `bytes` to an open descriptor, such as standard output.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                guard Errno.last == Errno(EINTR) else { throw Errno.last }
                continue
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Puts a file in place whole: written under another name, made durable, renamed.
    package static func replace(
        _ path: String,
        with bytes: [UInt8],
        mode: UInt32
    ) throws(Errno) {
        let beside = "\(path).new"
        _ = unsafe unlink(beside)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let descriptor = unsafe open(beside, flags, mode)
        guard descriptor >= 0 else { throw Errno.last }
        do throws(Errno) {
            defer { close(descriptor) }
            try write(bytes, to: descriptor)
            guard fsync(descriptor) == 0 else { throw Errno.last }
            guard unsafe rename(beside, path) == 0 else { throw Errno.last }
        } catch {
            _ = unsafe unlink(beside)
            throw error
        }
    }

    /// Makes a folder, for this user alone unless `mode` says otherwise, and those above it; one
    /// that exists is left as it is.
    package static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(Errno) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += part
            if unsafe mkdir(prefix, mode) != 0, Errno.last != Errno(EEXIST) { throw Errno.last }
            prefix += "/"
        }
        guard unsafe access(path, W_OK | X_OK) == 0 else { throw Errno.last }
    }

    /// Whether there is nothing at `path` but perhaps an empty folder.
    package static func isFree(_ path: String) -> Bool {
        guard let folder = unsafe opendir(path) else { return Errno.last.code == ENOENT }
        defer { unsafe closedir(folder) }
        var count = 0
        // Every folder names itself and the one above.
        while count <= 2, unsafe readdir(folder) != nil { count += 1 }
        return count <= 2
    }

    /// `path` from the root, symbolic links resolved.
    package static func resolved(_ path: String) throws(Errno) -> String {
        guard let text = unsafe realpath(path, nil) else { throw Errno.last }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// A path relative to `folder`, unless it starts at the root.
    package static func path(_ path: String, from folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}

/// What tells one content of a file from another without reading it.
package struct FileIdentity: Sendable, Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int
    private let modified: [Int]

    /// That of the file at the end of symbolic links; nil when there is none to be seen.
    package init?(_ path: String) {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { return nil }
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
        size = Int(facts.st_size)
        modified = [facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec]
    }

    /// Whether users besides its owner and its group may read a file.
    package static func isReadableByAll(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IROTH != 0
    }
}
