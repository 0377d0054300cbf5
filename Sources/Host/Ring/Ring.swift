internal import CRing
package import SluiceBase

/// One io_uring instance: the kernel as a worker sees it.
///
/// Created and used by one thread (SINGLE_ISSUER). It holds the contract of `Port`, which says
/// what each operation promises. Operations are queued by the methods below and submitted
/// together by `wait`, which then shows the completions in place.
@safe
package struct Ring: ~Copyable {
    /// Submission entries at most: a quarter of the completions that a kernel allows.
    private static let entriesMax: UInt32 = 16_384
    /// Sends of several pieces that one submission describes; one more submits early.
    private static let messagesMax = 128

    private let ring: UnsafeMutablePointer<io_uring>
    private let provided: UnsafeMutablePointer<io_uring_buf_ring>
    /// Those of heads; the same when none are reserved.
    private let providedHeads: UnsafeMutablePointer<io_uring_buf_ring>
    /// Buffers below this number are those of heads.
    private let reserved: Int
    private let span: UnsafeMutablePointer<__kernel_timespec>
    private let messages: UnsafeMutablePointer<cring_message>
    private let arena: Arena
    private let mask: Int32
    private var given: Int32 = 0
    private var givenHeads: Int32 = 0
    /// Messages that a submission may still have to read.
    private var described = 0
    /// Patient sends since the last wait: each completes while it is submitted.
    private var patient: UInt32 = 0
    /// Which set-up flags the kernel granted, for logs.
    package let mode: RingMode

    /// Sets a ring up with `entries` submission entries and four times as many completions over
    /// the receive buffers of `arena`, whose count is a power of two of at most 32,768; the
    /// first `reserved` of them are those of heads.
    ///
    /// Throws `RingRefusal` when this kernel or sandbox does not allow or know io_uring well
    /// enough; the caller then serves by epoll.
    package init(entries: UInt32, arena: Arena, reserved: Int = 0) throws(RingRefusal) {
        precondition(
            (1...32_768).contains(arena.count) && arena.count.nonzeroBitCount == 1,
            "the number of receive buffers is a power of two"
        )
        let ring = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
        let mode: RingMode
        do throws(RingRefusal) {
            mode = try unsafe RingMode.open(ring, entries: min(entries, Self.entriesMax))
        } catch {
            unsafe ring.deallocate()
            throw error
        }
        guard let provided = unsafe cring_buffers(ring, UInt32(arena.count), 0) else {
            unsafe Self.close(ring)
            throw .missing("rings of provided buffers (Linux 5.19)")
        }
        guard unsafe cring_knows_operations(ring) != 0,
            unsafe cring_receives_often(ring, provided) != 0
        else {
            unsafe Self.close(ring)
            unsafe munmap(provided, Self.providedBytes(arena))
            throw .missing("an operation that the worker needs")
        }
        var heads = unsafe provided
        if reserved > 0 {
            guard let own = unsafe cring_buffers(ring, UInt32(arena.count), 1) else {
                unsafe Self.close(ring)
                unsafe munmap(provided, Self.providedBytes(arena))
                throw .missing("a second ring of provided buffers")
            }
            unsafe heads = own
        }
        unsafe io_uring_register_ring_fd(ring)
        unsafe providedHeads = heads
        self.reserved = reserved
        unsafe self.ring = ring
        unsafe self.provided = provided
        unsafe span = UnsafeMutablePointer<__kernel_timespec>.allocate(capacity: 1)
        unsafe messages = UnsafeMutablePointer<cring_message>.allocate(
            capacity: Self.messagesMax
        )
        self.arena = arena
        self.mode = mode
        mask = Int32(arena.count - 1)
        for number in 0..<arena.count { recycle(Int32(number)) }
        publishBuffers()
    }

    private static func close(_ ring: UnsafeMutablePointer<io_uring>) {
        unsafe io_uring_queue_exit(ring)
        unsafe ring.deallocate()
    }

    private static func providedBytes(_ arena: Arena) -> Int {
        arena.count * MemoryLayout<io_uring_buf>.stride
    }

    deinit {
        unsafe Self.close(ring)
        unsafe munmap(provided, Self.providedBytes(arena))
        if reserved > 0 { unsafe munmap(providedHeads, Self.providedBytes(arena)) }
        unsafe span.deallocate()
        unsafe messages.deallocate()
    }
}

