internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// Upstream: an endpoint is chosen, a connection found or made, and the request sent on it. Each try
// is a leg of its own; what failed before the request was sent goes on to another endpoint.
extension Worker where P: ~Copyable {
    /// Makes a leg to an endpoint that this exchange has not tried; fails when none is left.
    mutating func attempt(_ e: ExchangeSlot) {
        guard let pool = routing.pool(exchanges[e].pool), let endpoint = choose(e, pool) else {
            return fail(e, exchanges[e].triedCount == 0 ? .noEndpoint : .connectFailed)
        }
        remember(endpoint, e)
        var leg = Leg(exchange: e)
        leg.endpoint = endpoint
        leg.deadline = after(exchanges[e].backendTimeout)
        leg.idleTimeout = pool.idleTimeoutNanoseconds ?? Limits.span(limits.upstreamIdleNanoseconds)
        let l = legs.take(leg)
        guard !l.isNone else { return fail(e, .overload) }
        exchanges[e].leg = l
        if leg.deadline != Clock.never { deadlines.set(leg.deadline, timer(l)) }
        endpoints.begin(slot: endpoint.slot, generation: endpoint.generation)
        counters.bump(.upstreamActive)
        let isFresh = pool.proxyVersion != 0 || exchanges[e].isRepeated
        let u = isFresh ? .none : takeKept(endpoint, e)
        guard !u.isNone else { return open(l, pool) }
        counters.bump(.upstreamReused)
        counters.drop(.upstreamIdle)
        legs[l].isReused = true
        attach(l, u)
    }

    /// Ended connections that are closed for one attempt; then a new one is opened.
    private static var endedMax: Int { 8 }

    /// The kept connection of an endpoint that was used last, or `.none`.
    ///
    /// What may not be sent again takes none that has ended already: the kernel is asked, for the
    /// end may not have been completed yet. Whatever may be sent again needs no such question.
    private mutating func takeKept(
        _ endpoint: EndpointReference,
        _ e: ExchangeSlot
    ) -> ChannelSlot {
        let isAsked = !allowsRepeat(e)
        for _ in 0..<Worker.endedMax {
            let u = ChannelSlot(
                number: endpoints.takeIdle(slot: endpoint.slot, generation: endpoint.generation)
            )
            if u.isNone || !isAsked || port.isQuiet(channels[u].descriptor) { return u }
            close(u)
        }
        return .none
    }

    /// Whether the request is known from its head to be one that may be sent again, should a kept
    /// connection end.
    private func allowsRepeat(_ e: ExchangeSlot) -> Bool {
        guard exchanges[e].head.facts.method.isIdempotent, !exchanges[e].isPastReplay else {
            return false
        }
        switch exchanges[e].head.facts.bodyFraming {
        case .none: return true
        case .length(let length): return length <= limits.retryBodyBytesMax && !buffers.isScarce
        case .chunked, .untilClose: return false
        }
    }

    /// An endpoint of the pool that was not tried: by the pool's policy among those in health, else
    /// the first that is; when all are out of health that is ignored.
    private mutating func choose(_ e: ExchangeSlot, _ pool: PoolView) -> EndpointReference? {
        let count = pool.endpointCount
        guard count > 0, Int(exchanges[e].triedCount) < limits.attemptsMax else { return nil }
        let drawn = draw(pool, exchanges[e].pool)
        if isFit(drawn, e) { return drawn }
        let start = Int(balancer.random() % UInt64(count))
        var untried: EndpointReference?
        for step in 0..<count {
            let endpoint = pool.endpoint(at: (start &+ step) % count)
            guard !hasTried(endpoint, e) else { continue }
            if !isPenalised(endpoint) { return endpoint }
            untried = untried ?? endpoint
        }
        return untried
    }

    private mutating func draw(_ pool: PoolView, _ reference: PoolReference) -> EndpointReference {
        let count = pool.endpointCount
        guard count > 1 else { return pool.endpoint(at: 0) }
        switch pool.balancing {
        case .random:
            return pool.endpoint(at: pool.draw(random: balancer.random()))
        case .roundRobin:
            return pool.endpoint(at: balancer.turn(pool: Int32(reference.slot), count: count))
        case .leastRequests:
            let drawn = pool.drawTwo(balancer.random(), balancer.random())
            let first = pool.endpoint(at: drawn.0)
            let second = pool.endpoint(at: drawn.1)
            if isPenalised(first) { return second }
            let isBusier = endpoints.active(slot: second.slot) < endpoints.active(slot: first.slot)
            return isBusier && !isPenalised(second) ? second : first
        }
    }

