internal import CLinux
internal import Glibc
internal import SluiceBase

/// What a lane sleeps in: an epoll instance with the wake descriptor and the watched ones.
final class Descriptors: Sendable {
    private static let eventsMax = 64
    /// The number of the wake descriptor; watches are numbered from 1.
    private static let wake: UInt64 = 0

    private let descriptor: Int32

    init(waking wakeDescriptor: Int32) throws(Errno) {
        descriptor = clinux_epoll_open()
        guard descriptor >= 0 else { throw Errno(-descriptor) }
        let status = clinux_watch_add(descriptor, wakeDescriptor, UInt32(POLLIN), Self.wake)
        guard status >= 0 else {
            Glibc.close(descriptor)
            throw Errno(-status)
        }
    }

    deinit { Glibc.close(descriptor) }

    func add(_ watched: Int32, _ events: UInt32, _ number: UInt64) -> Int32 {
        clinux_watch_add(descriptor, watched, events, number)
    }

    func remove(_ watched: Int32) { clinux_epoll_remove(descriptor, watched) }

    func wait(_ milliseconds: Int32) -> (isWoken: Bool, events: [clinux_event]) {
        var events = [clinux_event](repeating: clinux_event(), count: Self.eventsMax)
        let count = unsafe clinux_watch_wait(
            descriptor,
            &events,
            Int32(Self.eventsMax),
            milliseconds
        )
        let ready = events.prefix(max(0, Int(count)))
        return (
            ready.contains { $0.number == Self.wake }, ready.filter { $0.number != Self.wake }
        )
    }
}
