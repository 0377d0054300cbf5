internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

// HTTP/1 towards a client: requests become exchanges, one at a time; replies leave in order.
extension Worker where P: ~Copyable {
    mutating func onServerInput(_ c: ChannelSlot) {
        switch sessions[c.index].stage {
        case .proxyHeader: readProxyHeader(c)
        case .hello: readHello(c)
        case .idle, .head: readHead(c)
        case .message: readRequestBody(c)
        case .refused, .lingering: buffers.dropAll(&channels[c].input)
        case .handshake: preconditionFailure("plain bytes come behind a handshake")
        case .connecting, .kept: preconditionFailure("a stage of clients")
        }
    }

    /// The next exchange on the same channel, or the channel's end.
    mutating func next(_ c: ChannelSlot) {
        expectHead(c)
        let session = sessions[c.index]
        if session.closesAfter || drain == .closing || !isServed(c) { return linger(c) }
        guard !channels[c].input.isEmpty else {
            if channels[c].atEnd { return close(c) }
            awaitRequest(c)
            resumeReceive(c)
            return
        }
        sessions[c.index].stage = .idle
        resumeReceive(c)
        readHead(c)
    }

    /// Waits for a request on a channel without input.
    mutating func awaitRequest(_ c: ChannelSlot) {
        sessions[c.index].stage = .idle
        wait(c, .keepAlive, Limits.span(limits.keepAliveIdleNanoseconds))
    }

    /// Reads a head at the front of the input, when it is all there.
    mutating func readHead(_ c: ChannelSlot) {
        guard let bytes = contiguous(c) else { return refuse(c, .overload) }
        if sessions[c.index].stage == .idle {
            // An empty line behind a message is no request (RFC 9112 2.2).
            if bytes.equals("\r\n") || bytes.equals("\r") {
                if bytes.count == 2 { buffers.drop(2, from: &channels[c].input) }
                if channels[c].atEnd { return close(c) }
                // The time for the next request runs on.
                if channels[c].wait != .keepAlive { awaitRequest(c) }
                return
            }
            sessions[c.index].stage = .head
            wait(c, .head, Limits.span(limits.headerReadTimeoutNanoseconds))
        }
        let head = bytes.prefix(min(bytes.count, limits.headerBytesMax))
        switch requestHead.parse(head) {
        case .complete:
            begin(c, head)
        case .incomplete where bytes.count >= limits.headerBytesMax:
            refuse(c, HeadFault.headTooLarge)
        case .incomplete where channels[c].atEnd:
            close(c)
        case .incomplete:
            resumeReceive(c)
        case .faulty(let fault):
            refuse(c, fault)
        }
    }

    /// A whole head is there: an exchange begins.
    private mutating func begin(_ c: ChannelSlot, _ bytes: Bytes) {
        counters.bump(.requests)
        let keepsAlive = requestHead.facts.keepsAlive
        let expectsContinue = requestHead.facts.fields.expectsContinue
        if requestHead.facts.fields.hasExpect, !expectsContinue {
            return refuse(c, .expectation)
        }
        guard !buffers.isFull, let e = open(c, requestHead.view(of: bytes)) else {
            counters.bump(.shedMemory)
            return refuse(c, .overload)
        }
        let s = exchanges[e].downstream
        buffers.drop(requestHead.facts.length, from: &channels[c].input)
        sessions[c.index].stage = .message
        sessions[c.index].stream = s
        sessions[c.index].requests &+= 1
        sessions[c.index].incoming = Body(requestHead.facts.bodyFraming, isReply: false)
        sessions[c.index].outgoing = .none
        sessions[c.index].outgoingEnded = false
        sessions[c.index].isLastRequest = !keepsAlive
        if !keepsAlive || isLast(c) {
            sessions[c.index].closesAfter = true
        }
        endWait(c)
        readBody(c, s)
        if sessions[c.index].incoming.isDone { streams[s].receiving.isEnded = true }
        exchanges[e].awaitsContinue =
            expectsContinue && !streams[s].receiving.isEnded
            && streams[s].receiving.total == 0
        if let fault = sessions[c.index].incoming.failure(.bodyInvalid) { return fail(e, fault) }
        if channels[c].atEnd { return beginHalfClosed(c, e) }
        let isWhole = sessions[c.index].incoming.isDone
        let generation = channels.generation(c)
        route(e)
        guard !isWhole, channels.holds(c, generation), !channels[c].isClosing else { return }
        watch(c)
    }

    /// A request whose client has ended its stream already, behind this request or a later one.
    private mutating func beginHalfClosed(_ c: ChannelSlot, _ e: ExchangeSlot) {
        guard sessions[c.index].incoming.isDone else {
            counters.bump(.clientsGone)
            return abandon(e, .client)
        }
        exchanges[e].isHalfClosed = true
        let generation = channels.generation(c)
        route(e)
        guard channels.holds(c, generation), !channels[c].isClosing,
            sessions[c.index].stage == .message
        else { return }
        onServerEnd(c, isBroken: false)
    }

