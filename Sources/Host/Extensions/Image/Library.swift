internal import CCrypto
internal import Glibc
internal import SluiceBase
internal import Synchronization

/// The file of a library, opened once: what is checked, hashed, tried and loaded is this very
/// file, whatever its path names by then.
struct Library: Sendable, Equatable {
    /// Without links, from the root; for messages.
    let path: String
    /// Never closed once it is loaded (`keep`): the loader knows a library by `loadPath`.
    let descriptor: Int32
    private let stamp: Stamp

    /// What the loader opens; no two files of this process have the same.
    var loadPath: String { "/proc/self/fd/\(descriptor)" }

    /// Which file it is, and which content it had when it was opened.
    private struct Stamp: Hashable {
        let device: UInt
        let inode: UInt
        let bytes: Int
        let modifiedSeconds: Int
        let modifiedNanoseconds: Int

        init(_ status: stat) {
            device = status.st_dev
            inode = status.st_ino
            bytes = status.st_size
            modifiedSeconds = status.st_mtim.tv_sec
            modifiedNanoseconds = status.st_mtim.tv_nsec
        }
    }

    /// The libraries of this process, by device and inode.
    private static let opened = Mutex<[[UInt]: Library]>([:])

    /// Opens the file, or finds that it is open; throws a sentence about what forbids it.
    static func open(_ path: String) throws(PluginRefusal) -> Library {
        let path = try TrustedPath(path).path
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw PluginRefusal("it cannot be opened: \(Errno.last.text)")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw PluginRefusal("it is not a file")
        }
        let found = Library(path: path, descriptor: descriptor, stamp: Stamp(status))
        let known = opened.withLock { opened in
            let key = [found.stamp.device, found.stamp.inode]
            let known = opened[key]
            if known == nil { opened[key] = found }
            return known
        }
        guard let known else { return found }
        close(descriptor)
        guard known.stamp == found.stamp else {
            throw PluginRefusal(
                "its file was changed in place since it was opened: write a new file and rename it"
            )
        }
        return known
    }

    /// What was loaded once.
    private static let kept = Mutex<Set<Int32>>([])

    /// It will be loaded: it is not forgotten any more.
    func keep() { Self.kept.withLock { _ = $0.insert(descriptor) } }

    /// Closes a file that was refused, and forgets it, unless it was loaded before.
    func forget() {
        guard !Self.kept.withLock({ $0.contains(descriptor) }) else { return }
        Self.opened.withLock { $0[[stamp.device, stamp.inode]] = nil }
        close(descriptor)
    }

    /// Throws a sentence when the file's SHA-256 is not this one, written in hexadecimal.
    func check(sha256 expected: String) throws(PluginRefusal) {
        let found = try sha256()
        guard found == expected.lowercased() else {
            throw PluginRefusal("its SHA-256 is \(found), the configuration says \(expected)")
        }
    }

    /// The SHA-256 of the content, in hexadecimal.
    func sha256() throws(PluginRefusal) -> String {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var isWell = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        var piece = [UInt8](repeating: 0, count: 65_536)
        var offset = 0
        while isWell {
            let count = unsafe pread(descriptor, &piece, piece.count, offset)
            guard count >= 0 else {
                throw PluginRefusal("it cannot be read: \(Errno.last.text)")
            }
            if count == 0 { break }
            offset += count
            isWell = unsafe EVP_DigestUpdate(context, piece, count) == 1
        }
        var digest = [UInt8](repeating: 0, count: 32)
        guard isWell, unsafe EVP_DigestFinal_ex(context, &digest, nil) == 1 else {
            throw PluginRefusal("its SHA-256 cannot be computed")
        }
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
}