    private func isFit(_ endpoint: EndpointReference, _ e: ExchangeSlot) -> Bool {
        !isPenalised(endpoint) && !hasTried(endpoint, e)
    }

    private func isPenalised(_ endpoint: EndpointReference) -> Bool {
        health.isPenalised(slot: endpoint.slot, generation: endpoint.generation, now: now)
    }

    private func hasTried(_ endpoint: EndpointReference, _ e: ExchangeSlot) -> Bool {
        for place in 0..<Int(exchanges[e].triedCount)
        where exchanges[e].tried[place] == endpoint { return true }
        return false
    }

    private func remember(_ endpoint: EndpointReference, _ e: ExchangeSlot) {
        guard Int(exchanges[e].triedCount) < exchanges[e].tried.count else { return }
        exchanges[e].tried[Int(exchanges[e].triedCount)] = endpoint
        exchanges[e].triedCount &+= 1
    }

    /// Opens a connection to the leg's endpoint.
    private mutating func open(_ l: LegSlot, _ pool: PoolView) {
        let endpoint = legs[l].endpoint
        if upstreamCount >= limits.upstreamConnectionsPerWorkerMax { evictKept() }
        guard upstreamCount < limits.upstreamConnectionsPerWorkerMax, !channels.isFull else {
            counters.bump(.shedConnections)
            return legFailed(l, .overload)
        }
        let address = routing.endpoint(endpoint.slot).socketAddress
        let descriptor = port.openSocket(for: address)
        guard descriptor >= 0 else {
            // Too late for this one: the descriptor comes free when the kernel has let go of it.
            evictKept()
            counters.bump(.shedDescriptors)
            return legFailed(l, .overload)
        }
        let u = channels.take(Channel(descriptor: descriptor, isUpstream: true, since: now))
        var session = Session(kind: .client, stage: .connecting)
        session.endpoint = endpoint
        session.isPrivate = pool.proxyVersion != 0
        sessions[u.index] = session
        upstreamCount += 1
        counters.bump(.upstreamOpened)
        bind(l, u)
        if pool.proxyVersion != 0, !transmitProxyHeader(l, u, Int(pool.proxyVersion)) {
            return legFailed(l, .overload)
        }
        if let context = pool.context, !secure(u, context) { return legFailed(l, .overload) }
        submitConnect(u, to: address)
        wait(
            u,
            .connect,
            pool.connectTimeoutNanoseconds ?? Limits.span(limits.connectTimeoutNanoseconds)
        )
    }

    /// Closes the connection that has been kept for longest.
    private mutating func evictKept() {
        let oldest = endpoints.oldestIdle
        guard oldest >= 0 else { return }
        counters.bump(.evictedIdle)
        close(ChannelSlot(number: oldest))
    }

    /// The stream of a leg on its channel.
    private mutating func bind(_ l: LegSlot, _ u: ChannelSlot) {
        var stream = Stream(channel: u, exchange: legs[l].exchange)
        stream.leg = l
        let s = streams.take(stream)
        precondition(!s.isNone, "two streams for each exchange")
        legs[l].stream = s
        sessions[u.index].stream = s
    }

    private mutating func transmitProxyHeader(
        _ l: LegSlot,
        _ u: ChannelSlot,
        _ version: Int
    ) -> Bool {
        let d = streams[exchanges[legs[l].exchange].downstream].channel
        var writer = scratch.writer()
        ProxyHeader.write(
            version: version,
            source: sessions[d.index].peer,
            destination: port.localAddress(channels[d].descriptor),
            to: &writer
        )
        return transmit(head: writer, to: u)
    }

    mutating func onConnected(_ u: ChannelSlot, _ result: Int32) {
        let l = streams[sessions[u.index].stream].leg
        guard result == 0 else {
            endWait(u)
            counters.bump(.upstreamFailed)
            return legFailed(l, .connectFailed)
        }
        submitReceive(u)
        if isSecured(u) { return beginHandshake(u) }
        endWait(u)
        send(l, u)
    }

    /// A kept connection carries the leg.
    private mutating func attach(_ l: LegSlot, _ u: ChannelSlot) {
        bind(l, u)
        endWait(u)
        send(l, u)
    }

    /// Sends the head, and what has come of the body.
    mutating func send(_ l: LegSlot, _ u: ChannelSlot) {
        let e = legs[l].exchange
        sessions[u.index].stage = .message
        sessions[u.index].hasHead = false
        sessions[u.index].incoming = .untilClose
        sessions[u.index].outgoingEnded = false
        sessions[u.index].outgoing =
            switch exchanges[e].head.facts.bodyFraming {
            case .none: .none
            case .length: .length
            case .chunked, .untilClose: .chunked
            }
        guard transmitRequestHead(e, u) else { return legFailed(l, .overload) }
        legs[l].isSent = true
        if exchanges[e].isRepeated { replay(e) }
        pumpRequest(e)
    }

