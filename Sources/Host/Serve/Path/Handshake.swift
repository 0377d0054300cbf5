internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceTLS
internal import SluiceTelemetry

// Handshake: the name that a client wants selects a listener, and the listener a context; towards
// origins the pool does. OpenSSL has no state of a client before its whole ClientHello is there.
extension Worker where P: ~Copyable {
    /// Waits for a ClientHello where the socket speaks TLS; false when it does not.
    ///
    /// When the listener is gone, the client gets its answer in the protocol that it speaks.
    mutating func awaitHello(_ c: ChannelSlot) -> Bool {
        let binding = binding(of: c)
        let isSecured =
            binding >= 0 ? routing.isSecured(binding: binding) : sessions[c.index].isSecured
        guard isSecured else { return false }
        sessions[c.index].stage = .hello
        wait(c, .handshake, Limits.span(limits.handshakeTimeoutNanoseconds))
        return true
    }

    /// Bytes of a ClientHello that are waited for; a longer one begins without a name.
    private static var helloBytesMax: Int { Buffers.largeBytes - kibibyte }

    /// Reads a ClientHello at the front of the input, when it is all there.
    mutating func readHello(_ c: ChannelSlot) {
        guard let bytes = contiguous(c) else { return refuse(c, PlainAlert.internalError) }
        var message = scratch.writer()
        switch ClientHello.read(bytes, assembling: &message) {
        case .incomplete where bytes.count >= Worker.helloBytesMax:
            // OpenSSL may take a hundred kibibytes for the rest of it: few clients may have that.
            guard oversizedCount < Worker.oversizedMax else {
                return refuse(c, PlainAlert.internalError)
            }
            oversizedCount += 1
            beginHandshake(c, name: .empty, isUnnamed: true)
            if isSecured(c) {
                security[c.index].isOversized = true
            } else {
                oversizedCount -= 1
            }
        case .faulty:
            // OpenSSL knows the alert; who wants which name is seen when the handshake is complete.
            beginHandshake(c, name: .empty, isUnnamed: true)
        case .incomplete where channels[c].atEnd:
            close(c)
        case .incomplete:
            resumeReceive(c)
        case .foreign:
            refuse(c, .plainRequest)
        case .whole(let start, let length):
            beginHandshake(c, name: message.bytes.slice(start, length), isUnnamed: false)
        }
    }

    /// Handshakes under way with a ClientHello that is longer than what is waited for.
    private static var oversizedMax: Int { 16 }

    private mutating func beginHandshake(_ c: ChannelSlot, name: Bytes, isUnnamed: Bool) {
        let listener = routing.listener(binding: binding(of: c), host: name)
        guard listener >= 0, routing.terms(listener: listener).isSecured else {
            return refuse(c, isUnnamed ? PlainAlert.decodeError : PlainAlert.unrecognizedName)
        }
        let reference = routing.serverContext(listener: listener, name: name)
        guard !buffers.isFull, let context = contexts.context(reference, routing),
            let connection = Secured.server(context, contexts.wire)
        else {
            reportHandshake(c, .overload, .host)
            return refuse(c, PlainAlert.internalError)
        }
        security[c.index] = Security()
        security[c.index].connection = connection
        security[c.index].context = reference
        security[c.index].isUnnamed = isUnnamed
        security[c.index].name = name.hashIgnoringCase(seed: 0)
        security[c.index].validation = routing.terms(listener: listener).validation
        security[c.index].listener = listener
        security[c.index].generation = routing.generation
        sessions[c.index].stage = .handshake
        let opened = openInput(c)
        _ = onOpened(opened, wasComplete: false, c, channels.generation(c))
    }

    /// Refuses a client before OpenSSL has state of it: an alert, then the end.
    private mutating func refuse(_ c: ChannelSlot, _ alert: Bytes) {
        counters.bump(.handshakesFailed)
        buffers.dropAll(&channels[c].input)
        sessions[c.index].closesAfter = true
        sessions[c.index].stage = .refused
        guard buffers.append(copy: alert, to: &channels[c].output) else { return close(c) }
        flush(c)
    }

    /// Goes on with what came under TLS: a handshake that is complete, plain bytes, the end; false
    /// when the channel is gone, or will be.
    mutating func onOpened(
        _ opened: Opened,
        wasComplete: Bool,
        _ c: ChannelSlot,
        _ generation: UInt32
    ) -> Bool {
        if opened == .noMemory {
            onNoMemory(c, generation)
            return false
        }
        // Also in front of a failure: requests may lie between the two.
        if !wasComplete, security[c.index].isComplete { onSecured(c) }
        guard isOpen(c, generation) else { return false }
        if !channels[c].input.isEmpty { onInput(c) }
        guard isOpen(c, generation) else { return false }
        switch opened {
        case .goesOn, .noMemory: break
        case .ended: onSecuredEnd(c)
        case .failed: onSecurityFailed(c)
        }
        guard isOpen(c, generation) else { return false }
        // Not with the next message: an origin that is held back for this output waits for it.
        flush(c)
        return true
    }

    private func isOpen(_ c: ChannelSlot, _ generation: UInt32) -> Bool {
        channels.holds(c, generation) && !channels[c].isClosing
    }

    /// The handshake is complete.
    private mutating func onSecured(_ c: ChannelSlot) {
        guard let connection = security[c.index].connection else { return }
        guard !channels[c].isUpstream else {
            endWait(c)
            return send(streams[sessions[c.index].stream].leg, c)
        }
        counters.bump(connection.isResumed ? .handshakesResumed : .handshakes)
        if !isNamed(c, connection) {
            counters.bump(.handshakesFailed)
            return close(c)
        }
        awaitRequest(c)
        if drain == .closing { wait(c, .keepAlive, Worker.farewellNanoseconds) }
    }

