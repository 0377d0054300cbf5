internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

/// Where the call of a plugin's service stands.
struct CallState: BitwiseCopyable {
    let call: ServiceCall
    /// Bytes of a request body; beyond it: 413.
    let bodyBytesMax: Int
    let times: MountTimes
    /// A client that has ended its stream behind the request does not cancel it.
    let allowsHalfClose: Bool
    /// The body goes to the plugin in pieces, behind the head.
    let isStreamed: Bool
    /// It was sent to the plugin.
    var isMade = false
    /// The plugin has the call or a piece of the body, and has not taken it: one at a time.
    var isFed = false
    /// It was given the end of the body.
    var isFedWhole = false
    /// It has begun an answer that comes in pieces.
    var isAnswering = false
    /// The plugin has answered, or will not be listened to.
    var isOver = false
    /// Bytes of the request that it was given.
    var given = 0
    /// Bytes of its answer that have come, and those of them that it was given credit for.
    var came: UInt64 = 0
    var credited: UInt64 = 0
    /// Why it was cancelled, or that the plugin gave it up.
    var cancelled: Abandonment?
}

// Service: a plugin answers, on its lane or inline on this worker. Its stream has no channel: what
// it sends waits there like the content of an origin, in the plugin's memory. The call ends with
// the exchange: `done` comes after the last byte of the reply, with what the client was sent.
extension Worker where P: ~Copyable {
    mutating func serve(_ e: ExchangeSlot, _ service: UInt16) {
        exchanges[e].stage = .service
        let view = buffers.view(exchanges[e].head)
        let facts = exchanges[e].head.facts
        switch services.admit(service, method: facts.method.rawValue, path: view.path) {
        case .notFound: fail(e, .serviceNotFound)
        case .methodNotAllowed(let allow): fail(e, .methodNotAllowed, allow: allow)
        case .unavailable: fail(e, .serviceUnavailable)
        case .full: fail(e, .serviceFull)
        case .mount(let terms):
            let s = exchanges[e].downstream
            guard !facts.hasBody || terms.body != .none,
                facts.fields.contentLength <= Int64(terms.bodyBytesMax),
                streams[s].receiving.total <= UInt64(terms.bodyBytesMax)
            else { return fail(e, .bodyTooLarge) }
            prepare(e, service, terms)
        }
    }

    private mutating func prepare(_ e: ExchangeSlot, _ service: UInt16, _ terms: MountTerms) {
        var leg = Leg(exchange: e)
        leg.isService = true
        let l = legs.take(leg)
        guard !l.isNone else { return fail(e, .overload) }
        exchanges[e].leg = l
        var stream = Stream(channel: .none, exchange: e)
        stream.leg = l
        legs[l].stream = streams.take(stream)
        precondition(!legs[l].stream.isNone, "two streams for each exchange")
        let id = services.exchanges.open(worker: index, slot: e.index)
        guard let call = services.prepare(service, mount: terms.index, id: id) else {
            services.exchanges.close(id)
            return fail(e, .serviceFull)
        }
        counters.bump(.serviceCalls)
        counters.bump(.serviceActive)
        legs[l].call = CallState(
            call: call,
            bodyBytesMax: terms.bodyBytesMax,
            times: terms.times,
            allowsHalfClose: terms.allowsHalfClose,
            isStreamed: terms.body == .stream && exchanges[e].head.facts.hasBody
        )
        let view = buffers.view(exchanges[e].head)
        for place in 0..<view.facts.fields.count {
            let field = view.fields[place]
            guard
                call.add(
                    name: field.nameBytes(in: view.text),
                    value: field.value(in: view.text)
                )
            else { return fail(e, .overload) }
        }
        let request = describe(e, view)
        let isStreamed = legs[l].call?.isStreamed ?? false
        let expected =
            isStreamed ? 0 : min(Int(max(0, request.contentLength)), terms.bodyBytesMax)
        services.describe(call, request, expecting: expected, isStreamed: isStreamed)
        if isStreamed { return make(e) }
        if exchanges[e].awaitsContinue { sendContinue(e) }
        feed(e)
    }