// Each method queues one operation; `token` comes back with its completion.
extension Ring {
    /// Accepts until cancelled or failed: one completion a connection.
    package mutating func accept(on descriptor: Int32, token: UInt64) {
        unsafe cring_accept(ring, descriptor, token)
    }

    /// Receives into provided buffers until end of stream, error, cancellation or exhaustion.
    package mutating func receive(
        on descriptor: Int32,
        token: UInt64,
        from group: ReceiveGroup = .content
    ) {
        let size = UInt32(truncatingIfNeeded: arena.size)
        guard reserved > 0 else {
            return unsafe cring_receive(ring, descriptor, 0, size, token)
        }
        // A connection that is held back brings no more than one buffer at a time.
        switch group {
        case .first: unsafe cring_receive_once(ring, descriptor, 1, size, token)
        case .heads: unsafe cring_receive(ring, descriptor, 1, size, token)
        case .content: unsafe cring_receive_once(ring, descriptor, 0, size, token)
        }
    }

    /// Sends the bytes of `gather`, which must stay in place until the completion.
    package mutating func send(_ gather: Gather, on descriptor: Int32, token: UInt64) {
        precondition(gather.bytes > 0, "bytes to send")
        if gather.isPatient { patient &+= 1 }
        if gather.count == 1 {
            let bytes = gather[0]
            unsafe cring_send(ring, descriptor, bytes.start, bytes.count, flags(gather), token)
        } else {
            sendPieces(gather, descriptor, token)
        }
    }

    /// The kernel reads the description of the pieces when it takes the entry.
    private mutating func sendPieces(_ gather: Gather, _ descriptor: Int32, _ token: UInt64) {
        while described == Self.messagesMax {
            if unsafe cring_submit(ring) != 0 { described = 0 }
        }
        let message = unsafe messages + described
        described &+= 1
        for place in 0..<gather.count {
            let piece = gather[place]
            unsafe cring_piece(message, UInt32(place), piece.start, piece.count)
        }
        let count = UInt32(gather.count)
        unsafe cring_send_pieces(ring, descriptor, message, count, flags(gather), token)
    }

    private func flags(_ gather: Gather) -> Int32 {
        let patience = gather.isPatient ? Int32(MSG_DONTWAIT) : Int32(MSG_WAITALL)
        return gather.isLast ? patience | Int32(MSG_MORE) : patience
    }

    /// Connects to a socket address, which must stay in place until the completion.
    package mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64) {
        unsafe cring_connect(ring, descriptor, address.start, UInt32(address.count), token)
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

    /// Completes whenever `descriptor` turns readable: the wake-up of an inbox.
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
        let status = unsafe cring_wait(ring, least &+ patient, nanoseconds)
        patient = 0
        if described > 0, unsafe cring_all_submitted(ring) != 0 { described = 0 }
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
        let isHead = Int(buffer) < reserved
        unsafe cring_buffer_give(
            isHead ? providedHeads : provided,
            address,
            UInt32(truncatingIfNeeded: arena.size),
            UInt16(truncatingIfNeeded: buffer),
            mask,
            isHead ? givenHeads : given
        )
        if isHead { givenHeads &+= 1 } else { given &+= 1 }
    }

    private mutating func publishBuffers() {
        if given > 0 {
            unsafe cring_buffers_publish(provided, given)
            given = 0
        }
        if givenHeads > 0 {
            unsafe cring_buffers_publish(providedHeads, givenHeads)
            givenHeads = 0
        }
    }
}

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
