internal import SluiceBase
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

/// An answer of the host's own; all have one shape.
struct LocalReply: BitwiseCopyable {
    let status: UInt16
    /// A sentence behind the reason, or the whole body of another content type.
    let text: Bytes
    var contentType: Bytes?
    /// A mask of methods for the Allow field; 0 is none.
    var allow: UInt32 = 0
    var closes = false
    /// The request was HEAD: there is no body.
    var isHeadOnly = false

    init(status: UInt16, text: Bytes, closes: Bool = false) {
        self.status = status
        self.text = text
        self.closes = closes
    }

    init(_ fault: Fault) {
        self.init(status: fault.status, text: Bytes(fault.text))
    }
}

// Local replies: what the host answers itself, and how exchanges are given up.
extension Worker where P: ~Copyable {
    /// Answers an exchange from the fault table; once its reply has begun it is broken off.
    mutating func fail(_ e: ExchangeSlot, _ fault: Fault, allow: UInt32 = 0) {
        guard !exchanges[e].hasReplied else { return breakOff(e, fault) }
        counters.bump(fault.reason)
        report(e, fault, status: fault.status, isBroken: false)
        var reply = LocalReply(fault)
        reply.allow = allow
        noteCause(e, Abandonment(fault))
        cancelCall(e, Abandonment(fault))
        answer(e, reply)
    }

    /// Answers an exchange; no byte of a reply has been sent.
    mutating func answer(_ e: ExchangeSlot, _ reply: LocalReply) {
        precondition(!exchanges[e].hasReplied, "an exchange has one reply")
        let s = exchanges[e].downstream
        let c = streams[s].channel
        if !exchanges[e].leg.isNone, legs[exchanges[e].leg].call == nil {
            endLeg(exchanges[e].leg, mayKeep: false)
        }
        if !sessions[c.index].incoming.isDone { sessions[c.index].closesAfter = true }
        buffers.dropAll(&streams[s].receiving.queue)
        var reply = reply
        reply.isHeadOnly = exchanges[e].head.facts.method == .head
        if !exchanges[e].filtering.isNone {
            guard !filter(e, local: reply) else { return }
            endContent(e)
        }
        let isOld = exchanges[e].head.facts.version == 10
        reply.closes = sessions[c.index].closesAfter || isOld || isEnding(c)
        if reply.closes { sessions[c.index].closesAfter = true }
        guard transmit(reply, to: c) else { return abandon(e, .overload) }
        exchanges[e].stage = .reply
        exchanges[e].status = reply.status
        exchanges[e].repliedAt = now
        sessions[c.index].outgoingEnded = true
        flush(c)
    }

    /// Writes a local reply into the output of a channel; false when there is no memory.
    mutating func transmit(_ reply: LocalReply, to c: ChannelSlot) -> Bool {
        counters.bump(status: Int(reply.status))
        var writer = scratch.writer()
        let reason = Bytes(Status.reason(reply.status))
        let isPlain = reply.contentType == nil
        let length = isPlain ? reason.count &+ 2 &+ reply.text.count &+ 1 : reply.text.count
        writer.append("HTTP/1.1 ")
        writer.append(decimal: Int(reply.status))
        writer.append(0x20)
        writer.append(reason)
        writer.append("\r\nContent-Type: ")
        writer.append(reply.contentType ?? "text/plain; charset=utf-8")
        writer.append("\r\nContent-Length: ")
        writer.append(decimal: length)
        writer.append("\r\nDate: ")
        writer.append(dateBytes())
        if reply.status == 503 { writer.append("\r\nRetry-After: 1") }
        if reply.allow != 0 { Method.writeAllow(reply.allow, to: &writer) }
        if reply.closes { writer.append("\r\nConnection: close") }
        writer.append("\r\n\r\n")
        if !reply.isHeadOnly {
            if isPlain {
                writer.append(reason)
                writer.append(": ")
            }
            writer.append(reply.text)
            if isPlain { writer.append(0x0a) }
        }
        return transmit(head: writer, to: c)
    }

    /// Breaks off a reply that has begun, so that the client sees that it is not whole.
    mutating func breakOff(_ e: ExchangeSlot, _ fault: Fault) {
        counters.bump(brokenReply: fault.source)
        report(e, fault, status: exchanges[e].status, isBroken: true)
        abandon(e, Abandonment(fault))
    }

    /// Gives an exchange up without an answer: the client sees the connection end.
    mutating func abandon(_ e: ExchangeSlot, _ why: Abandonment) {
        if exchanges[e].stage == .tunnel { return endTunnel(e, why) }
        let c = streams[exchanges[e].downstream].channel
        noteCause(e, why)
        cancelCall(e, why)
        endCall(e, why)
        if !exchanges[e].leg.isNone { endLeg(exchanges[e].leg, mayKeep: false) }
        // Without a reset a reply that ends with the connection would pass for whole.
        let resets = exchanges[e].hasReplied && sessions[c.index].outgoing == .untilClose
        sessions[c.index].stream = .none
        free(e)
        close(c, resets: resets)
    }

    /// One line in the log about an exchange that failed; the control side writes it.
    private func report(_ e: ExchangeSlot, _ fault: Fault, status: UInt16, isBroken: Bool) {
        counters.bump(fault: fault.source)
        guard fault.isLogged else { return }
        let l = exchanges[e].leg
        let pool = routing.pool(exchanges[e].pool)
        var record = FaultRecord(reason: fault.reason, source: fault.source, status: status)
        record.isBrokenReply = isBroken
        record.route = NameCopy(buffers.routeName(exchanges[e].head))
        if let pool { record.pool = NameCopy(pool.name) }
        // The snapshot in force may have fewer endpoints than the one that the leg was made by.
        if !l.isNone, !legs[l].isService,
            Int(legs[l].endpoint.slot) < routing.endpointSlotCount
        {
            let endpoint = routing.endpoint(legs[l].endpoint.slot)
            if endpoint.generation == legs[l].endpoint.generation {
                record.endpoint = PeerAddress(socketAddress: endpoint.socketAddress)
            }
        }
        record.peer = sessions[streams[exchanges[e].downstream].channel.index].peer
        if desk.faults.record(record) { desk.control.wake() }
    }

    /// The Date of this second.
    mutating func dateBytes() -> Bytes {
        if now >= dateDue {
            dateDue = now &+ Clock.nanosecondsPerSecond / 4
            date.update(unixSecond: port.unixSecond())
        }
        return date.bytes
    }
}
