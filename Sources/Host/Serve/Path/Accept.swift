internal import SluiceBase
internal import SluiceConfig
internal import SluiceTelemetry

/// A listening socket of this worker.
struct Listening: BitwiseCopyable {
    var descriptor: Int32
    /// The accept is armed.
    var isArmed = false
    /// The listener is gone from the routing, or the host drains.
    var isRetired = false

    static var none: Listening { Listening(descriptor: -1) }
}

// accept: a connection arrives and its first receive is armed.
extension Worker where P: ~Copyable {
    mutating func submitAccept(_ binding: Int) {
        listening[binding].isArmed = true
        port.accept(
            on: listening[binding].descriptor,
            token: Token.make(.accept, binding, 0)
        )
    }

    mutating func onAccept(_ completion: Completion) {
        let binding = Token.slot(completion.token)
        if !completion.more { listening[binding].isArmed = false }
        if completion.result >= 0 { open(completion.result, binding) }
        guard !completion.more else { return }
        if listening[binding].isRetired {
            closeListening(binding)
        } else if completion.result >= 0 {
            submitAccept(binding)
        } else {
            // EMFILE, ENFILE, ENOBUFS: accepting resumes with the next connection that closes.
            counters.bump(.acceptPauses)
            acceptsPaused = true
        }
    }

    private mutating func open(_ descriptor: Int32, _ binding: Int) {
        guard downstreamCount < limits.connectionsPerWorkerMax, !connections.isFull else {
            port.close(descriptor, token: Token.make(.settle, 0, 0))
            return
        }
        var connection = Connection(
            descriptor: descriptor,
            isUpstream: false,
            phase: .idle,
            origin: Int32(binding)
        )
        // What was accepted while the drain began gets the time to ask once.
        let idle = isDraining ? limits.lingerNanoseconds : limits.keepAliveIdleNanoseconds
        connection.deadline = now &+ UInt64(idle)
        let slot = connections.take(connection)
        downstreamCount += 1
        counters.bump(.connectionsAccepted)
        counters.bump(.connectionsActive)
        deadlines.insert(slot, connections)
        submitReceive(slot)
    }

    /// Stops accepting on a binding; the socket closes once the kernel has let go of it.
    mutating func retireListening(_ binding: Int) {
        guard listening[binding].descriptor >= 0, !listening[binding].isRetired else { return }
        listening[binding].isRetired = true
        if listening[binding].isArmed {
            port.cancel(
                operation: Token.make(.accept, binding, 0),
                token: Token.make(.settle, 0, 0)
            )
        } else {
            closeListening(binding)
        }
    }

    private mutating func closeListening(_ binding: Int) {
        port.close(listening[binding].descriptor, token: Token.make(.settle, 0, 0))
        listening[binding] = .none
        if nextSockets[binding] >= 0 { listen(binding) }
    }

    /// Listens on the socket that the worker was given for a binding.
    mutating func listen(_ binding: Int) {
        listening[binding] = Listening(descriptor: nextSockets[binding])
        nextSockets[binding] = -1
        submitAccept(binding)
    }

    /// A descriptor came free: accepting that stopped for want of one goes on.
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
