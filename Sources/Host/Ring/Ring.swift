internal import CRing
package import SluiceBase

/// One io_uring instance: the kernel as a worker sees it.
///
/// Created and used by one thread (SINGLE_ISSUER). Operations are queued by the methods below and
/// submitted together by `wait`, which then shows the completions in place. Receives draw on a
/// ring of provided buffers: one armed receive delivers many times.
@safe
package struct Ring: ~Copyable {
    private let ring: UnsafeMutablePointer<io_uring>
    private let provided: UnsafeMutablePointer<io_uring_buf_ring>
    private let span: UnsafeMutablePointer<__kernel_timespec>
    private let arena: Arena
    private let mask: Int32
    private var given: Int32 = 0
    /// Which set-up flags the kernel granted, for logs.
    package let mode: RingMode

    /// Sets a ring up with `entries` submission entries over the receive buffers of `arena`,
    /// whose count is a power of two of at most 32,768.
    ///
    /// Throws `RingRefusal` when this kernel or sandbox does not allow or know io_uring well
    /// enough; the caller then serves by epoll.
    package init(entries: UInt32, arena: Arena) throws(RingRefusal) {
        precondition(
            (1...32_768).contains(arena.count) && arena.count.nonzeroBitCount == 1,
            "the number of receive buffers is a power of two"
        )
        let ring = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
        let mode: RingMode
        do throws(RingRefusal) {
            mode = try unsafe RingMode.open(ring, entries: entries)
        } catch {
            unsafe ring.deallocate()
            throw error
        }
        guard unsafe cring_knows_operations(ring) != 0 else {
            unsafe io_uring_queue_exit(ring)
            unsafe ring.deallocate()
            throw .missing("an operation that the worker needs")
        }
        guard let provided = unsafe cring_buffers(ring, UInt32(arena.count), 0) else {
            unsafe io_uring_queue_exit(ring)
            unsafe ring.deallocate()
            throw .missing("rings of provided buffers (Linux 5.19)")
        }
        unsafe io_uring_register_ring_fd(ring)
        unsafe self.ring = ring
        unsafe self.provided = provided
        unsafe span = UnsafeMutablePointer<__kernel_timespec>.allocate(capacity: 1)
        self.arena = arena
        self.mode = mode
        mask = Int32(arena.count - 1)
        for number in 0..<arena.count { recycle(Int32(number)) }
        publishBuffers()
    }

    deinit {
        unsafe io_uring_queue_exit(ring)
        unsafe munmap(provided, arena.count * MemoryLayout<io_uring_buf>.stride)
        unsafe ring.deallocate()
        unsafe span.deallocate()
    }
}

// Each method queues one operation; `token` comes back with its completion.
extension Ring {
    /// Accepts until cancelled: one completion a connection.
    package mutating func accept(on descriptor: Int32, token: UInt64) {
        unsafe cring_accept(ring, descriptor, token)
    }

    /// Receives into provided buffers until end of stream, error, cancellation or exhaustion.
    package mutating func receive(on descriptor: Int32, token: UInt64) {
        unsafe cring_receive(ring, descriptor, 0, token)
    }

    /// Sends all of `bytes`, which must stay in place until the completion.
    package mutating func send(_ bytes: Bytes, on descriptor: Int32, token: UInt64) {
        unsafe cring_send(ring, descriptor, bytes.start, bytes.count, token)
    }

    /// Connects to a socket address, which must stay in place until the completion.
    package mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64) {
        unsafe cring_connect(ring, descriptor, address.start, UInt32(address.count), token)
    }

    /// Ends the sending half; no completion unless it fails.
    package mutating func finish(_ descriptor: Int32, token: UInt64) {
        unsafe cring_shutdown(ring, descriptor, Int32(SHUT_WR), token)
    }

    /// Closes a descriptor; no completion unless it fails.
    package mutating func close(_ descriptor: Int32, token: UInt64) {
        unsafe cring_close(ring, descriptor, token)
    }

    /// Cancels everything in flight on a descriptor; each operation still completes.
    package mutating func cancel(_ descriptor: Int32, token: UInt64) {
        unsafe cring_cancel(ring, descriptor, token)
    }

    /// Cancels the operation that was submitted with `target`; it still completes.
    package mutating func cancel(operation target: UInt64, token: UInt64) {
        unsafe cring_cancel_operation(ring, target, token)
    }

    /// Completes once after `nanoseconds` with -ETIME; one at a time.
    package mutating func timeout(_ nanoseconds: UInt64, token: UInt64) {
        unsafe span.pointee.tv_sec = Int64(nanoseconds / 1_000_000_000)
        unsafe span.pointee.tv_nsec = Int64(nanoseconds % 1_000_000_000)
        unsafe cring_timeout(ring, span, token)
    }

    /// Completes whenever `descriptor` is readable: the wake-up of an inbox.
    package mutating func watch(_ descriptor: Int32, token: UInt64) {
        unsafe cring_watch(ring, descriptor, token)
    }
}

extension Ring {
    /// Submits what is queued and waits for `least` completions, or for at most `nanoseconds`
    /// when that is not 0; the number that are ready.
    ///
    /// Throws when the kernel refuses the ring.
    package mutating func wait(_ least: UInt32, atMost nanoseconds: UInt64) throws(Errno) -> Int {
        publishBuffers()
        let status = unsafe cring_wait(ring, least, nanoseconds)
        guard status >= 0 else { throw Errno(-status) }
        return Int(unsafe cring_ready(ring))
    }

    /// The completion `place` after the oldest one; `place` is below what `wait` answered.
    package func completion(_ place: Int) -> Completion {
        let entry = unsafe cring_completion(ring, UInt32(truncatingIfNeeded: place)).pointee
        let holdsBuffer = entry.flags & CRING_CQE_BUFFER != 0
        return Completion(
            token: entry.user_data,
            result: entry.res,
            buffer: holdsBuffer ? Int32(truncatingIfNeeded: entry.flags >> 16) : -1,
            more: entry.flags & CRING_CQE_MORE != 0
        )
    }

    /// Gives the oldest `count` completions back to the kernel.
    package mutating func advance(_ count: Int) {
        unsafe cring_advance(ring, UInt32(truncatingIfNeeded: count))
    }

    /// Gives a receive buffer back; the kernel sees it from the next `wait` on.
    package mutating func recycle(_ buffer: Int32) {
        let address = unsafe arena.start + Int(buffer) &* arena.size
        unsafe cring_buffer_give(
            provided,
            address,
            UInt32(truncatingIfNeeded: arena.size),
            UInt16(truncatingIfNeeded: buffer),
            mask,
            given
        )
        given &+= 1
    }

    private mutating func publishBuffers() {
        guard given > 0 else { return }
        unsafe cring_buffers_publish(provided, given)
        given = 0
    }
}
