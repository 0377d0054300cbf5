internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// HTTP/1 towards an origin: one request, its interim replies and its reply, then the next.
extension Worker where P: ~Copyable {
    mutating func onClientInput(_ c: ChannelSlot) {
        // Bytes that nobody asked for: the connection is not to be trusted (RFC 9112 9.2).
        guard sessions[c.index].stage == .message else { return close(c) }
        let s = sessions[c.index].stream
        if sessions[c.index].hasHead { readReplyBody(c, s) } else { readReply(c, s) }
    }

    /// Reads a reply's head at the front of the input, when it is all there.
    private mutating func readReply(_ c: ChannelSlot, _ s: StreamSlot) {
        let l = streams[s].leg
        guard let bytes = contiguous(c) else { return legFailed(l, .overload) }
        let head = bytes.prefix(min(bytes.count, limits.headerBytesMax))
        switch responseHead.parse(head) {
        case .incomplete where bytes.count < limits.headerBytesMax:
            watch(l)
        case .incomplete, .faulty:
            legFailed(l, .upstreamInvalid)
        case .complete:
            let status = responseHead.facts.status
            if status >= 200 {
                beginReply(c, s, head)
            } else if status == 101 {
                switchProtocols(c, l, head)
            } else {
                passInterim(c, l, head)
            }
        }
    }

    /// A 1xx passes on (RFC 9110 15.2).
    private mutating func passInterim(_ c: ChannelSlot, _ l: LegSlot, _ head: Bytes) {
        let e = legs[l].exchange
        exchanges[e].interims &+= 1
        guard exchanges[e].interims <= Fault.interimsMax else {
            return legFailed(l, .upstreamInvalid)
        }
        guard sendInterim(e, responseHead.view(of: head)) else { return legFailed(l, .overload) }
        buffers.drop(responseHead.facts.length, from: &channels[c].input)
        watch(l)
        guard !channels[c].input.isEmpty else { return }
        readReply(c, sessions[c.index].stream)
    }

    /// The final head is there.
    ///
    /// What has come of the body is read first: a reply whose framing is wrong from the start can
    /// still be answered with a 502.
    private mutating func beginReply(_ c: ChannelSlot, _ s: StreamSlot, _ head: Bytes) {
        let l = streams[s].leg
        let e = legs[l].exchange
        let facts = responseHead.facts
        let framing = facts.framing(answering: exchanges[e].head.facts.method)
        let buffer = buffers.pieces[channels[c].input.first].buffer
        buffers.retain(buffer)
        buffers.drop(facts.length, from: &channels[c].input)
        sessions[c.index].hasHead = true
        sessions[c.index].incoming = Body(framing, isReply: true)
        if !facts.keepsAlive { sessions[c.index].closesAfter = true }
        readBody(c, s)
        if sessions[c.index].incoming.isDone { streams[s].entering.isEnded = true }
        if let fault = sessions[c.index].incoming.failure(.upstreamInvalid) {
            legFailed(l, fault)
        } else {
            reply(e, l, responseHead.view(of: head), framing)
        }
        buffers.release(buffer)
    }

    private mutating func readReplyBody(_ c: ChannelSlot, _ s: StreamSlot) {
        let l = streams[s].leg
        readBody(c, s)
        if let fault = sessions[c.index].incoming.failure(.upstreamBroken) {
            return legFailed(l, fault)
        }
        pumpReply(legs[l].exchange)
    }

    /// The origin has ended its stream, or the connection has failed.
    mutating func onClientEnd(_ c: ChannelSlot, isBroken: Bool) {
        if sessions[c.index].stage == .handshake { return handshakeFailed(c) }
        guard sessions[c.index].stage == .message else { return close(c) }
        let s = sessions[c.index].stream
        let l = streams[s].leg
        guard sessions[c.index].hasHead else { return legFailed(l, .upstreamClosed) }
        if !isBroken, case .untilClose = sessions[c.index].incoming {
            sessions[c.index].incoming = .none
            streams[s].entering.isEnded = true
            return pumpReply(legs[l].exchange)
        }
        // The reply is whole and waits for filters.
        if sessions[c.index].incoming.isDone, isReplyHeld(legs[l].exchange) { return }
        legFailed(l, .upstreamBroken)
    }

    mutating func onClientSent(_ c: ChannelSlot) {
        guard sessions[c.index].stage == .message else { return }
        let l = streams[sessions[c.index].stream].leg
        watch(c)
        watch(l)
        letClientGoOn(legs[l].exchange)
    }

    /// The origin takes no more of the request; it may have answered before, so its reply decides.
    mutating func onClientSendFailed(_ c: ChannelSlot) {
        if sessions[c.index].stage == .handshake { return handshakeFailed(c) }
        guard sessions[c.index].stage == .message else { return close(c) }
        sessions[c.index].closesAfter = true
        let l = streams[sessions[c.index].stream].leg
        if channels[c].atEnd { return legFailed(l, .upstreamClosed) }
        resumeReceive(c)
        watch(c)
    }

    /// Frees a channel of its leg: it is kept for the next exchange, or closed.
    mutating func endClientMessage(_ c: ChannelSlot, mayKeep: Bool, idleTimeout: UInt64) {
        let isReusable =
            mayKeep && !sessions[c.index].closesAfter && !sessions[c.index].isPrivate
            && !channels[c].atEnd && !channels[c].isBroken && sessions[c.index].hasHead
            && sessions[c.index].incoming.isDone && sessions[c.index].outgoingEnded
            && channels[c].input.isEmpty && channels[c].output.isEmpty
            && drain != .closing
        sessions[c.index].stream = .none
        let endpoint = sessions[c.index].endpoint
        guard isReusable,
            endpoints.keepIdle(
                slot: endpoint.slot,
                generation: endpoint.generation,
                connection: c.number
            )
        else { return close(c) }
        sessions[c.index].stage = .kept
        expectHead(c)
        resumeReceive(c)
        counters.bump(.upstreamIdle)
        wait(c, .kept, idleTimeout)
    }

    /// A kept channel is kept no longer.
    mutating func forgetKept(_ c: ChannelSlot) {
        endpoints.forgetIdle(c.number)
        counters.drop(.upstreamIdle)
    }
}