    private mutating func describe(_ e: ExchangeSlot, _ view: RequestView) -> ServiceRequest {
        let facts = view.facts
        var request = ServiceRequest(
            method: facts.method.rawValue,
            methodName: view.method,
            authority: view.host,
            path: view.path
        )
        if facts.queryStart >= 0 { request.query = view.query }
        request.contentLength = facts.fields.isChunked ? -1 : facts.fields.contentLength
        request.httpVersion = UInt32(facts.version)
        request.awaitsContinue = exchanges[e].awaitsContinue
        var peer = scratch.writer()
        sessions[streams[exchanges[e].downstream].channel.index].peer.write(to: &peer)
        request.peer = peer.bytes
        request.route = buffers.routeName(exchanges[e].head)
        request.arrivedNanoseconds = exchanges[e].arrived
        let limit = legs[exchanges[e].leg].call?.times.head ?? Clock.never
        let deadline = min(exchanges[e].deadline, after(limit))
        request.deadlineNanoseconds = deadline == Clock.never ? 0 : deadline
        return request
    }

    /// The client waits for leave to send its body, and the mount takes bodies.
    private mutating func sendContinue(_ e: ExchangeSlot) {
        exchanges[e].awaitsContinue = false
        let c = streams[exchanges[e].downstream].channel
        counters.bump(status: 100)
        // Without memory the client goes on by itself after a while (RFC 9110 10.1.1).
        if buffers.append(copy: "HTTP/1.1 100 Continue\r\n\r\n", to: &channels[c].output) {
            flush(c)
        }
    }

    /// Makes the call: it is the plugin's turn.
    private mutating func make(_ e: ExchangeSlot) {
        let l = exchanges[e].leg
        guard let state = legs[l].call else { return }
        legs[l].call?.isMade = true
        legs[l].call?.isFed = state.isStreamed
        deadlines.set(after(state.times.head), timer(l))
        switch services.call(state.call) {
        case .pending: watch(streams[exchanges[e].downstream].channel)
        case .answered(let answer): take(answer)
        }
    }

    /// Gives the plugin what has come of the body: all of it with the call, or piece by piece.
    mutating func feed(_ e: ExchangeSlot) {
        let s = exchanges[e].downstream
        let l = exchanges[e].leg
        guard let state = legs[l].call, !state.isOver, state.isStreamed || !state.isMade else {
            return buffers.dropAll(&streams[s].receiving.queue)
        }
        if state.isStreamed { return feedPieces(e) }
        guard collect(e, atMost: .max) else { return fail(e, .bodyTooLarge) }
        guard streams[s].receiving.isEnded else { return watch(streams[s].channel) }
        make(e)
    }

    /// Bytes of a piece of a streamed body at most.
    private static var pieceBytesMax: Int { 64 * kibibyte }

    private mutating func feedPieces(_ e: ExchangeSlot) {
        let s = exchanges[e].downstream
        let l = exchanges[e].leg
        while let state = legs[l].call, !state.isFed, !state.isFedWhole, !state.isOver {
            let isWhole = streams[s].receiving.isEnded
            guard isWhole || !streams[s].receiving.queue.isEmpty else { break }
            state.call.dropBody()
            guard collect(e, atMost: Worker.pieceBytesMax) else { return fail(e, .bodyTooLarge) }
            let isLast = isWhole && streams[s].receiving.queue.isEmpty
            legs[l].call?.isFed = true
            legs[l].call?.isFedWhole = isLast
            if !state.isAnswering { deadlines.set(after(state.times.head), timer(l)) }
            if services.feed(state.call, isLast: isLast) { legs[l].call?.isFed = false }
        }
        let isClientsTurn = legs[l].call.map { !$0.isFed && !$0.isFedWhole } ?? false
        if isClientsTurn { deadlines.clear(timer(l)) }
        letClientGoOn(e)
        watch(streams[s].channel)
    }

    /// Copies content into the call; false when it is more than the mount takes.
    private mutating func collect(_ e: ExchangeSlot, atMost most: Int) -> Bool {
        let s = exchanges[e].downstream
        let l = exchanges[e].leg
        guard let state = legs[l].call else { return true }
        var room = most
        while !streams[s].receiving.queue.isEmpty, room > 0 {
            let bytes = buffers.bytes(streams[s].receiving.queue.first)
            let piece = bytes.prefix(min(bytes.count, room))
            guard (legs[l].call?.given ?? 0) &+ piece.count <= state.bodyBytesMax else {
                return false
            }
            state.call.append(body: piece)
            legs[l].call?.given &+= piece.count
            room &-= piece.count
            buffers.drop(piece.count, from: &streams[s].receiving.queue)
        }
        return true
    }

