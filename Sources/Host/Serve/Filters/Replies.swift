internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

// Replies: the head of a response, wherever it comes from, passes the filters that were opened, the
// last one first, before it is written. It waits in memory of the exchange.
extension Worker where P: ~Copyable {
    /// Whether a response has filters to pass.
    private func filtersReply(_ e: ExchangeSlot) -> Bool {
        let f = exchanges[e].filtering
        guard !f.isNone, !filterings[f].isBypassed, !filterings[f].response.hasBegun else {
            return false
        }
        return !repliesWanted(f, among: filterings[f].openedCount)
            .isDisjoint(with: [.response, .responseBody, .trailers])
    }

    /// What the first filters of the chain want to see.
    private func repliesWanted(_ f: FilteringSlot, among count: Int) -> FilterWants {
        var wants: FilterWants = []
        for place in 0..<count {
            let t = filterings[f].streams[place]
            guard !t.isNone, !filterStreams[t].isSkipped else { continue }
            wants.formUnion(filterStreams[t].wants)
        }
        return wants
    }

    /// The head of an origin's response goes to the filters; false: there is none that wants it.
    mutating func filter(_ e: ExchangeSlot, _ l: LegSlot, reply view: ResponseView) -> Bool {
        guard filtersReply(e) else { return false }
        begin(e, l, view, among: filterings[exchanges[e].filtering].openedCount)
        return true
    }

    /// The same of a service's.
    mutating func filter(_ e: ExchangeSlot, answer: Answer) -> Bool {
        guard filtersReply(e) else { return false }
        deadlines.clear(timer(exchanges[e].leg))
        begin(e, answer, among: filterings[exchanges[e].filtering].openedCount)
        return true
    }

    /// The same of a service's switch to another protocol, whose head is in `bytes`.
    mutating func filter(_ e: ExchangeSlot, upgrade bytes: Bytes) -> Bool {
        guard filtersReply(e), case .complete = responseHead.parse(bytes) else { return false }
        let l = exchanges[e].leg
        begin(
            e,
            l,
            responseHead.view(of: bytes),
            among: filterings[exchanges[e].filtering].openedCount
        )
        return true
    }

    /// The same of the host's own, whose content is then that of a leg without an origin.
    ///
    /// What the exchange had is over.
    mutating func filter(_ e: ExchangeSlot, local reply: LocalReply) -> Bool {
        guard filtersReply(e) else { return false }
        endContent(e)
        guard let l = replyLeg(e) else { return false }
        let isPlain = reply.contentType == nil
        let reason = Bytes(Status.reason(reply.status))
        var body = scratch.writer(from: Buffers.largeBytes)
        if isPlain {
            body.append(reason)
            body.append(": ")
        }
        body.append(reply.text)
        if isPlain { body.append(0x0a) }
        var writer = scratch.writer()
        writer.append("HTTP/1.1 ")
        writer.append(decimal: Int(reply.status))
        writer.append(0x20)
        writer.append(reason)
        writer.append("\r\nContent-Type: ")
        writer.append(reply.contentType ?? "text/plain; charset=utf-8")
        writer.append("\r\nContent-Length: ")
        writer.append(decimal: body.count)
        if reply.status == 503 { writer.append("\r\nRetry-After: 1") }
        if reply.allow != 0 { Method.writeAllow(reply.allow, to: &writer) }
        writer.append("\r\n\r\n")
        let s = legs[l].stream
        guard !writer.overflowed, !body.overflowed,
            case .complete = responseHead.parse(writer.bytes),
            reply.isHeadOnly
                || buffers.append(copy: body.bytes, to: &streams[s].receiving.queue)
        else { return false }
        streams[s].receiving.isEnded = true
        begin(
            e,
            l,
            responseHead.view(of: writer.bytes),
            among: filterings[exchanges[e].filtering].openedCount
        )
        return true
    }

    /// The head begins its way through the first `count` filters of the chain.
    private mutating func begin(
        _ e: ExchangeSlot,
        _ l: LegSlot,
        _ view: ResponseView,
        among count: Int
    ) {
        let f = exchanges[e].filtering
        filterings[f].response.hasBegun = true
        guard let kept = buffers.keep(view) else {
            filterings[f].isBypassed = true
            return legFailed(l, .overload)
        }
        filterings[f].reply = kept
        filterings[f].response.count = count
        deadlines.clear(timer(l))
        let s = legs[l].stream
        let framing = view.facts.framing(answering: exchanges[e].head.facts.method)
        let wants = repliesWanted(f, among: count)
        filterings[f].response.hasContent = !framing.isNone
        if !framing.isNone, !wants.isDisjoint(with: [.responseBody, .trailers]) {
            streams[s].divert()
        }
        let generation = exchanges.generation(e)
        passReplyHead(e)
        guard isHeld(f, .response, e, generation), !exchanges[e].leg.isNone else { return }
        _ = passContent(e, .response)
    }

