internal import CLinux
internal import Glibc

/// A thread of the host: named, joinable, its body run once.
@safe
package final class Thread: @unchecked Sendable {
    private var handle: pthread_t = 0

    /// The worker index of the calling thread, or -1.
    package static var worker: Int { Int(clinux_worker_get()) }

    /// Marks the calling thread as worker `index`.
    package static func becomeWorker(_ index: Int) { clinux_worker_set(Int32(index)) }

    /// Keeps the calling thread on one processor; whether the kernel allows it.
    @discardableResult
    package static func stay(on processor: Int) -> Bool {
        clinux_stay_on(Int32(processor)) == 0
    }

    /// Starts `body` on a new thread called `name` (at most 15 bytes are shown by the kernel).
    package init(name: String, body: @escaping @Sendable () -> Void) throws(Errno) {
        let context = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body)).toOpaque()
        let status = unsafe pthread_create(&handle, nil, runThread, context)
        guard status == 0 else {
            unsafe Unmanaged<ThreadBody>.fromOpaque(context).release()
            throw Errno(status)
        }
    }

    /// Waits until the body has returned; to be called once.
    package func join() {
        pthread_join(handle, nil)
    }
}

private final class ThreadBody {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    unsafe String(body.name.utf8.prefix(15).map { Character(UnicodeScalar($0)) }).withCString {
        _ = unsafe pthread_setname_np(pthread_self(), $0)
    }
    body.run()
    return nil
}

/// Opened once by one thread; another waits for that with a deadline.
package final class Latch: @unchecked Sendable {
    private let descriptor: Int32

    package init() throws(Errno) {
        descriptor = clinux_eventfd()
        guard descriptor >= 0 else { throw Errno.last }
    }

    deinit { close(descriptor) }

    package func open() {
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Whether it was opened before `nanoseconds` had passed.
    package func wait(_ nanoseconds: UInt64) -> Bool {
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
