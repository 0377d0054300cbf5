internal import SluiceBase
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// Route: host and path select a rule, and the rule a backend. The exchange takes its terms along.
extension Worker where P: ~Copyable {
    mutating func route(_ e: ExchangeSlot) {
        if exchanges[e].head.facts.fields.maxForwards == 0,
            exchanges[e].head.facts.isTrace || exchanges[e].head.facts.method == .options
        {
            return answerMaxForwards(e)
        }
        let text = buffers.text(exchanges[e].head)
        let host = text.slice(
            exchanges[e].head.facts.hostStart,
            exchanges[e].head.facts.hostLength
        )
        let c = streams[exchanges[e].downstream].channel
        let listener = routing.listener(binding: binding(of: c), host: host)
        guard listener >= 0 else { return fail(e, .noRoute) }
        exchanges[e].listener = routing.terms(listener: listener)
        guard isAddressed(c, listener, exchanges[e].listener) else { return fail(e, .misdirected) }
        guard canonicalise(e, text) else {
            // Whoever sends such a path is not to be believed about what follows.
            sessions[streams[exchanges[e].downstream].channel.index].closesAfter = true
            return fail(e, .target)
        }
        let path =
            exchanges[e].head.facts.asksForServer || path(e, text).equals("*")
            ? Bytes("/") : path(e, text)
        switch routing.match(listener: listener, host: host, path: path) {
        case .notFound:
            fail(e, .noRoute)
        case .found(let action, _):
            act(e, action)
        }
    }

    /// The socket's table in the snapshot in force, or -1.
    ///
    /// A connection belongs to the address and port that it was accepted on: when that socket's
    /// listeners moved to another (a Gateway gained an address), it follows them.
    mutating func binding(of c: ChannelSlot) -> Int32 {
        let known = sessions[c.index].binding
        if routing.isBound(binding: known) { return known }
        let local = port.localAddress(channels[c].descriptor)
        return routing.binding(
            family: local.family,
            high: local.high,
            low: local.low,
            port: local.port
        )
    }

    private func path(_ e: ExchangeSlot, _ text: Bytes) -> Bytes {
        text.slice(exchanges[e].head.facts.pathStart, exchanges[e].head.facts.pathLength)
    }

    /// Brings the path into its one form; false when it has none.
    mutating func canonicalise(_ e: ExchangeSlot, _ text: Bytes) -> Bool {
        if exchanges[e].head.facts.asksForServer { return true }
        if exchanges[e].head.facts.pathLength == 0 {
            // `http://a.test` names the path `/`: the slash in front of the host (RFC 9112 3.2.2).
            exchanges[e].head.facts.pathStart = exchanges[e].head.facts.hostStart &- 1
            exchanges[e].head.facts.pathLength = 1
            return true
        }
        let options = PathForm.Options(
            mergesSlashes: exchanges[e].listener.mergesSlashes,
            rejectsEscapedSlashes: exchanges[e].listener.rejectsEscapedSlashes
        )
        let path = path(e, text)
        if PathForm.isNormal(path, options) { return true }
        var writer = scratch.writer()
        guard PathForm.write(path, options, to: &writer) else { return false }
        buffers.replacePath(writer.bytes, in: &exchanges[e].head)
        return true
    }

    private mutating func act(_ e: ExchangeSlot, _ action: Int32) {
        let terms = routing.action(action)
        buffers.keep(route: terms.routeName, in: &exchanges[e].head)
        exchanges[e].source = terms.source
        exchanges[e].backendTimeout = terms.backendTimeoutNanoseconds
        limit(e, terms.requestTimeoutNanoseconds)
        let pick = routing.pick(action: action, random: balancer.random())
        guard pick.chain.isEmpty else { return filter(e, pick) }
        go(e, pick.target)
    }

    /// Goes where the route says.
    mutating func go(_ e: ExchangeSlot, _ target: Target) {
        switch target {
        case .status(let status):
            counters.bump(.routeStatus)
            answer(e, LocalReply(status: status, text: Bytes(Fault.noBackend.text)))
        case .service(let service):
            serve(e, service)
        case .pool(let pool):
            exchanges[e].stage = .upstream
            exchanges[e].pool = pool
            attempt(e)
        }
    }

    /// The whole exchange ends `nanoseconds` from now at the latest.
    mutating func limit(_ e: ExchangeSlot, _ nanoseconds: UInt64) {
        guard nanoseconds != Clock.never else { return }
        exchanges[e].deadline = min(exchanges[e].deadline, after(nanoseconds))
        setTimer(e)
    }

    /// No hop is left: TRACE and OPTIONS end here (RFC 9110 7.6.2).
    private mutating func answerMaxForwards(_ e: ExchangeSlot) {
        counters.bump(.maxForwards)
        guard exchanges[e].head.facts.isTrace else {
            var reply = LocalReply(status: 200, text: .empty)
            reply.allow = Method.supportedMask
            return answer(e, reply)
        }
        var writer = scratch.writer(from: Worker.traceStart)
        Forward.trace(buffers.view(exchanges[e].head), to: &writer)
        var reply = LocalReply(status: 200, text: writer.overflowed ? .empty : writer.bytes)
        reply.contentType = "message/http"
        answer(e, reply)
    }

    /// Where in the scratch memory the body of a TRACE answer is written; its head comes before it.
    private static var traceStart: Int { Buffers.largeBytes }
}
