internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// A tunnel: after an upgrade both channels carry bytes that nobody frames (RFC 9110 7.8).
//
// It holds neither head nor route, so a change of routes does not touch it and it keeps no memory
// but the bytes on their way.
extension Worker where P: ~Copyable {
    /// The origin has agreed to the upgrade; a switch that nobody asked for is an invalid reply.
    mutating func switchProtocols(_ u: ChannelSlot, _ l: LegSlot, _ head: Bytes) {
        let e = legs[l].exchange
        let view = responseHead.view(of: head)
        guard exchanges[e].head.facts.isWebSocketUpgrade, view.facts.isWebSocketUpgrade else {
            return legFailed(l, .upstreamInvalid)
        }
        // What follows the head is raw: it waits until the head has left.
        let buffer = buffers.pieces[channels[u].input.first].buffer
        buffers.retain(buffer)
        buffers.drop(responseHead.facts.length, from: &channels[u].input)
        sessions[u.index].hasHead = true
        sessions[u.index].incoming = .none
        if exchanges[e].filtering.isNone || !filter(e, l, reply: view) {
            beginTunnel(e, l, view)
        }
        buffers.release(buffer)
    }

    /// The head of the switch leaves, and both channels become raw.
    ///
    /// Filters see the head and no bytes behind it: they are closed.
    mutating func beginTunnel(_ e: ExchangeSlot, _ l: LegSlot, _ view: ResponseView) {
        let s = exchanges[e].downstream
        let d = streams[s].channel
        let u = streams[legs[l].stream].channel
        guard sendHead(e, view, .none, closes: false, isUpgrade: true) else {
            return legFailed(l, .overload)
        }
        health.answered(slot: legs[l].endpoint.slot)
        counters.bump(status: 101)
        counters.bump(.tunnels)
        counters.bump(.tunnelsActive)
        settle(e)
        exchanges[e].stage = .tunnel
        endFilters(e)
        dropHead(e)
        exchanges[e].deadline = Clock.never
        deadlines.clear(timer(l))
        enter(d)
        enter(u)
        touchTunnel(e)
        pass(from: u, to: d)
        pass(from: d, to: u)
        flush(d)
        flush(u)
        if channels[d].atEnd { finishAfterOutput(u) }
        if channels[u].atEnd { finishAfterOutput(d) }
        resumeReceive(d)
        resumeReceive(u)
    }

    private mutating func enter(_ c: ChannelSlot) {
        sessions[c.index].kind = .tunnel
        sessions[c.index].incoming = .none
        sessions[c.index].outgoing = .none
        sessions[c.index].stage = .message
        endWait(c)
    }

    mutating func onTunnelInput(_ c: ChannelSlot) {
        let e = streams[sessions[c.index].stream].exchange
        let other = peer(of: c)
        touchTunnel(e)
        pass(from: c, to: other)
        flush(other)
    }

    private mutating func pass(from source: ChannelSlot, to target: ChannelSlot) {
        guard !channels[source].input.isEmpty else { return }
        let count = channels[source].input.bytes
        if channels[target].isBroken { return buffers.dropAll(&channels[source].input) }
        // What cannot be moved stays in the input, and holds its sender back.
        _ = buffers.move(count, from: &channels[source].input, to: &channels[target].output)
    }

    /// One side has ended its stream: the end is passed on behind the bytes that are on their way,
    /// and the other side may go on sending.
    mutating func onTunnelEnd(_ c: ChannelSlot, isBroken: Bool) {
        let e = streams[sessions[c.index].stream].exchange
        if isBroken { return endTunnel(e, channels[c].isUpstream ? .upstream : .client) }
        let other = peer(of: c)
        finishAfterOutput(other)
        if channels[other].atEnd { endTunnelWhenEmpty(e) }
    }

    mutating func onTunnelSent(_ c: ChannelSlot) {
        let e = streams[sessions[c.index].stream].exchange
        let other = peer(of: c)
        touchTunnel(e)
        if !channels[other].input.isEmpty {
            pass(from: other, to: c)
            flush(c)
        }
        letGo(other)
        if channels[c].atEnd, channels[other].atEnd { endTunnelWhenEmpty(e) }
    }

    /// Both sides have ended their streams: the tunnel ends when the last bytes have left.
    private mutating func endTunnelWhenEmpty(_ e: ExchangeSlot) {
        let d = streams[exchanges[e].downstream].channel
        let u = peer(of: d)
        guard channels[d].output.isEmpty, channels[u].output.isEmpty else { return }
        endTunnel(e, nil)
    }

    private mutating func touchTunnel(_ e: ExchangeSlot) {
        deadlines.set(after(Limits.span(limits.tunnelIdleNanoseconds)), timer(e))
    }

    /// Ends a tunnel; `cause` is nil when both sides have ended it.
    mutating func endTunnel(_ e: ExchangeSlot, _ cause: Abandonment?) {
        counters.drop(.tunnelsActive)
        let d = streams[exchanges[e].downstream].channel
        let l = exchanges[e].leg
        let u = streams[legs[l].stream].channel
        channels[u].resets = cause != nil
        if let cause { cancelCall(e, cause) }
        endCall(e, cause)
        endLeg(l, mayKeep: false)
        sessions[d.index].stream = .none
        free(e)
        // A side that is cut off sees a reset, so that it does not take the stream for whole.
        close(d, resets: cause != nil)
        precondition(u != d, "a tunnel has two channels")
    }
}
