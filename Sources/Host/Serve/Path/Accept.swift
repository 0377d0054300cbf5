internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceTelemetry

/// A listening socket of this worker.
struct Listening: BitwiseCopyable {
    var descriptor: Int32
    /// The port that clients connect to.
    var port: UInt16 = 0
    /// TLS is spoken on it, by the last routes that had it.
    var isSecured = false
    /// The accept is armed.
    var isArmed = false
    /// Nothing more is accepted; the socket closes when the kernel has let go of it.
    var isRetired = false
    /// The socket that takes its place then, or -1.
    var successor: Int32 = -1

    static var none: Listening { Listening(descriptor: -1) }
}

// Accept: a connection arrives and its first receive is armed. New work is refused first when
// connections, memory or descriptors run short.
extension Worker where P: ~Copyable {
    private mutating func submitAccept(_ binding: Int) {
        listening[binding].isArmed = true
        port.accept(
            on: listening[binding].descriptor,
            token: Token.make(.accept, Int32(truncatingIfNeeded: binding))
        )
    }

    mutating func onAccept(_ completion: Completion) {
        let binding = Int(Token.slot(completion.token))
        if !completion.more { listening[binding].isArmed = false }
        if completion.result >= 0 { open(completion.result, binding) }
        guard !completion.more else { return }
        if listening[binding].isRetired {
            closeListening(binding)
        } else if completion.result >= 0 || -completion.result == ErrnoCode.cancelled {
            submitAccept(binding)
        } else {
            // EMFILE, ENFILE, ENOBUFS: accepting goes on with the next tick, or when a connection
            // closes.
            counters.bump(.acceptPauses)
            counters.bump(.shedDescriptors)
            acceptsPaused = true
        }
    }

    private mutating func open(_ descriptor: Int32, _ binding: Int) {
        let peer = port.peerAddress(descriptor)
        if let cause = refusal(of: peer) {
            counters.bump(cause)
            port.close(descriptor, resets: false)
            return
        }
        let c = channels.take(Channel(descriptor: descriptor, isUpstream: false, since: now))
        clients.came(peer)
        downstreamCount += 1
        counters.bump(.connectionsAccepted)
        counters.bump(.connectionsActive)
        var session = Session(kind: .server, stage: .idle)
        session.binding = Int32(truncatingIfNeeded: binding)
        session.port = listening[binding].port
        session.isSecured = listening[binding].isSecured
        session.peer = peer
        sessions[c.index] = session
        if routing.proxyTerms(binding: self.binding(of: c)) != nil {
            sessions[c.index].stage = .proxyHeader
            wait(c, .proxyHeader, Limits.span(limits.proxyHeaderTimeoutNanoseconds))
        } else if !awaitHello(c) {
            awaitRequest(c)
        }
        submitReceive(c)
    }

    /// Why a new connection is refused; nil: it is not.
    private func refusal(of peer: PeerAddress) -> Counter? {
        if downstreamCount >= limits.connectionsPerWorkerMax { return .shedConnections }
        if buffers.isFull || channels.isFull { return .shedMemory }
        return clients.isFull(peer) ? .shedClient : nil
    }

    /// Stops accepting on a binding, on the socket that was to come next included.
    mutating func retireListening(_ binding: Int) {
        closeSuccessor(binding)
        endListening(binding)
    }

    private mutating func endListening(_ binding: Int) {
        guard listening[binding].descriptor >= 0, !listening[binding].isRetired else { return }
        listening[binding].isRetired = true
        if listening[binding].isArmed {
            port.cancel(
                operation: Token.make(.accept, Int32(truncatingIfNeeded: binding)),
                token: Token.make(.settle)
            )
        } else {
            closeListening(binding)
        }
    }

    private mutating func closeListening(_ binding: Int) {
        closeSocket(listening[binding].descriptor, binding)
        let successor = listening[binding].successor
        listening[binding] = .none
        guard successor >= 0 else { return }
        if drain == .closing {
            closeSocket(successor, binding)
        } else {
            listen(binding, on: successor)
        }
    }

