internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceTelemetry

// Upgrade: a plugin has agreed to another protocol, and raw bytes pass between it and the client
// (RFC 9110 7.8). They go the way of a streamed body and a streamed answer that nobody frames;
// either side may end its own and go on to read. As in a tunnel only silence counts.
extension Worker where P: ~Copyable {
    mutating func upgrade(_ e: ExchangeSlot, _ answer: Answer) {
        var writer = scratch.writer()
        writer.append("HTTP/1.1 101 Switching Protocols\r\n")
        writer.append(answer.headers)
        writer.append("Connection: Upgrade\r\n\r\n")
        answer.recycle()
        guard !writer.overflowed else { return abandon(e, .overload) }
        guard exchanges[e].filtering.isNone || !filter(e, upgrade: writer.bytes) else { return }
        beginUpgrade(e, writer.bytes)
    }

    /// The head of the switch leaves; filters see it and no bytes behind it.
    mutating func beginUpgrade(_ e: ExchangeSlot, _ head: Bytes) {
        let s = exchanges[e].downstream
        let c = streams[s].channel
        let l = exchanges[e].leg
        counters.bump(status: 101)
        counters.bump(.tunnels)
        counters.bump(.tunnelsActive)
        exchanges[e].stage = .reply
        exchanges[e].status = 101
        exchanges[e].repliedAt = now
        settle(e)
        guard buffers.append(copy: head, to: &channels[c].output) else {
            return abandon(e, .overload)
        }
        endFilters(e)
        dropHead(e)
        sessions[c.index].closesAfter = true
        sessions[c.index].outgoing = .untilClose
        sessions[c.index].incoming = .untilClose
        streams[s].receiving.isEnded = false
        streams[s].receiving.total = 0
        legs[l].call?.isStreamed = true
        // What the route allows is about requests; what the mount allows holds on.
        let total = legs[l].call?.times.total ?? Clock.never
        exchanges[e].deadline = after(total)
        deadlines.clear(timer(l))
        touchUpgraded(e)
        let generation = channels.generation(c)
        readBody(c, s)
        if channels[c].atEnd { endUpgradedInput(c) }
        feed(e)
        guard channels.holds(c, generation), !channels[c].isClosing, sessions[c.index].stream == s
        else { return }
        pumpReply(e)
        resumeReceive(c)
    }

    /// The client has ended its side.
    mutating func onUpgradedEnd(_ c: ChannelSlot) {
        let e = streams[sessions[c.index].stream].exchange
        endUpgradedInput(c)
        feed(e)
        if sessions[c.index].outgoingEnded, channels[c].output.isEmpty, channels[c].inFlight == 0 {
            finish(e)
        }
    }

    private mutating func endUpgradedInput(_ c: ChannelSlot) {
        sessions[c.index].incoming = .none
        streams[sessions[c.index].stream].receiving.isEnded = true
    }

    /// Whether the exchange goes on behind the end of the plugin's side, for what the client sends.
    mutating func outlivesReply(_ e: ExchangeSlot) -> Bool {
        let s = exchanges[e].downstream
        guard exchanges[e].isUpgraded, !streams[s].receiving.isEnded else { return false }
        finishAfterOutput(streams[s].channel)
        return true
    }

    /// Bytes have passed in either direction.
    mutating func touchUpgraded(_ e: ExchangeSlot) {
        guard exchanges[e].isUpgraded else { return }
        let idle = legs[exchanges[e].leg].call?.times.idle ?? Clock.never
        let limit = idle == Clock.never ? Limits.span(limits.tunnelIdleNanoseconds) : idle
        deadlines.set(min(exchanges[e].deadline, after(limit)), timer(e))
    }
}
