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

/// Opened once by one thread; others wait for that with a deadline.
///
/// It takes no descriptor: an instance that has ended is never freed, and has some.
@safe
package final class Latch: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let signal: UnsafeMutablePointer<pthread_cond_t>
    /// Behind the lock.
    private var isOpen = false

    package init() throws(Errno) {
        unsafe lock = .allocate(capacity: 1)
        unsafe signal = .allocate(capacity: 1)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        defer { unsafe pthread_condattr_destroy(&attributes) }
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_mutex_init(lock, nil)
        let status = unsafe pthread_cond_init(signal, &attributes)
        guard status == 0 else { throw Errno(status) }
    }

    deinit {
        unsafe pthread_cond_destroy(signal)
        unsafe pthread_mutex_destroy(lock)
        unsafe signal.deallocate()
        unsafe lock.deallocate()
    }

    package func open() {
        unsafe pthread_mutex_lock(lock)
        isOpen = true
        unsafe pthread_cond_broadcast(signal)
        unsafe pthread_mutex_unlock(lock)
    }

    /// Whether it was opened before `nanoseconds` had passed.
    package func wait(_ nanoseconds: UInt64) -> Bool {
        let end = Clock.after(nanoseconds, from: Clock.now())
        var time = timespec(
            tv_sec: Int(end / Clock.nanosecondsPerSecond),
            tv_nsec: Int(end % Clock.nanosecondsPerSecond)
        )
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while !isOpen {
            let status = unsafe pthread_cond_timedwait(signal, lock, &time)
            guard status == 0 else { break }
        }
        return isOpen
    }
}