    private mutating func closeSuccessor(_ binding: Int) {
        let successor = listening[binding].successor
        guard successor >= 0 else { return }
        listening[binding].successor = -1
        closeSocket(successor, binding)
    }

    /// Serves what the kernel's queue still holds, then closes the socket: closing it would reset
    /// them.
    private mutating func closeSocket(_ descriptor: Int32, _ binding: Int) {
        while true {
            let waiting = port.acceptWaiting(descriptor)
            guard waiting >= 0 else { break }
            open(waiting, binding)
        }
        port.close(descriptor, resets: false)
    }

    /// Accepts on a socket from now on; it takes the place of the one before.
    mutating func listen(_ binding: Int, on descriptor: Int32) {
        guard listening[binding].descriptor < 0 else {
            closeSuccessor(binding)
            listening[binding].successor = descriptor
            return endListening(binding)
        }
        listening[binding] = Listening(descriptor: descriptor)
        listening[binding].port = port.localAddress(descriptor).port
        noteProtocol(binding)
        submitAccept(binding)
    }

    /// Notes what is spoken on a socket; one that has lost its listeners keeps that.
    mutating func noteProtocol(_ binding: Int) {
        let number = Int32(truncatingIfNeeded: binding)
        guard routing.isBound(binding: number) else { return }
        listening[binding].isSecured = routing.isSecured(binding: number)
    }

    /// Accepting that stopped for want of descriptors goes on.
    mutating func resumeAccepting() {
        acceptsPaused = false
        for binding in 0..<listening.count
        where listening[binding].descriptor >= 0 && !listening[binding].isArmed
            && !listening[binding].isRetired
        {
            submitAccept(binding)
        }
    }
}

/// How many connections each client address has; counted only when there is a limit.
struct Clients: ~Copyable {
    private struct Row: BitwiseCopyable {
        var high: UInt64
        var low: UInt64
        var count: UInt32
        var isUsed: Bool
    }

    private let rows: Table<Row>
    private let most: Int
    private let mask: Int

    /// `most` connections of one address, 0 for no limit; `total` connections of all.
    init(most: Int, total: Int) {
        self.most = most
        var size = 1
        while most > 0, size < 2 * total { size *= 2 }
        rows = Table(zeroed: size)
        mask = size - 1
    }

    func isFull(_ peer: PeerAddress) -> Bool {
        guard most > 0, !peer.isNone else { return false }
        let place = place(of: peer)
        return rows[place].isUsed && Int(rows[place].count) >= most
    }

    func came(_ peer: PeerAddress) {
        guard most > 0, !peer.isNone else { return }
        let place = place(of: peer)
        if !rows[place].isUsed {
            rows[place] = Row(high: peer.high, low: peer.low, count: 0, isUsed: true)
        }
        rows[place].count &+= 1
    }

    func left(_ peer: PeerAddress) {
        guard most > 0, !peer.isNone else { return }
        let place = place(of: peer)
        precondition(rows[place].count > 0, "a client leaves as often as it came")
        rows[place].count &-= 1
        if rows[place].count == 0 { remove(place) }
    }

    /// The row of an address, or the free one where it would be.
    private func place(of peer: PeerAddress) -> Int {
        var place = home(peer.high, peer.low)
        while rows[place].isUsed, rows[place].high != peer.high || rows[place].low != peer.low {
            place = (place &+ 1) & mask
        }
        return place
    }

    private func home(_ high: UInt64, _ low: UInt64) -> Int {
        let mixed = (high ^ low &* 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
        return Int(truncatingIfNeeded: mixed >> 32) & mask
    }

    /// Closes the gap, so that a search ends at the first free row (linear probing).
    private func remove(_ freed: Int) {
        var gap = freed
        var place = (gap &+ 1) & mask
        while rows[place].isUsed {
            let home = home(rows[place].high, rows[place].low)
            if (place &- home) & mask >= (place &- gap) & mask {
                rows[gap] = rows[place]
                gap = place
            }
            place = (place &+ 1) & mask
        }
        rows[gap].isUsed = false
    }
}
