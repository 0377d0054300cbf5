internal import CLinux
package import SluiceBase

/// One epoll instance that answers like an io_uring: the kernel as a worker sees it where
/// io_uring is refused.
///
/// Created and used by one thread. It holds the contract of `Port`, which says what each operation
/// promises. The methods note operations; `wait` carries out what can be
/// done at once, learns from the kernel what has become possible, and queues the completions. A
/// descriptor is registered once, edge-triggered, and has at most one operation under way on its
/// reading and one on its writing side. Nothing is allocated after `init`.
@safe
package struct Epoll: ~Copyable {
    /// Completions that one step of a descriptor may bring: a full round of accepts, and one of
    /// the writing side.
    static let completionsPerStep = acceptsPerStep + 1
    /// Connections taken from one listening socket before others have their turn.
    static let acceptsPerStep = 32
    /// Buffers filled from one connection before others have their turn.
    static let receivesPerStep = 4
    /// Events that one call of epoll_wait(2) returns.
    static let eventsPerLook = 256

    let instance: Int32
    let events: UnsafeMutablePointer<clinux_ready>
    var descriptors: DescriptorTable
    var buffers: FreeBuffers
    var completions: CompletionQueue
    let underWay: TokenChains
    var timer = Clock.never
    var timerToken: UInt64 = 0
    /// Completions of patient sends among those that are ready.
    var patient = 0
    /// The last wait did not look at the kernel, because there was enough to answer.
    var hasSkipped = false

    /// Makes an instance over the receive buffers of `arena`, the first `reserved` of them
    /// for heads, with room for four times `entries`
    /// completions.
    ///
    /// Throws the error of epoll_create1(2) or mmap(2).
    package init(entries: UInt32, arena: Arena, reserved: Int = 0) throws(Errno) {
        let descriptors = try DescriptorTable()
        let instance = clinux_epoll_open()
        guard instance >= 0 else { throw Errno(-instance) }
        self.instance = instance
        unsafe events = UnsafeMutablePointer<clinux_ready>.allocate(capacity: Self.eventsPerLook)
        self.descriptors = descriptors
        buffers = FreeBuffers(arena, reserved: reserved)
        let completions = CompletionQueue(
            least: max(4 * Int(entries), 2 * Self.completionsPerStep)
        )
        underWay = TokenChains(count: completions.capacity)
        self.completions = completions
    }

    deinit {
        SocketControl.close(instance, resets: false)
        unsafe events.deallocate()
    }
}

// Each method notes one operation; `token` comes back with its completion.
extension Epoll {
    /// Accepts until cancelled or failed: one completion a connection, which does not block.
    package mutating func accept(on descriptor: Int32, token: UInt64) {
        descriptors[descriptor].state.insert(.listens)
        read(.accepts, descriptor, token)
    }

    /// Receives into provided buffers until end of stream, error, cancellation or exhaustion.
    package mutating func receive(
        on descriptor: Int32,
        token: UInt64,
        from group: ReceiveGroup = .content
    ) {
        descriptors[descriptor].group = group
        read(.receives, descriptor, token)
    }

    /// Completes whenever `descriptor` turns readable: the wake-up of an inbox.
    package mutating func watch(_ descriptor: Int32, token: UInt64) {
        read(.watches, descriptor, token)
    }

    /// Sends the bytes of `gather`, which must stay in place until the completion.
    package mutating func send(_ gather: Gather, on descriptor: Int32, token: UInt64) {
        precondition(gather.bytes > 0, "bytes to send")
        if gather.isLast { descriptors[descriptor].state.insert(.sendsLast) }
        if gather.isPatient { descriptors[descriptor].state.insert(.sendsPatiently) }
        if gather.count == 1 {
            write(.sends, gather[0], descriptor, token)
        } else {
            write(.sends, nil, descriptor, token)
            descriptors[descriptor].pieces = descriptors.keep(gather)
        }
    }

