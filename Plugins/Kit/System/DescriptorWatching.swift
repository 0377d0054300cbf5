internal import CProcess
internal import Glibc

/// What runs closures on the lane when a descriptor is ready: the `Host` of an instance.
public protocol DescriptorWatching {
    /// What ends a watch.
    associatedtype Watch: DescriptorWatch

    /// Runs `body` on the lane each time `fd` is ready for `events` (level triggered).
    ///
    /// `ended` runs there once, last of all: after `cancel`, or when the instance stops. The
    /// descriptor is open until then.
    func watch(
        fd: Int32,
        for events: Readiness,
        ended: @escaping () -> Void,
        _ body: @escaping (Readiness) -> Void
    ) throws(PluginError) -> Watch
}

/// A descriptor that is being watched.
public protocol DescriptorWatch {
    /// Ends the watch: `body` does not run again, and `ended` follows.
    ///
    /// Harmless when repeated. Lane only.
    func cancel()
}

extension Host: DescriptorWatching {}

extension LaneWatch: DescriptorWatch {}

/// A descriptor that is closed with its last owner.
final class Descriptor: Sendable {
    let number: Int32

    /// Takes what a call answered: a descriptor, or -1 with errno set.
    init(_ number: Int32, _ deed: String) throws(PluginError) {
        guard number >= 0 else { throw PluginError(.io, "\(deed): \(errorSentence(errno))") }
        self.number = number
    }

    deinit {
        close(number)
    }

    /// A pipe whose descriptors are above those of the standard streams, even where the process
    /// has closed these.
    static func pipe() throws(PluginError) -> (reader: Descriptor, writer: Descriptor) {
        var ends: [Int32] = [-1, -1]
        let status = unsafe pipe2(&ends, O_CLOEXEC)
        let reader = try Descriptor(status < 0 ? -1 : ends[0], "making a pipe")
        let writer = try Descriptor(ends[1], "making a pipe")
        return (try reader.raised(), try writer.raised())
    }

    private func raised() throws(PluginError) -> Descriptor {
        number > 2 ? self : try Descriptor(fcntl(number, F_DUPFD_CLOEXEC, 3), "making a pipe")
    }

    /// Makes reading and writing answer EAGAIN instead of waiting.
    func setNonBlocking() {
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }
}

/// What the C library says about an error number.
func errorSentence(_ number: Int32) -> String {
    unsafe String(cString: strerror(number))
}

/// Descriptors that are watched together behind one of their own (epoll).
///
/// The lane watches that one alone, so what stands behind it may be armed and closed at any moment.
/// Each report disarms.
final class DescriptorSet {
    private let poll: Descriptor

    init() throws(PluginError) {
        poll = try Descriptor(cprocess_poll_open(), "watching descriptors")
    }

    /// What the lane watches.
    var number: Int32 { poll.number }

    /// Takes one in, not armed; it leaves when it is closed.
    func add(_ descriptor: Descriptor) throws(PluginError) {
        let status = cprocess_poll_set(poll.number, descriptor.number, 0, 1)
        if status < 0 { throw PluginError(.io, "watching a program: \(errorSentence(-status))") }
    }

    /// Reports it once when it is ready; cannot fail for one that was added.
    func arm(_ descriptor: Descriptor, for events: Readiness) {
        _ = cprocess_poll_set(poll.number, descriptor.number, events.rawValue, 0)
    }

    /// Which are ready now, by number.
    func ready() -> [Int32] {
        unsafe [Int32](unsafeUninitializedCapacity: 8) { room, count in
            count = max(0, Int(unsafe cprocess_poll_ready(poll.number, room.baseAddress, 8)))
        }
    }
}
