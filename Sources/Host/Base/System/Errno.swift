// Alone because: every failed system call throws it, whatever file made the call.

internal import Glibc

/// A kernel error number with its name and text, thrown by control-path system calls.
public struct Errno: Error, Equatable, Sendable, CustomStringConvertible {
    public let code: Int32

    public init(_ code: Int32) { self.code = code }

    /// The error of the call that has just failed on this thread.
    package static var last: Errno { Errno(errno) }

    /// "EADDRINUSE (Address already in use)".
    public var description: String { "\(name) (\(text))" }

    package var text: String {
        guard let message = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: message)
    }

    package var name: String { Self.names[code] ?? "errno \(code)" }

    private static let names: [Int32: String] = [
        EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", EBADF: "EBADF",
        EAGAIN: "EAGAIN", ENOMEM: "ENOMEM", EACCES: "EACCES", EBUSY: "EBUSY", EEXIST: "EEXIST",
        ENOTDIR: "ENOTDIR", EISDIR: "EISDIR", EINVAL: "EINVAL", ENFILE: "ENFILE",
        EMFILE: "EMFILE", ENOSPC: "ENOSPC", EROFS: "EROFS", EPIPE: "EPIPE", ENOSYS: "ENOSYS",
        EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL", ECONNRESET: "ECONNRESET",
        ECONNREFUSED: "ECONNREFUSED", ETIMEDOUT: "ETIMEDOUT", EHOSTUNREACH: "EHOSTUNREACH",
        ENETUNREACH: "ENETUNREACH", ECANCELED: "ECANCELED", ENOBUFS: "ENOBUFS",
        EOPNOTSUPP: "EOPNOTSUPP", EAFNOSUPPORT: "EAFNOSUPPORT", ECONNABORTED: "ECONNABORTED",
        ENOTCONN: "ENOTCONN", EINPROGRESS: "EINPROGRESS", ELOOP: "ELOOP",
        ENAMETOOLONG: "ENAMETOOLONG", ENOTSOCK: "ENOTSOCK", ETIME: "ETIME", ENODEV: "ENODEV",
        EXDEV: "EXDEV", ENOTEMPTY: "ENOTEMPTY", EFAULT: "EFAULT", ENOEXEC: "ENOEXEC",
    ]
}