    /// Connects to a socket address, which must stay in place until the completion.
    package mutating func connect(_ descriptor: Int32, to address: Bytes, token: UInt64) {
        write(.connects, address, descriptor, token)
    }

    /// Cancels the operation that was submitted with `target`; it still completes.
    ///
    /// Nothing happens when it has completed already.
    package mutating func cancel(operation target: UInt64, token: UInt64) {
        var side = underWay[target]
        while !side.isNone, descriptors.token(side) != target { side = descriptors.next(side) }
        guard !side.isNone else { return }
        descriptors[side.descriptor].state.insert(side.isReading ? .cancelsRead : .cancelsWrite)
        descriptors.lineUp(side.descriptor)
    }

    /// Completes once after `nanoseconds` with -ETIME.
    ///
    /// One at a time.
    package mutating func timeout(_ nanoseconds: UInt64, token: UInt64) {
        precondition(timer == Clock.never, "one timeout at a time")
        timer = Clock.now() &+ nanoseconds
        timerToken = token
    }

    private mutating func read(
        _ operation: Descriptor.State,
        _ descriptor: Int32,
        _ token: UInt64
    ) {
        precondition(!descriptors[descriptor].isReading, "one reading operation at a time")
        descriptors[descriptor].state.insert(operation)
        descriptors[descriptor].readToken = token
        begin(Side(readingOf: descriptor), token)
        descriptors.lineUp(descriptor)
    }

    private mutating func write(
        _ operation: Descriptor.State,
        _ bytes: Bytes?,
        _ descriptor: Int32,
        _ token: UInt64
    ) {
        precondition(!descriptors[descriptor].isWriting, "one writing operation at a time")
        descriptors[descriptor].state.insert(operation)
        descriptors[descriptor].writeToken = token
        begin(Side(writingOf: descriptor), token)
        descriptors[descriptor].outgoing = bytes
        descriptors[descriptor].sent = 0
        descriptors.lineUp(descriptor)
    }

    /// An operation can be found by its token from here on, until `end`.
    private func begin(_ side: Side, _ token: UInt64) {
        descriptors.link(side, before: underWay[token])
        underWay[token] = side
    }

    /// Takes the token of an operation that has completed; the side may have another one then.
    func end(_ side: Side) -> UInt64 {
        let token = descriptors.token(side)
        let next = descriptors.next(side)
        var before = underWay[token]
        guard before != side else {
            underWay[token] = next
            return token
        }
        while descriptors.next(before) != side { before = descriptors.next(before) }
        descriptors.link(before, before: next)
        return token
    }
}

// What happens at once. The table of descriptors is updated, because a number that comes back
// names another file.
extension Epoll {
    /// A non-blocking TCP socket for an address as the routing snapshot has it; -1 when
    /// descriptors ran out.
    package mutating func openSocket(for address: Bytes) -> Int32 {
        adopt(UpstreamSocket.open(for: address))
    }

    /// The next connection that waits on a listening socket, or -1.
    package mutating func acceptWaiting(_ descriptor: Int32) -> Int32 {
        adopt(SocketControl.acceptWaiting(descriptor))
    }

    private mutating func adopt(_ descriptor: Int32) -> Int32 {
        guard descriptor >= 0 else { return -1 }
        guard descriptors.holds(descriptor) else {
            SocketControl.close(descriptor, resets: true)
            return -1
        }
        descriptors.forget(descriptor)
        return descriptor
    }

    /// Closes a descriptor on which nothing is under way; with `resets` by a reset.
    ///
    /// The instance would go on reporting of a listening socket whose open file somebody shares.
    package mutating func close(_ descriptor: Int32, resets: Bool) {
        let entry = descriptors[descriptor]
        precondition(!entry.isReading && !entry.isWriting, "nothing under way at a close")
        if entry.state.isSuperset(of: [.registered, .listens]) {
            clinux_epoll_remove(instance, descriptor)
        }
        descriptors.forget(descriptor)
        SocketControl.close(descriptor, resets: resets)
    }
}