    /// Writes the head of an answer of a plugin, and begins its way; its content follows.
    private mutating func begin(_ e: ExchangeSlot, _ answer: Answer, among count: Int) {
        let l = exchanges[e].leg
        let isWhole = answer.kind == .response
        let status = UInt16(truncatingIfNeeded: answer.status)
        let hasBody = status != 204 && status != 304
        var writer = scratch.writer()
        writer.append("HTTP/1.1 ")
        writer.append(decimal: answer.status)
        writer.append(0x20)
        writer.append(Bytes(Status.reason(status)))
        writer.append("\r\n")
        writer.append(answer.headers)
        if hasBody, isWhole {
            writer.append("Content-Length: ")
            writer.append(decimal: answer.body.count)
            writer.append("\r\n")
        } else if hasBody {
            writer.append("Transfer-Encoding: chunked\r\n")
        }
        writer.append("\r\n")
        let s = legs[l].stream
        guard buffers.mayHoldForeign(answer.body.count), !writer.overflowed,
            writer.count <= limits.headerBytesMax,
            case .complete = responseHead.parse(writer.bytes)
        else {
            answer.recycle()
            return failFilters(e, .overload)
        }
        if isWhole, hasBody, !answer.body.isEmpty, exchanges[e].head.facts.method != .head {
            guard buffers.append(foreign: answer, to: &streams[s].receiving.queue) else {
                answer.recycle()
                return failFilters(e, .overload)
            }
        } else {
            answer.recycle()
        }
        streams[s].receiving.isEnded = isWhole
        begin(e, l, responseHead.view(of: writer.bytes), among: count)
    }

    /// The head goes on to the filters that have not had it, then to the client.
    mutating func passReplyHead(_ e: ExchangeSlot) {
        let f = exchanges[e].filtering
        while filterings[f].response.head < filterings[f].response.count {
            switch giveReply(e, f, filter(f, .response, filterings[f].response.head)) {
            case .passes: filterings[f].response.head &+= 1
            case .stays, .over: return
            }
        }
        filterings[f].response.hasHeadPassed = true
        guard passContent(e, .response) else { return }
        guard settleReplyLength(e, f) else { return failFilters(e, .serviceFailed) }
        let l = exchanges[e].leg
        let reply = filterings[f].reply
        filterings[f].reply = .none
        let view = buffers.view(reply)
        if view.facts.status == 101 {
            if legs[l].isService { beginUpgrade(e, view.text) } else { beginTunnel(e, l, view) }
        } else {
            self.reply(e, l, view, view.facts.framing(answering: exchanges[e].head.facts.method))
        }
        buffers.release(reply.buffer)
    }

    private mutating func giveReply(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot
    ) -> FilterStep {
        guard !t.isNone, !filterStreams[t].isSkipped, filterStreams[t].wants.contains(.response),
            let frame = filters.frame(worker: index)
        else { return .passes }
        let view = buffers.view(filterings[f].reply)
        let s = contentStream(e, .response)
        let framing = view.facts.framing(answering: exchanges[e].head.facts.method)
        enter(frame, t, e, f)
        frame.permit(.response, head: true, body: false)
        let flow = filters.response(
            filterStreams[t].call,
            status: Int(view.facts.status),
            FilterHead(text: view.text, fields: view.fields),
            isEnd: framing.isNone || streams[s].isEmptyAndEnded,
            frame
        )
        frame.end()
        return conclude(e, f, t, .response, flow, frame, isHead: true)
    }

    /// Content that a filter has let go of goes on to the client.
    mutating func pumpHeldReply(_ e: ExchangeSlot) {
        guard !exchanges[e].leg.isNone else { return }
        pumpReply(e)
    }

    /// A leg without an origin, for a response that the host or a filter makes; nil when there is
    /// no room.
    ///
    /// The call of a service keeps its leg until the exchange ends, so that one is used.
    private mutating func replyLeg(_ e: ExchangeSlot) -> LegSlot? {
        let known = exchanges[e].leg
        if !known.isNone {
            let s = legs[known].stream
            dropFlow(s)
            streams[s].clear()
            return known
        }
        var leg = Leg(exchange: e)
        leg.isService = true
        let l = legs.take(leg)
        guard !l.isNone else { return nil }
        exchanges[e].leg = l
        var stream = Stream(channel: .none, exchange: e)
        stream.leg = l
        legs[l].stream = streams.take(stream)
        precondition(!legs[l].stream.isNone, "two streams for each exchange")
        return l
    }

    /// Content of either side goes nowhere any more: filters hold none of it.
    mutating func endContent(_ e: ExchangeSlot) {
        let f = exchanges[e].filtering
        guard !f.isNone else { return }
        for place in 0..<filterings[f].openedCount {
            let t = filterings[f].streams[place]
            guard !t.isNone else { continue }
            buffers.dropAll(&filterStreams[t].request.held)
            buffers.dropAll(&filterStreams[t].response.held)
            filterStreams[t].request = FilterPart()
            filterStreams[t].response = FilterPart()
            services.exchanges.show(filterStreams[t].call.id, [])
        }
        filterings[f].request.heldBytes = 0
        filterings[f].response = Passage()
        dropReply(f)
        limitHolds(e, f)
        let s = exchanges[e].downstream
        dropFlow(s)
        streams[s].endFiltering()
    }