    /// Whether the name that OpenSSL has found is the one that the context was chosen by, or leads
    /// to that context all the same: a second ClientHello may have another.
    private mutating func isNamed(_ c: ChannelSlot, _ connection: Secured) -> Bool {
        let name = connection.serverName
        let isKnown = !security[c.index].isUnnamed
        if isKnown, name.hashIgnoringCase(seed: 0) == security[c.index].name { return true }
        let listener = routing.listener(binding: binding(of: c), host: name)
        return listener >= 0 && routing.terms(listener: listener).isSecured
            && routing.serverContext(listener: listener, name: name) == security[c.index].context
    }

    /// The peer has ended its stream by a close_notify: what it sends behind it is dropped.
    private mutating func onSecuredEnd(_ c: ChannelSlot) {
        guard !channels[c].atEnd else { return }
        channels[c].atEnd = true
        onEnd(c, isBroken: false)
    }

    /// TLS cannot go on: where nothing is under way the alert that says why leaves first.
    private mutating func onSecurityFailed(_ c: ChannelSlot) {
        guard sessions[c.index].kind == .server, sessions[c.index].stage != .message else {
            return onEnd(c, isBroken: true)
        }
        counters.bump(.handshakesFailed)
        if !security[c.index].isComplete { reportHandshake(c, handshakeReason(c), .client) }
        buffers.dropAll(&channels[c].input)
        sessions[c.index].closesAfter = true
        if sessions[c.index].stage == .lingering { return }
        sessions[c.index].stage = .refused
        if channels[c].output.isEmpty { linger(c) } else { flush(c) }
    }

    /// Why the handshake of a client has failed.
    private func handshakeReason(_ c: ChannelSlot) -> LocalReason {
        switch security[c.index].connection?.verification ?? .none {
        case .none, .other, .wrongName: .clientHandshake
        case .unknownAuthority: .clientUntrusted
        case .expired, .notYetValid: .clientExpired
        }
    }

    /// One line in the log about a handshake that has failed.
    private func reportHandshake(_ c: ChannelSlot, _ reason: LocalReason, _ source: FaultSource) {
        counters.bump(fault: source)
        var record = FaultRecord(reason: reason, source: source, status: 0)
        record.isHandshake = true
        record.peer = sessions[c.index].peer
        if desk.faults.record(record) { desk.control.wake() }
    }

    // MARK: requests

    /// Whether a request on a channel may be for a listener: it is in the clear where the listener
    /// is, and where the listener wants that the server name of the connection leads to it
    /// (Gateway API, HTTPSListenerDetectMisdirectedRequests).
    mutating func isAddressed(
        _ c: ChannelSlot,
        _ listener: Int32,
        _ terms: ListenerTerms
    ) -> Bool {
        guard isSecured(c) == terms.isSecured, security[c.index].validation == terms.validation
        else {
            // What it was let in by does not hold here, or no longer: a new one is needed.
            sessions[c.index].closesAfter = true
            return false
        }
        guard terms.isSecured, terms.detectsMisdirected else { return true }
        return listener == listenerOfName(c)
    }

    /// The listener that the client's server name selects by the routes in force.
    private mutating func listenerOfName(_ c: ChannelSlot) -> Int32 {
        if security[c.index].generation != routing.generation {
            guard let connection = security[c.index].connection else { return -1 }
            security[c.index].listener = routing.listener(
                binding: binding(of: c),
                host: connection.serverName
            )
            security[c.index].generation = routing.generation
        }
        return security[c.index].listener
    }

    /// Who a client has proved to be, as origins are told; empty without a valid certificate.
    mutating func identity(of c: ChannelSlot) -> Bytes {
        guard let connection = security[c.index].connection else { return .empty }
        if let known = security[c.index].identity { return known.bytes }
        let identity = PeerIdentity(connection)
        security[c.index].identity = identity
        return identity.bytes
    }

    // MARK: origins

    /// Has a new connection to an origin speak TLS; false when there is no memory.
    ///
    /// What its output holds already goes ahead of the handshake.
    mutating func secure(_ u: ChannelSlot, _ reference: ContextReference) -> Bool {
        guard let context = contexts.context(reference, routing),
            let connection = Secured.client(context, contexts.wire)
        else { return false }
        security[u.index] = Security()
        security[u.index].connection = connection
        security[u.index].context = reference
        security[u.index].sealed = Int32(truncatingIfNeeded: channels[u].output.bytes)
        return true
    }

    /// The connection is made: the handshake begins with our ClientHello.
    mutating func beginHandshake(_ u: ChannelSlot) {
        sessions[u.index].stage = .handshake
        let opened = openInput(u)
        _ = onOpened(opened, wasComplete: false, u, channels.generation(u))
    }

    /// The handshake with an origin has failed.
    mutating func handshakeFailed(_ u: ChannelSlot) {
        endWait(u)
        counters.bump(.upstreamFailed)
        let fault: Fault =
            switch security[u.index].connection?.verification ?? .none {
            case .none, .other: .handshakeFailed
            case .unknownAuthority: .originUntrusted
            case .expired, .notYetValid: .originExpired
            case .wrongName: .originMisnamed
            }
        legFailed(streams[sessions[u.index].stream].leg, fault)
    }
}
