internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

// ServiceReply: what a plugin answers, whole or piece by piece, becomes the client's reply, and
// what has left of it becomes credit for more.
extension Worker where P: ~Copyable {
    /// Something has come of a plugin, from its lane or its threads, or from an inline service.
    mutating func take(_ answer: Answer) {
        guard !RequestID.isFilter(answer.id) else { return take(filtered: answer) }
        let e = ExchangeSlot(number: Int32(truncatingIfNeeded: answer.slot))
        guard services.exchanges.isCurrent(answer.id), awaits(answer.kind, e) else {
            return answer.recycle()
        }
        let l = exchanges[e].leg
        switch answer.kind {
        case .response:
            legs[l].call?.isOver = true
            return reply(e, answer)
        case .head:
            legs[l].call?.isAnswering = true
            return reply(e, answer)
        case .piece:
            return takePiece(e, answer)
        case .switching:
            legs[l].call?.isAnswering = true
            return upgrade(e, answer)
        case .forward:
            return forward(e, answer)
        case .interim:
            sendInterim(e, answer)
        case .deadline:
            limit(e, until: answer.deadline)
        case .taken:
            legs[l].call?.isFed = false
            // It has seen the head and wants the body.
            if exchanges[e].awaitsContinue { sendContinue(e) }
            feedPieces(e)
        case .abort, .declined, .failed, .unavailable:
            legs[l].call?.isOver = true
            // It is the plugin's own doing: it needs no notice.
            legs[l].call?.cancelled = .plugin
            fail(e, answer.kind.fault)
        }
        if answer.chargedBytes > 0, let call = legs[l].call?.call {
            services.earn(call, answer.chargedBytes)
        }
        answer.recycle()
    }

    /// Sends an interim reply of a plugin; clients of HTTP/1.0 know none.
    mutating func sendInterim(_ e: ExchangeSlot, _ answer: Answer) {
        guard exchanges[e].head.facts.version == 11, exchanges[e].interims < Fault.interimsMax
        else {
            return
        }
        exchanges[e].interims &+= 1
        let c = streams[exchanges[e].downstream].channel
        counters.bump(status: answer.status)
        var writer = scratch.writer()
        startHead(answer, &writer)
        writer.append("\r\n")
        // One for which there is no memory is lost; the reply itself is not.
        if transmit(head: writer, to: c) { flush(c) }
    }

    private func startHead(_ answer: Answer, _ writer: inout ByteWriter) {
        writer.append("HTTP/1.1 ")
        writer.append(decimal: answer.status)
        writer.append(0x20)
        writer.append(Bytes(Status.reason(UInt16(truncatingIfNeeded: answer.status))))
        writer.append("\r\n")
        writer.append(answer.headers)
    }

    private func awaits(_ kind: Answer.Kind, _ e: ExchangeSlot) -> Bool {
        let l = exchanges[e].leg
        guard !l.isNone, let state = legs[l].call, !state.isOver else { return false }
        switch kind {
        case .response, .head, .switching, .interim, .forward, .declined, .failed, .unavailable:
            return !exchanges[e].hasReplied
        case .piece: return state.isAnswering
        case .taken: return state.isStreamed && state.isFed
        case .abort, .deadline: return true
        }
    }