    /// Writes the head for the origin: behind the head that came, where there is room, so that both
    /// share a buffer.
    ///
    /// What a former attempt wrote there may still be on its way.
    private mutating func transmitRequestHead(_ e: ExchangeSlot, _ u: ChannelSlot) -> Bool {
        let terms = forwarding(e)
        if exchanges[e].triedCount == 1, !exchanges[e].isRepeated {
            let buffer = exchanges[e].head.buffer
            let start = buffers.end(of: exchanges[e].head)
            var writer = buffers.writer(buffer, from: start)
            Forward.request(buffers.view(exchanges[e].head), terms, to: &writer)
            if !writer.overflowed {
                buffers.retain(buffer)
                let isAdded = buffers.append(
                    buffer,
                    offset: start,
                    length: writer.count,
                    to: &channels[u].output
                )
                if !isAdded { buffers.release(buffer) }
                return isAdded
            }
        }
        var writer = scratch.writer()
        Forward.request(buffers.view(exchanges[e].head), terms, to: &writer)
        return transmit(head: writer, to: u)
    }

    /// What the origin learns about the client (RFC 9110 7.6.3, RFC 7239).
    private mutating func forwarding(_ e: ExchangeSlot) -> RequestForwarding {
        let d = streams[exchanges[e].downstream].channel
        let session = sessions[d.index]
        let publicPort = exchanges[e].listener.publicPort
        var terms = RequestForwarding(
            peer: session.peer,
            isTrusted: isTrusted(session.peer),
            scheme: isSecured(d) ? "https" : "http",
            localPort: publicPort != 0 ? publicPort : session.port,
            addsForwarded: addsForwarded,
            addsVia: addsVia,
            restartsTrace: exchanges[e].listener.restartsTrace,
            requestID: requestID(e),
            isUpgrade: exchanges[e].head.facts.isWebSocketUpgrade
        )
        if exchanges[e].listener.forwardsIdentity {
            terms.replacesIdentity = true
            terms.identity = identity(of: d)
        }
        return terms
    }

    /// The identity of a request that came without one: the same for filters and what is behind
    /// them.
    mutating func requestID(_ e: ExchangeSlot) -> (UInt64, UInt64) {
        let f = exchanges[e].filtering
        return f.isNone ? (balancer.random(), balancer.random()) : filterings[f].requestID
    }

    /// Whether the peer is a proxy whose forwarded fields are believed.
    func isTrusted(_ peer: PeerAddress) -> Bool {
        for place in 0..<trusted.count where trusted[place].contains(peer) { return true }
        return false
    }

    /// Moves what has come of the request on to the origin or the service.
    mutating func pumpRequest(_ e: ExchangeSlot) {
        if streams[exchanges[e].downstream].isFiltered, !passContent(e, .request) { return }
        let l = exchanges[e].leg
        guard !l.isNone else { return }
        if legs[l].isService { return feed(e) }
        guard legs[l].isSent else { return }
        let s = exchanges[e].downstream
        let u = streams[legs[l].stream].channel
        keepForReplay(e)
        if channels[u].isBroken {
            buffers.dropAll(&streams[s].receiving.queue)
        } else {
            let isEnded = streams[s].receiving.isEnded
            guard transmit(from: s, to: u, end: isEnded) else { return legFailed(l, .overload) }
            legs[l].isRequestSent = isEnded
        }
        flush(u)
        watch(l)
    }

    /// Keeps the content that is about to leave, as long as the request may be sent again.
    private mutating func keepForReplay(_ e: ExchangeSlot) {
        let s = exchanges[e].downstream
        let queue = streams[s].receiving.queue
        let hasTrailers = !streams[s].receiving.trailers.isEmpty
        guard !queue.isEmpty || hasTrailers, !exchanges[e].isPastReplay else { return }
        // A trailer section is not kept.
        let isSmall =
            !hasTrailers
            && exchanges[e].replay.bytes &+ queue.bytes <= limits.retryBodyBytesMax
        if isSmall, mayRepeat(exchanges[e].leg), !buffers.isScarce,
            buffers.share(queue, with: &exchanges[e].replay)
        {
            return
        }
        exchanges[e].isPastReplay = true
        buffers.dropAll(&exchanges[e].replay)
    }