    /// Takes the slots of an exchange and copies the head; nil when there is no room.
    private mutating func open(_ c: ChannelSlot, _ view: RequestView) -> ExchangeSlot? {
        guard !exchanges.isFull, !streams.isFull,
            let head = buffers.keep(view)
        else { return nil }
        let e = exchanges.take(Exchange(head: head, generation: routing.generation, arrived: now))
        exchanges[e].sentBefore = channels[c].sentBytes
        exchanges[e].downstream = streams.take(Stream(channel: c, exchange: e))
        routedExchanges &+= 1
        return e
    }

    /// Whether the channel takes no exchange behind this one.
    private mutating func isLast(_ c: ChannelSlot) -> Bool {
        if isEnding(c) { return true }
        let most = limits.requestsPerConnectionMax
        return most > 0 && sessions[c.index].requests >= most
    }

    /// More of a request's body has come.
    private mutating func readRequestBody(_ c: ChannelSlot) {
        let s = sessions[c.index].stream
        let e = streams[s].exchange
        // Behind a whole request lies the next one.
        guard !sessions[c.index].incoming.isDone else { return }
        // The reply is whole already: what is left of this request is of no use.
        guard !sessions[c.index].outgoingEnded || exchanges[e].isUpgraded else {
            return buffers.dropAll(&channels[c].input)
        }
        exchanges[e].awaitsContinue = false
        readBody(c, s)
        if let fault = sessions[c.index].incoming.failure(.bodyInvalid) { return fail(e, fault) }
        let generation = channels.generation(c)
        pumpRequest(e)
        if channels.holds(c, generation), !channels[c].isClosing { watch(c) }
    }

    /// The client has ended its stream, or the connection has failed.
    mutating func onServerEnd(_ c: ChannelSlot, isBroken: Bool) {
        switch sessions[c.index].stage {
        case .lingering where !isBroken && isSecured(c) && channels[c].inFlight > 0:
            // The close_notify is on its way: cutting it off would reset the reply away.
            break
        case .proxyHeader, .hello, .handshake, .idle, .head, .lingering:
            close(c)
        case .refused:
            if isBroken { close(c) }
        case .message:
            let e = streams[sessions[c.index].stream].exchange
            if exchanges[e].isUpgraded, !isBroken { return onUpgradedEnd(c) }
            guard !isBroken, sessions[c.index].incoming.isDone, mayHalfClose(e) else {
                counters.bump(.clientsGone)
                return abandon(e, .client)
            }
            exchanges[e].isHalfClosed = true
            watch(c)
        case .connecting, .kept:
            preconditionFailure("a stage of clients")
        }
    }

    /// Whether a client that has ended its stream behind its request still gets the answer.
    private func mayHalfClose(_ e: ExchangeSlot) -> Bool {
        if exchanges[e].listener.halfClosedNanoseconds == 0 { return false }
        let l = exchanges[e].leg
        guard !l.isNone, let call = legs[l].call else { return true }
        return call.allowsHalfClose
    }

    /// Some of a reply has left.
    mutating func onServerSent(_ c: ChannelSlot) {
        switch sessions[c.index].stage {
        case .message:
            let e = streams[sessions[c.index].stream].exchange
            if channels[c].output.isEmpty, sessions[c.index].outgoingEnded {
                if !outlivesReply(e) { finish(e) }
            } else {
                watch(c)
                letOriginGoOn(e)
            }
        case .refused:
            if channels[c].output.isEmpty { linger(c) }
        case .lingering:
            if channels[c].isFinished, channels[c].atEnd { close(c) }
        case .proxyHeader, .hello, .handshake, .idle, .head:
            break
        case .connecting, .kept:
            preconditionFailure("a stage of clients")
        }
    }

    /// Whether nothing is to be expected of the client: its request is whole, it has said that it
    /// is the last one, and nothing followed.
    ///
    /// Where the host alone ends the connection, other requests may be on their way.
    func isQuiet(_ c: ChannelSlot) -> Bool {
        let session = sessions[c.index]
        return session.stage == .message && session.isLastRequest && session.incoming.isDone
            && channels[c].input.isEmpty
    }

    /// Ends a channel behind its last reply.
    ///
    /// While the client may still send, its late bytes are read and dropped, so that they do not
    /// reset the reply away (RFC 9112 9.6).
    mutating func linger(_ c: ChannelSlot) {
        let limit = Limits.span(limits.lingerNanoseconds)
        // Under TLS a client that has sent all it wants to has more to send: the end, or new keys.
        let isSilent = isQuiet(c) && !isSecured(c) || channels[c].atEnd
        let closes = limit == 0 || isSilent && !mustNotify(c)
        // The exchange is over: what leaves from here on is no part of one.
        sessions[c.index].stage = .lingering
        // What the kernel kept for it leaves with the end; under TLS the close says its end itself.
        if !closes || !isSecured(c) { finishAfterOutput(c) }
        guard !closes else { return close(c) }
        buffers.dropAll(&channels[c].input)
        wait(c, .linger, limit)
        resumeReceive(c)
    }
}