    /// Something has come of a plugin, from its lane or its threads, or from an inline service.
    mutating func take(_ answer: Answer) {
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
        answer.recycle()
    }

    private func awaits(_ kind: Answer.Kind, _ e: ExchangeSlot) -> Bool {
        let l = exchanges[e].leg
        guard !l.isNone, let state = legs[l].call, !state.isOver else { return false }
        switch kind {
        case .response, .head, .declined, .failed, .unavailable: return !exchanges[e].hasReplied
        case .piece: return state.isAnswering
        case .taken: return state.isStreamed && state.isFed
        case .abort: return true
        }
    }

    /// Writes the head, of an answer that is whole or of one whose body follows in pieces.
    private mutating func reply(_ e: ExchangeSlot, _ answer: Answer) {
        let isWhole = answer.kind == .response
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
        if answer.body.isEmpty {
            answer.recycle()
        } else if !buffers.append(foreign: answer, to: &streams[s].receiving.queue) {
            answer.recycle()
            return fail(e, .overload)
        }
        streams[s].receiving.isEnded = isLast
        let generation = channels.generation(streams[exchanges[e].downstream].channel)
        let c = streams[exchanges[e].downstream].channel
        pumpReply(e)
        guard channels.holds(c, generation), !channels[c].isClosing, !isLast else { return }
        letServiceGoOn(e)
    }

    /// Gives credit for what the client has been sent of a streamed answer.
    mutating func letServiceGoOn(_ e: ExchangeSlot) {
        let l = exchanges[e].leg
        guard let state = legs[l].call, state.isAnswering, !state.isOver else { return }
        let c = streams[exchanges[e].downstream].channel
        let waiting = channels[c].output.bytes &+ streams[legs[l].stream].receiving.queue.bytes
        let gone = state.came &- min(state.came, UInt64(waiting))
        guard gone > state.credited else { return }
        legs[l].call?.credited = gone
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
        case .response, .head, .piece, .taken, .failed: .serviceFailed
        }
    }
}

// How a call ends.
extension Worker where P: ~Copyable {
    /// Nobody waits for the plugin's answer any more, or it cannot be sent whole.
    mutating func cancelCall(_ e: ExchangeSlot, _ why: Abandonment) {
        let l = exchanges[e].leg
        guard !l.isNone, let state = legs[l].call, state.cancelled == nil else { return }
        legs[l].call?.isOver = true
        legs[l].call?.cancelled = why
        if state.isMade { services.cancel(state.call, why: ExchangeFacts.Close(why)) }
    }

    /// The service in `slot` has stopped: its open calls end, and their clients are told.
    mutating func endService(_ slot: UInt16) {
        for number in 0..<Int32(exchanges.capacity) {
            let e = ExchangeSlot(number: number)
            guard exchanges.isTaken(e), !exchanges[e].leg.isNone,
                let state = legs[exchanges[e].leg].call, state.call.isOf(slot), !state.isOver
            else { continue }
            fail(e, .serviceStopped)
        }
    }

    /// The exchange of a call is over; `why` is nil when its reply left to the last byte.
    mutating func endCall(_ e: ExchangeSlot, _ why: Abandonment?) {
        let l = exchanges[e].leg
        guard !l.isNone, let state = legs[l].call else { return }
        legs[l].call = nil
        counters.drop(.serviceActive)
        let s = exchanges[e].downstream
        let replied = exchanges[e].repliedAt
        services.done(
            state.call,
            ExchangeFacts(
                status: Int(exchanges[e].status),
                close: (why ?? state.cancelled).map { ExchangeFacts.Close($0) } ?? .done,
                receivedBytes: streams[s].receiving.total,
                sentBytes: channels[streams[s].channel].sentBytes &- exchanges[e].sentBefore,
                firstByteNanoseconds: replied == 0 ? 0 : replied &- exchanges[e].arrived,
                totalNanoseconds: now &- exchanges[e].arrived
            )
        )
    }
}

extension ExchangeFacts.Close {
    /// What a plugin is notified of about an exchange that was given up.
    fileprivate init(_ why: Abandonment) {
        switch why {
        case .client: self = .client
        case .upstream: self = .upstream
        case .overload: self = .overload
        case .timeout: self = .timeout
        case .shutdown: self = .shutdown
        case .plugin: self = .plugin
        }
    }
}
