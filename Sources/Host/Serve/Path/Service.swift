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
    /// Time for the answer, from the call on.
    let timeoutNanoseconds: UInt64
    /// A client that has ended its stream behind the request does not cancel it.
    let allowsHalfClose: Bool
    /// It was sent to the plugin.
    var isMade = false
    /// The plugin has answered, or will not be listened to.
    var isOver = false
    /// Why it was cancelled.
    var cancelled: Abandonment?
}

// Service: a plugin answers, on its lane or inline on this worker. The call ends with the exchange:
// `done` comes after the last byte of the reply, with what the client was really sent.
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
            timeoutNanoseconds: terms.timeoutNanoseconds,
            allowsHalfClose: terms.allowsHalfClose
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
        let expected = min(Int(max(0, request.contentLength)), terms.bodyBytesMax)
        services.describe(call, request, expecting: expected)
        if exchanges[e].awaitsContinue { sendContinue(e) }
        collectBody(e)
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
        var peer = scratch.writer()
        sessions[streams[exchanges[e].downstream].channel.index].peer.write(to: &peer)
        request.peer = peer.bytes
        request.route = buffers.routeName(exchanges[e].head)
        request.arrivedNanoseconds = exchanges[e].arrived
        let limit = legs[exchanges[e].leg].call?.timeoutNanoseconds ?? Clock.never
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

    /// Adds what has come of the body to the call, and makes the call when the body is whole.
    mutating func collectBody(_ e: ExchangeSlot) {
        let s = exchanges[e].downstream
        let l = exchanges[e].leg
        guard let state = legs[l].call, !state.isMade, !state.isOver else {
            return buffers.dropAll(&streams[s].receiving.queue)
        }
        while !streams[s].receiving.queue.isEmpty {
            let piece = buffers.bytes(streams[s].receiving.queue.first)
            guard state.call.bodyCount + piece.count <= state.bodyBytesMax else {
                return fail(e, .bodyTooLarge)
            }
            state.call.append(body: piece)
            buffers.drop(piece.count, from: &streams[s].receiving.queue)
        }
        guard streams[s].receiving.isEnded else { return watch(streams[s].channel) }
        legs[l].call?.isMade = true
        deadlines.set(after(state.timeoutNanoseconds), timer(l))
        switch services.call(state.call) {
        case .pending: watch(streams[s].channel)
        case .answered(let answer): take(answer)
        }
    }

    /// An answer has come, from a lane or from an inline service.
    mutating func take(_ answer: Answer) {
        let e = ExchangeSlot(number: Int32(truncatingIfNeeded: answer.slot))
        guard services.exchanges.isCurrent(answer.id), isAwaited(e) else { return answer.recycle() }
        legs[exchanges[e].leg].call?.isOver = true
        switch answer.kind {
        case .response:
            return reply(e, answer)
        case .abort: abandon(e, .upstream)
        case .declined: fail(e, .serviceNotFound)
        case .failed: fail(e, .serviceFailed)
        case .unavailable: fail(e, .serviceUnavailable)
        }
        answer.recycle()
    }

    private func isAwaited(_ e: ExchangeSlot) -> Bool {
        let l = exchanges[e].leg
        guard !l.isNone, let state = legs[l].call else { return false }
        return !state.isOver && !exchanges[e].hasReplied
    }

    /// Writes the head; the body leaves from the answer's own memory, which the last byte frees.
    private mutating func reply(_ e: ExchangeSlot, _ answer: Answer) {
        guard buffers.mayHoldForeign(answer.body.count) else {
            answer.recycle()
            return fail(e, .overload)
        }
        deadlines.clear(timer(exchanges[e].leg))
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
        if hasBody {
            writer.append("Content-Length: ")
            writer.append(decimal: answer.body.count)
            writer.append("\r\n")
        }
        writer.append("Date: ")
        writer.append(dateBytes())
        if addsVia { writer.append("\r\nVia: 1.1 sluice") }
        if sessions[c.index].closesAfter { writer.append("\r\nConnection: close") }
        writer.append("\r\n\r\n")
        counters.bump(status: answer.status)
        let isSent = transmit(head: writer, to: c)
        let sendsBody =
            hasBody && exchanges[e].head.facts.method != .head && !answer.body.isEmpty
        guard isSent, queue(answer, sendsBody, c) else {
            if !isSent { answer.recycle() }
            return abandon(e, .overload)
        }
        exchanges[e].stage = .reply
        exchanges[e].status = status
        exchanges[e].repliedAt = now
        sessions[c.index].outgoingEnded = true
        settle(e)
        flush(c)
    }

    /// Puts the body behind the head: a small one by copy, so that both leave together.
    private mutating func queue(_ answer: Answer, _ sendsBody: Bool, _ c: ChannelSlot) -> Bool {
        if sendsBody, answer.body.count > Buffers.copiedBytesMax {
            if buffers.append(foreign: answer, to: &channels[c].output) { return true }
            answer.recycle()
            return false
        }
        let isCopied =
            !sendsBody || buffers.append(copy: answer.body, to: &channels[c].output)
        answer.recycle()
        return isCopied
    }
}

// How a call ends.
extension Worker where P: ~Copyable {
    /// Nobody waits for the plugin's answer any more.
    mutating func cancelCall(_ e: ExchangeSlot, _ why: Abandonment) {
        let l = exchanges[e].leg
        guard !l.isNone, let state = legs[l].call, !state.isOver else { return }
        legs[l].call?.isOver = true
        legs[l].call?.cancelled = why
        if state.isMade { services.cancel(state.call, why: ExchangeFacts.Close(why)) }
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
    /// What a plugin is told about an exchange that was given up.
    fileprivate init(_ why: Abandonment) {
        switch why {
        case .client: self = .client
        case .upstream: self = .upstream
        case .overload: self = .overload
        case .timeout: self = .timeout
        case .shutdown: self = .shutdown
        }
    }
}
