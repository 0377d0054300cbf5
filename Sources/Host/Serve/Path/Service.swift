internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTLS
internal import SluiceTelemetry
internal import SluiceUpstreams

/// Where the call of a plugin's service stands.
struct CallState: BitwiseCopyable {
    let call: ServiceCall
    /// Bytes of a request body; beyond it: 413.
    let bodyBytesMax: Int
    let times: MountTimes
    /// A client that has ended its stream behind the request does not cancel it.
    let allowsHalfClose: Bool
    /// The body goes to the plugin in pieces, behind the head.
    var isStreamed: Bool
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

    /// The plugin waits for a piece of the body, and has not begun to answer.
    var isClientsTurn: Bool { !isFed && !isFedWhole && !isAnswering }
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
        limit(e, terms.times.total)
        let view = buffers.view(exchanges[e].head)
        guard addFields(e, view, to: call) else { return fail(e, .overload) }
        let isStreamed = legs[l].call?.isStreamed ?? false
        services.describe(call, describe(e, view), isStreamed: isStreamed)
        if isStreamed { return make(e) }
        if exchanges[e].awaitsContinue { sendContinue(e) }
        feed(e)
    }

    /// What an untrusted client says of those before it, and of its trace where the listener begins
    /// a new one, is kept from the plugin; false when there are too many fields.
    private mutating func addFields(_ e: ExchangeSlot, _ view: RequestView, to call: ServiceCall)
        -> Bool
    {
        let c = streams[exchanges[e].downstream].channel
        let isBelieved = isTrusted(sessions[c.index].peer)
        let restartsTrace = exchanges[e].listener.restartsTrace
        for place in 0..<view.facts.fields.count {
            let field = view.fields[place]
            if field.isForwarding && !isBelieved || field.isTrace && restartsTrace { continue }
            let isAdded = call.add(
                name: field.nameBytes(in: view.text),
                value: field.value(in: view.text)
            )
            guard isAdded else { return false }
        }
        return true
    }

    /// What a plugin is told of a request, for a service or a filter; the next one overwrites it.
    mutating func describe(_ e: ExchangeSlot, _ view: RequestView) -> ServiceRequest {
        let facts = view.facts
        let c = streams[exchanges[e].downstream].channel
        var request = ServiceRequest(
            method: facts.method.rawValue,
            methodName: view.method,
            authority: view.host,
            path: view.path
        )
        if facts.queryStart >= 0 { request.query = view.query }
        request.contentLength = facts.fields.isChunked ? -1 : facts.fields.contentLength
        request.httpVersion = UInt32(facts.version)
        if exchanges[e].awaitsContinue { request.flags.insert(.awaitsContinue) }
        if facts.isUpgrade { request.flags.insert(.upgrade) }
        if isSecured(c) {
            request.scheme = Bytes("https")
            request.flags.insert(.secured)
            request.serverName = security[c.index].connection?.serverName ?? .empty
            request.identity = identity(of: c)
        }
        var writer = scratch.writer()
        sessions[c.index].peer.write(to: &writer)
        let peerLength = writer.count
        request.requestID = view.requestID
        if request.requestID.isEmpty {
            let id = requestID(e)
            writer.append(hex: id.0)
            writer.append(hex: id.1)
            request.requestID = writer.bytes.from(peerLength)
        }
        request.peer = writer.bytes.prefix(peerLength)
        if !exchanges[e].listener.restartsTrace { request.traceParent = view.traceParent }
        request.route = buffers.routeName(exchanges[e].head)
        request.arrivedNanoseconds = exchanges[e].arrived
        let l = exchanges[e].leg
        let limit = l.isNone ? Clock.never : legs[l].call?.times.head ?? Clock.never
        let deadline = min(exchanges[e].deadline, after(limit))
        request.deadlineNanoseconds = deadline == Clock.never ? 0 : deadline
        return request
    }

    /// The client waits for leave to send its body, and the mount takes bodies.
    mutating func sendContinue(_ e: ExchangeSlot) {
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
        giveTrailers(e, to: state.call)
        make(e)
    }

    /// Copies the trailer section of a request into its call, behind the last piece.
    private mutating func giveTrailers(_ e: ExchangeSlot, to call: ServiceCall) {
        let s = exchanges[e].downstream
        guard !streams[s].receiving.trailers.isEmpty else { return }
        var writer = scratch.writer()
        while !streams[s].receiving.trailers.isEmpty {
            let piece = buffers.bytes(streams[s].receiving.trailers.first)
            writer.append(piece)
            buffers.drop(piece.count, from: &streams[s].receiving.trailers)
        }
        if !writer.overflowed { call.append(trailers: writer.bytes) }
    }

    /// Bytes of a piece of a streamed body at most.
    private static var pieceBytesMax: Int { 64 * kibibyte }

    mutating func feedPieces(_ e: ExchangeSlot) {
        let s = exchanges[e].downstream
        let l = exchanges[e].leg
        while let state = legs[l].call, !state.isFed, !state.isFedWhole, !state.isOver {
            let isWhole = streams[s].receiving.isEnded
            guard isWhole || !streams[s].receiving.queue.isEmpty else { break }
            state.call.dropBody()
            guard collect(e, atMost: Worker.pieceBytesMax) else { return fail(e, .bodyTooLarge) }
            let isLast = isWhole && streams[s].receiving.queue.isEmpty
            if isLast { giveTrailers(e, to: state.call) }
            legs[l].call?.isFed = true
            legs[l].call?.isFedWhole = isLast
            if !state.isAnswering { deadlines.set(after(state.times.head), timer(l)) }
            if services.feed(state.call, isLast: isLast) { legs[l].call?.isFed = false }
        }
        let isClientsTurn = legs[l].call.map { $0.isClientsTurn } ?? false
        if isClientsTurn { deadlines.clear(timer(l)) }
        touchUpgraded(e)
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
            let given = legs[l].call?.given ?? 0
            guard exchanges[e].isUpgraded || given &+ piece.count <= state.bodyBytesMax else {
                return false
            }
            state.call.append(body: piece)
            legs[l].call?.given &+= piece.count
            room &-= piece.count
            buffers.drop(piece.count, from: &streams[s].receiving.queue)
        }
        return true
    }
}