    func dropReply(_ f: FilteringSlot) {
        guard !filterings[f].reply.buffer.isNone else { return }
        buffers.release(filterings[f].reply.buffer)
        filterings[f].reply = .none
    }
}

// What filters answer themselves: their response passes the filters before them.
extension Worker where P: ~Copyable {
    mutating func take(filtered answer: Answer) {
        let t = FilterStreamSlot(number: Int32(truncatingIfNeeded: RequestID.filter(answer.id)))
        guard services.exchanges.isCurrent(answer.id), filterStreams.isTaken(t),
            filterStreams[t].call.id == answer.id
        else { return answer.recycle() }
        let e = filterStreams[t].exchange
        let f = exchanges[e].filtering
        switch answer.kind {
        case .response, .head:
            guard mayAnswer(e, f, t) else { return answer.recycle() }
            answerFrom(e, f, t, answer)
        case .piece:
            guard filterings[f].answerer == answer.id else { return answer.recycle() }
            filterings[f].came &+= UInt64(answer.body.count)
            put(e, piece: answer)
        case .interim:
            if !exchanges[e].hasReplied { sendInterim(e, answer) }
            filters.earn(answer.id, answer.chargedBytes)
            answer.recycle()
        case .deadline:
            limit(e, until: answer.deadline)
            answer.recycle()
        case .abort:
            answer.recycle()
            failFilters(e, .serviceBroken)
        case .switching, .forward, .taken, .declined, .failed, .unavailable:
            answer.recycle()
        }
    }

    /// Whether an answer of a filter is not too late: no other has begun, and the response of
    /// another has not passed this filter.
    private func mayAnswer(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot
    ) -> Bool {
        guard !exchanges[e].hasReplied, filterings[f].answerer == 0, !filterings[f].isBypassed
        else { return false }
        let passage = filterings[f].response
        return !passage.hasBegun
            || !passage.hasHeadPassed && position(t, f, .response) >= passage.head
    }

    private mutating func answerFrom(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        _ answer: Answer
    ) {
        filterings[f].answerer = answer.id
        cancelCall(e, .plugin)
        let l = exchanges[e].leg
        if !l.isNone, legs[l].call == nil { endLeg(l, mayKeep: false) }
        endContent(e)
        let c = streams[exchanges[e].downstream].channel
        if !sessions[c.index].incoming.isDone { sessions[c.index].closesAfter = true }
        guard replyLeg(e) != nil else {
            answer.recycle()
            return failFilters(e, .overload)
        }
        begin(e, answer, among: filterStreams[t].place)
    }

    /// A piece of a streamed answer of a filter.
    private mutating func put(_ e: ExchangeSlot, piece answer: Answer) {
        let isLast = answer.isLast
        let s = legs[exchanges[e].leg].stream
        if isLast, !answer.headers.isEmpty, !keepTrailers(answer, s) {
            answer.recycle()
            return failFilters(e, .overload)
        }
        if answer.body.isEmpty || exchanges[e].head.facts.method == .head {
            answer.recycle()
        } else {
            guard buffers.mayHoldForeign(answer.body.count),
                buffers.append(foreign: answer, to: &streams[s].entering.queue)
            else {
                answer.recycle()
                return failFilters(e, .overload)
            }
        }
        streams[s].entering.isEnded = isLast
        let generation = exchanges.generation(e)
        pumpReply(e)
        if exchanges.holds(e, generation) { letAnswerGoOn(e) }
    }

    /// Gives a filter credit for what the client has been sent of its streamed answer.
    mutating func letAnswerGoOn(_ e: ExchangeSlot) {
        let f = exchanges[e].filtering
        guard !f.isNone, filterings[f].answerer != 0, !exchanges[e].leg.isNone else { return }
        let waiting = waitingBytes(e)
        let came = filterings[f].came
        let gone = came &- min(came, UInt64(waiting))
        guard gone > filterings[f].credited else { return }
        let more = gone &- filterings[f].credited
        filterings[f].credited = gone
        filters.earn(filterings[f].answerer, Int(more))
    }

    /// Bytes of a reply that have come and have not left.
    func waitingBytes(_ e: ExchangeSlot) -> Int {
        let s = legs[exchanges[e].leg].stream
        let c = streams[exchanges[e].downstream].channel
        let f = exchanges[e].filtering
        let held = f.isNone ? 0 : filterings[f].response.heldBytes
        return channels[c].output.bytes &+ streams[s].receiving.queue.bytes
            &+ streams[s].arriving.queue.bytes &+ held
    }
}

extension BodyFraming {
    /// No content follows the head.
    var isNone: Bool { if case .none = self { true } else { false } }
}
