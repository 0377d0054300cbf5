internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// Reply: the origin's head is written for the client, and its content passed on.
extension Worker where P: ~Copyable {
    /// Sends an interim reply on; clients of HTTP/1.0 know none.
    mutating func sendInterim(_ e: ExchangeSlot, _ view: ResponseView) -> Bool {
        counters.bump(status: Int(view.facts.status))
        let d = streams[exchanges[e].downstream].channel
        if view.facts.status == 100 {
            exchanges[e].awaitsContinue = false
            guard exchanges[e].head.facts.fields.expectsContinue else { return true }
        }
        guard exchanges[e].head.facts.version == 11 else { return true }
        guard sendHead(e, view, .none, closes: false, isUpgrade: false) else { return false }
        flush(d)
        watch(d)
        return true
    }

    /// The final head has come, and perhaps content behind it.
    mutating func reply(
        _ e: ExchangeSlot,
        _ l: LegSlot,
        _ view: ResponseView,
        _ framing: BodyFraming
    ) {
        guard exchanges[e].filtering.isNone || !filter(e, l, reply: view) else { return }
        let d = streams[exchanges[e].downstream].channel
        let isOld = exchanges[e].head.facts.version == 10
        let outgoing: Session.Framing =
            switch framing {
            case .none: .none
            case .length: .length
            case .chunked, .untilClose: isOld ? .untilClose : .chunked
            }
        if outgoing == .untilClose || !sessions[d.index].incoming.isDone || isEnding(d) {
            // What follows a reply before the end of its request is uncertain.
            sessions[d.index].closesAfter = true
        }
        let closes = sessions[d.index].closesAfter
        if !legs[l].isService { health.answered(slot: legs[l].endpoint.slot) }
        counters.bump(status: Int(view.facts.status))
        guard sendHead(e, view, outgoing, closes: closes, isUpgrade: false) else {
            return legFailed(l, .overload)
        }
        sessions[d.index].outgoing = outgoing
        exchanges[e].stage = .reply
        exchanges[e].status = view.facts.status
        exchanges[e].repliedAt = now
        settle(e)
        settleFilters(e)
        if exchanges[e].leg == l { buffers.dropAll(&exchanges[e].replay) }
        pumpReply(e)
    }

    /// Writes a reply's head into the output of the client's channel.
    mutating func sendHead(
        _ e: ExchangeSlot,
        _ view: ResponseView,
        _ outgoing: Session.Framing,
        closes: Bool,
        isUpgrade: Bool
    ) -> Bool {
        let isOld = exchanges[e].head.facts.version == 10
        let framing: ReplyFraming =
            switch outgoing {
            case .none: isOld ? .untilClose : .same
            case .length: .same
            case .chunked: .chunked
            case .untilClose: .untilClose
            }
        var writer = scratch.writer()
        Forward.response(
            view,
            ResponseForwarding(
                closing: closes,
                framing: framing,
                date: dateBytes(),
                addsVia: addsVia,
                isUpgrade: isUpgrade,
                keepsAliveFor10: isOld && !closes
            ),
            to: &writer
        )
        return transmit(head: writer, to: streams[exchanges[e].downstream].channel)
    }

    /// Moves content of the reply on to the client; its end ends the leg.
    mutating func pumpReply(_ e: ExchangeSlot) {
        let l = exchanges[e].leg
        let s = legs[l].stream
        if streams[s].isFiltered, !passContent(e, .response) { return }
        // The head may still be with filters.
        guard exchanges[e].hasReplied else { return }
        let d = streams[exchanges[e].downstream].channel
        let isEnded = streams[s].receiving.isEnded
        guard transmit(from: s, to: d, end: isEnded) else { return legFailed(l, .overload) }
        // The leg of a service stays until its call has ended.
        if !legs[l].isService { if isEnded { endLeg(l, mayKeep: true) } else { watch(l) } }
        if channels[d].output.isEmpty, channels[d].inFlight == 0, isEnded {
            return outlivesReply(e) ? () : finish(e)
        }
        flush(d)
        watch(d)
    }

    /// The client reads on: the origin may send more.
    mutating func letOriginGoOn(_ e: ExchangeSlot) {
        let l = exchanges[e].leg
        guard !l.isNone, !legs[l].stream.isNone else { return }
        if legs[l].isService {
            letAnswerGoOn(e)
            return letServiceGoOn(e)
        }
        let u = streams[legs[l].stream].channel
        guard !channels[u].wantsReceive else { return }
        letGo(u)
        watch(l)
    }

    /// The origin reads on: the client may send more.
    mutating func letClientGoOn(_ e: ExchangeSlot) {
        let d = streams[exchanges[e].downstream].channel
        guard !channels[d].wantsReceive else { return }
        letGo(d)
        watch(d)
    }
}

// Backpressure: whoever sends faster than the other side reads is held back, by memory.
extension Worker where P: ~Copyable {
    /// Stops receiving while more is held than the limit allows.
    mutating func holdBack(_ c: ChannelSlot) {
        guard sessions[c.index].stage == .message, channels[c].wantsReceive,
            held(c) > heldMax(c)
        else { return }
        pauseReceive(c)
        rewatch(c)
    }

    /// Receives again when half of the limit is free.
    ///
    /// Requests ahead of their turn stay where they are, so that there the limit itself counts:
    /// else nobody would see the client leave.
    mutating func letGo(_ c: ChannelSlot) {
        guard !channels[c].wantsReceive else { return }
        let most = heldMax(c)
        guard held(c) <= (isAhead(c) ? most : most / 2) else { return }
        resumeReceive(c)
        rewatch(c)
    }

    private mutating func rewatch(_ c: ChannelSlot) {
        switch sessions[c.index].kind {
        case .server: watch(c)
        case .client: watch(streams[sessions[c.index].stream].leg)
        case .tunnel: break
        }
    }

    /// Memory held by bytes that came in on a channel and have not left on the other one.
    private func held(_ c: ChannelSlot) -> Int {
        let s = sessions[c.index].stream
        var held = streams[s].receiving.queue.memory &+ streams[s].arriving.queue.memory
        if sessions[c.index].incoming.isDone { held &+= channels[c].input.memory }
        let other = peer(of: c)
        return other.isNone ? held : held &+ channels[other].output.memory
    }

    /// What may be held: little where it is requests ahead of their turn, more where it is content;
    /// nothing is read ahead while buffers are scarce.
    private func heldMax(_ c: ChannelSlot) -> Int {
        if buffers.isScarce { return 0 }
        // The less is free, the less each may hold: who comes later finds something, too.
        let share = min(limits.pendingWriteBytesMax, buffers.freeBytes / Worker.shares)
        return isAhead(c) ? min(limits.receiveBufferBytes, share) : share
    }

    /// Whether what comes in are requests ahead of their turn.
    private func isAhead(_ c: ChannelSlot) -> Bool {
        sessions[c.index].kind == .server && sessions[c.index].incoming.isDone
    }

    /// What is free is shared as if so many more channels were to come.
    private static var shares: Int { 256 }

    /// The channel at the other end of a channel's exchange, or `.none`.
    func peer(of c: ChannelSlot) -> ChannelSlot {
        let e = streams[sessions[c.index].stream].exchange
        if channels[c].isUpstream { return streams[exchanges[e].downstream].channel }
        let l = exchanges[e].leg
        guard !l.isNone, !legs[l].stream.isNone else { return .none }
        return streams[legs[l].stream].channel
    }
}