    /// Puts the content that was sent on the connection before in front of what has come since.
    private mutating func replay(_ e: ExchangeSlot) {
        let s = exchanges[e].downstream
        var content = exchanges[e].replay
        exchanges[e].replay = Queue()
        exchanges[e].isPastReplay = true
        buffers.link(streams[s].receiving.queue, behind: &content)
        streams[s].receiving.queue = content
    }

    /// Whether a request may be sent again when its connection ends without a byte of a reply: it
    /// had been idle before, so that the origin most likely never saw the request, and the method
    /// is idempotent (RFC 9110 9.2.2).
    private func mayRepeat(_ l: LegSlot) -> Bool {
        let e = legs[l].exchange
        return legs[l].isReused && !exchanges[e].isRepeated
            && exchanges[e].head.facts.method.isIdempotent
    }
}

// How a leg ends.
extension Worker where P: ~Copyable {
    /// An attempt has failed: another one follows where that is safe, else the client is answered.
    mutating func legFailed(_ l: LegSlot, _ fault: Fault) {
        let e = legs[l].exchange
        if exchanges[e].stage == .tunnel { return endTunnel(e, .upstream) }
        let endpoint = legs[l].endpoint
        let repeats =
            fault == .upstreamClosed && mayRepeat(l) && exchanges[e].interims == 0
            && !exchanges[e].isPastReplay && hasNoInput(l) && !exchanges[e].hasReplied
        let goesOn = fault.isBeforeRequest && !exchanges[e].hasReplied
        // An idle connection may end at any time: that says nothing about the endpoint.
        let isRace = fault == .upstreamClosed && legs[l].isReused
        if fault.countsAgainstEndpoint, !isRace {
            health.failed(slot: endpoint.slot, generation: endpoint.generation, now: now)
        }
        guard repeats || goesOn else { return fail(e, fault) }
        if goesOn, !hasAnother(e), !forgetRace(e) { return fail(e, fault) }
        counters.bump(.upstreamRetries)
        endLeg(l, mayKeep: false)
        if repeats {
            exchanges[e].isRepeated = true
            exchanges[e].racedPlace = Int8(exchanges[e].triedCount) &- 1
            if !hasAnother(e) { _ = forgetRace(e) }
        }
        attempt(e)
    }

    /// Lets the endpoint be tried once more whose kept connection had ended: that happens at any
    /// time and says nothing about it.
    ///
    /// False when there is none.
    private mutating func forgetRace(_ e: ExchangeSlot) -> Bool {
        let place = Int(exchanges[e].racedPlace)
        guard place >= 0 else { return false }
        exchanges[e].racedPlace = -1
        exchanges[e].tried[place] = EndpointReference(slot: .max, generation: 0)
        return hasAnother(e)
    }

    private func hasNoInput(_ l: LegSlot) -> Bool {
        channels[streams[legs[l].stream].channel].input.isEmpty
    }

    /// Whether the pool has an endpoint that was not tried.
    private func hasAnother(_ e: ExchangeSlot) -> Bool {
        guard let pool = routing.pool(exchanges[e].pool) else { return false }
        let tried = Int(exchanges[e].triedCount)
        guard tried < limits.attemptsMax else { return false }
        for place in 0..<pool.endpointCount
        where !hasTried(pool.endpoint(at: place), e) { return true }
        return false
    }

    /// The exchange needs its leg no longer: the connection is kept, or closed.
    mutating func endLeg(_ l: LegSlot, mayKeep: Bool) {
        precondition(legs[l].call == nil, "a call ends with its exchange")
        let e = legs[l].exchange
        let s = legs[l].stream
        let endpoint = legs[l].endpoint
        exchanges[e].leg = .none
        if !legs[l].isService {
            endpoints.finish(slot: endpoint.slot, generation: endpoint.generation)
            counters.drop(.upstreamActive)
        }
        deadlines.clear(timer(l))
        let idleTimeout = legs[l].idleTimeout
        legs.free(l)
        guard !s.isNone else { return }
        let u = streams[s].channel
        dropFlow(s)
        streams.free(s)
        guard !u.isNone else { return }
        endClientMessage(u, mayKeep: mayKeep, idleTimeout: idleTimeout)
    }

    /// Drops what waits in a stream.
    mutating func dropFlow(_ s: StreamSlot) {
        buffers.dropAll(&streams[s].receiving.queue)
        buffers.dropAll(&streams[s].receiving.trailers)
        buffers.dropAll(&streams[s].arriving.queue)
        buffers.dropAll(&streams[s].arriving.trailers)
    }
}
