internal import CLinux
internal import Glibc
internal import SluiceBase

/// A door that one thread opens, once, and another waits at with a deadline.
final class Gate: @unchecked Sendable {
    private let descriptor: Int32

    init() throws(Errno) {
        descriptor = clinux_eventfd()
        guard descriptor >= 0 else { throw Errno.last }
    }

    deinit { close(descriptor) }

    func open() {
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Whether it was opened before `nanoseconds` had passed.
    func wait(_ nanoseconds: UInt64) -> Bool {
        let end = Clock.after(nanoseconds, from: Clock.now())
        while true {
            let now = Clock.now()
            let rest = end > now ? (end - now) / Clock.nanosecondsPerMillisecond + 1 : 0
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&entry, 1, Int32(clamping: rest))
            if ready > 0 { return true }
            if ready == 0, Clock.now() >= end { return false }
        }
    }
}