    /// Writes the head, of an answer that is whole or of one whose body follows in pieces.
    private mutating func reply(_ e: ExchangeSlot, _ answer: Answer) {
        let isWhole = answer.kind == .response
        guard exchanges[e].filtering.isNone || !filter(e, answer: answer) else { return }
        guard buffers.mayHoldForeign(answer.body.count) else {
            answer.recycle()
            return fail(e, .overload)
        }
        let l = exchanges[e].leg
        deadlines.clear(timer(l))
        let c = streams[exchanges[e].downstream].channel
        let status = UInt16(truncatingIfNeeded: answer.status)
        let hasBody = status != 204 && status != 304
        let isOld = exchanges[e].head.facts.version == 10
        if !sessions[c.index].incoming.isDone || isOld || isEnding(c) {
            sessions[c.index].closesAfter = true
        }
        var writer = scratch.writer()
        startHead(answer, &writer)
        if hasBody, isWhole {
            writer.append("Content-Length: ")
            writer.append(decimal: answer.body.count)
            writer.append("\r\n")
        } else if hasBody, !isOld {
            writer.append("Transfer-Encoding: chunked\r\n")
        }
        writer.append("Date: ")
        writer.append(dateBytes())
        if addsVia { writer.append("\r\nVia: 1.1 sluice") }
        if sessions[c.index].closesAfter { writer.append("\r\nConnection: close") }
        writer.append("\r\n\r\n")
        counters.bump(status: answer.status)
        guard transmit(head: writer, to: c) else {
            answer.recycle()
            return abandon(e, .overload)
        }
        let sendsBody = hasBody && exchanges[e].head.facts.method != .head
        sessions[c.index].outgoing =
            !sendsBody ? .none : isWhole ? .length : isOld ? .untilClose : .chunked
        exchanges[e].stage = .reply
        exchanges[e].status = status
        exchanges[e].repliedAt = now
        settle(e)
        guard isWhole else {
            answer.recycle()
            watchService(e)
            return pumpReply(e)
        }
        put(e, answer, isLast: true)
    }

    private mutating func takePiece(_ e: ExchangeSlot, _ answer: Answer) {
        legs[exchanges[e].leg].call?.came &+= UInt64(answer.body.count)
        if answer.isLast { legs[exchanges[e].leg].call?.isOver = true }
        guard buffers.mayHoldForeign(answer.body.count) else {
            answer.recycle()
            return fail(e, .overload)
        }
        put(e, answer, isLast: answer.isLast)
    }

    /// Puts the body of an answer into the stream; its memory is given back with its last byte.
    private mutating func put(_ e: ExchangeSlot, _ answer: Answer, isLast: Bool) {
        let s = legs[exchanges[e].leg].stream
        if isLast, answer.kind == .piece, !answer.headers.isEmpty, !keepTrailers(answer, s) {
            answer.recycle()
            return fail(e, .overload)
        }
        if answer.body.isEmpty {
            answer.recycle()
        } else if !buffers.append(foreign: answer, to: &streams[s].entering.queue) {
            answer.recycle()
            return fail(e, .overload)
        }
        streams[s].entering.isEnded = isLast
        let generation = channels.generation(streams[exchanges[e].downstream].channel)
        let c = streams[exchanges[e].downstream].channel
        pumpReply(e)
        guard channels.holds(c, generation), !channels[c].isClosing, !isLast else { return }
        letServiceGoOn(e)
    }

    /// Keeps the trailer section of an answer; false when there is no memory.
    mutating func keepTrailers(_ answer: Answer, _ s: StreamSlot) -> Bool {
        buffers.append(copy: answer.headers, to: &streams[s].entering.trailers)
            && buffers.append(copy: "\r\n", to: &streams[s].entering.trailers)
    }

    /// Sets how long the plugin may write nothing of an answer that it has begun, while there is
    /// room for it.
    private mutating func watchService(_ e: ExchangeSlot) {
        let l = exchanges[e].leg
        guard let state = legs[l].call, state.isAnswering, !state.isOver,
            state.times.idle != Clock.never
        else { return }
        if exchanges[e].isUpgraded { return touchUpgraded(e) }
        deadlines.set(
            state.came == state.credited ? after(state.times.idle) : Clock.never,
            timer(l)
        )
    }

    /// Gives credit for what the client has been sent of a streamed answer.
    mutating func letServiceGoOn(_ e: ExchangeSlot) {
        let l = exchanges[e].leg
        guard let state = legs[l].call, state.isAnswering, !state.isOver else { return }
        let waiting = waitingBytes(e)
        let gone = state.came &- min(state.came, UInt64(waiting))
        guard gone > state.credited else { return watchService(e) }
        legs[l].call?.credited = gone
        watchService(e)
        services.earn(state.call, Int(gone &- state.credited))
    }
}

extension Answer.Kind {
    /// What an exchange ends with that gets no answer.
    fileprivate var fault: Fault {
        switch self {
        case .declined: .serviceNotFound
        case .unavailable: .serviceUnavailable
        case .abort: .serviceBroken
        case .response, .head, .piece, .interim, .switching, .deadline, .forward, .taken, .failed:
            .serviceFailed
        }
    }
}