extension Worker where P: ~Copyable {
    /// Whether only a close_notify that is still to be sent makes a reply whole; at the close
    /// itself a socket that is full would lose it.
    private func mustNotify(_ c: ChannelSlot) -> Bool {
        isSecured(c) && sessions[c.index].outgoing == .untilClose
            && !security[c.index].hasSentEnd && !channels[c].isBroken
    }
}

// What cannot become an exchange.
extension Worker where P: ~Copyable {
    private mutating func refuse(_ c: ChannelSlot, _ fault: HeadFault) {
        counters.bump(.requests)
        let reason: LocalReason =
            switch fault.status {
            case 414: .requestLineTooLong
            case 431: .headTooLarge
            case 501, 505: .notSupported
            default: .badRequest
            }
        counters.bump(reason)
        refuse(c, fault.status, fault.text)
    }

    /// Answers a client that cannot have an exchange, and closes.
    mutating func refuse(_ c: ChannelSlot, _ fault: Fault) {
        counters.bump(fault.reason)
        counters.bump(fault: fault.source)
        if fault.isLogged {
            var record = FaultRecord(
                reason: fault.reason,
                source: fault.source,
                status: fault.status
            )
            record.peer = sessions[c.index].peer
            if desk.faults.record(record) { desk.control.wake() }
        }
        refuse(c, fault.status, fault.text)
    }

    /// Answers without an exchange and closes: what follows cannot be read.
    ///
    /// The request lies at the front of the input still.
    private mutating func refuse(_ c: ChannelSlot, _ status: UInt16, _ text: StaticString) {
        var reply = LocalReply(status: status, text: Bytes(text), closes: true)
        reply.isHeadOnly = beginsWithHead(c)
        buffers.dropAll(&channels[c].input)
        sessions[c.index].closesAfter = true
        sessions[c.index].stage = .refused
        guard transmit(reply, to: c) else { return close(c) }
        flush(c)
    }

    /// Whether the method at the front of the input is HEAD, whatever follows: its reply has no
    /// body (RFC 9110 9.3.2).
    private func beginsWithHead(_ c: ChannelSlot) -> Bool {
        guard !channels[c].input.isEmpty else { return false }
        let bytes = buffers.bytes(channels[c].input.first)
        // The parser skips one empty line, too (RFC 9112 2.2).
        return bytes.hasPrefix("HEAD ") || bytes.hasPrefix("\r\nHEAD ")
    }

    /// The address of the client comes first (PROXY protocol, versions 1 and 2).
    private mutating func readProxyHeader(_ c: ChannelSlot) {
        let (binding, peer) = (binding(of: c), sessions[c.index].peer)
        guard let bytes = contiguous(c), let terms = routing.proxyTerms(binding: binding) else {
            return close(c)
        }
        let isBelieved = routing.trusts(binding: binding, peer)
        // Whoever is not believed is treated as if no header had come.
        guard isBelieved else {
            return terms.isRequired ? refuseProxyHeader(c) : beginRequests(c)
        }
        switch ProxyHeader.parse(
            bytes,
            versions: ProxyHeader.Versions(rawValue: terms.versions)
        ) {
        case .incomplete:
            return
        case .none where !terms.isRequired:
            break
        case .none, .faulty:
            return refuseProxyHeader(c)
        case .complete(let length, let source, _, let isLocal):
            if !isLocal, !source.isNone {
                guard become(source, c) else { return close(c) }
            }
            buffers.drop(length, from: &channels[c].input)
        }
        beginRequests(c)
    }

    private mutating func refuseProxyHeader(_ c: ChannelSlot) {
        counters.bump(LocalReason.proxyHeader)
        close(c)
    }

    private mutating func beginRequests(_ c: ChannelSlot) {
        guard !awaitHello(c) else { return channels[c].input.isEmpty ? () : readHello(c) }
        guard !channels[c].input.isEmpty else { return awaitRequest(c) }
        sessions[c.index].stage = .idle
        readHead(c)
    }

    /// The client is `source`, and counts as such from here on; false when it has too many
    /// connections.
    private mutating func become(_ source: PeerAddress, _ c: ChannelSlot) -> Bool {
        guard !clients.isFull(source) else {
            counters.bump(.shedClient)
            return false
        }
        clients.left(sessions[c.index].peer)
        clients.came(source)
        sessions[c.index].peer = source
        return true
    }
}