// How a call ends.
extension Worker where P: ~Copyable {
    /// Nobody waits for the plugin's answer any more, or it cannot be sent whole.
    mutating func cancelCall(_ e: ExchangeSlot, _ why: Abandonment) {
        if let forwarded = exchanges[e].forwarded, forwarded.cancelled == nil {
            exchanges[e].forwarded?.cancelled = why
            services.cancel(forwarded.call, why: ExchangeFacts.Close(why))
        }
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
        if let forwarded = exchanges[e].forwarded {
            exchanges[e].forwarded = nil
            services.done(forwarded.call, facts(e, why ?? forwarded.cancelled))
        }
        let l = exchanges[e].leg
        guard !l.isNone, let state = legs[l].call else { return }
        legs[l].call = nil
        counters.drop(.serviceActive)
        if exchanges[e].isUpgraded { counters.drop(.tunnelsActive) }
        services.done(state.call, facts(e, why ?? state.cancelled))
    }

    private func facts(_ e: ExchangeSlot, _ why: Abandonment?) -> ExchangeFacts {
        let s = exchanges[e].downstream
        let replied = exchanges[e].repliedAt
        var facts = ExchangeFacts(
            status: Int(exchanges[e].status),
            close: why.map { ExchangeFacts.Close($0) } ?? .done,
            receivedBytes: streams[s].receiving.total,
            sentBytes: channels[streams[s].channel].sentBytes &- exchanges[e].sentBefore,
            firstByteNanoseconds: replied == 0 ? 0 : replied &- exchanges[e].arrived,
            totalNanoseconds: now &- exchanges[e].arrived
        )
        facts.retries = max(1, UInt32(exchanges[e].triedCount)) &- 1
        return facts
    }
}

extension ExchangeFacts.Close {
    /// What a plugin is notified of about an exchange that was given up.
    init(_ why: Abandonment) {
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
