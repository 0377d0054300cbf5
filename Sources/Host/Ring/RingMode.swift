internal import CRing
package import SluiceBase

/// How a ring runs: what the kernel granted of what the worker would like best.
package enum RingMode: String, Sendable, CaseIterable {
    /// Completions are delivered only when the worker asks (Linux 6.1).
    case deferred = "SINGLE_ISSUER|DEFER_TASKRUN"
    /// No interrupts for completions (Linux 5.19).
    case cooperative = "COOP_TASKRUN"
    /// Any io_uring.
    case plain = "plain"

    /// One entry that the kernel refuses never keeps those behind it back (SUBMIT_ALL, Linux
    /// 5.18), wherever flags are known at all.
    private var flags: UInt32 {
        switch self {
        case .deferred:
            IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
        case .cooperative: IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN
        case .plain: 0
        }
    }

    /// Opens `ring` in the best mode the kernel takes.
    static func open(
        _ ring: UnsafeMutablePointer<io_uring>,
        entries: UInt32
    ) throws(RingRefusal) -> RingMode {
        var status: Int32 = -EINVAL
        for mode in allCases {
            status = unsafe cring_setup(ring, entries, mode.flags)
            if status == 0 { return mode }
            guard status == -EINVAL else { break }
        }
        throw .refused(Errno(-status))
    }
}

/// Why io_uring cannot be used here.
package enum RingRefusal: Error, Sendable, CustomStringConvertible {
    case refused(Errno)
    case missing(String)

    package var description: String {
        switch self {
        case .refused(let errno) where errno.code == EPERM || errno.code == EACCES:
            "io_uring is forbidden here: \(errno); a seccomp profile or the sysctl "
                + "kernel.io_uring_disabled refuses it"
        case .refused(let errno) where errno.code == ENOSYS:
            "io_uring is not there: \(errno); the kernel is too old or a sandbox hides it"
        case .refused(let errno): "io_uring could not be set up: \(errno)"
        case .missing(let what): "this kernel's io_uring lacks \(what); Linux 6.0 has it"
        }
    }
}
