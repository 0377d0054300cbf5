internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// upstream: the request is written for an endpoint, over a warm connection if there is one.
extension Worker where P: ~Copyable {
    /// Writes the head for the origin, takes the body that is there along, and sends both.
    mutating func forward(_ index: Int, _ slot: Int, _ path: Bytes, _ head: Bytes) {
        var buffer = buffers.takeSend()
        guard buffer >= 0 else { return reject(index, .overload, head) }
        var writer = buffers.writer(buffer)
        Forward.request(request, head, path: path, to: &writer)
        if writer.overflowed {
            buffers.free(buffer)
            buffer = buffers.takeLarge()
            guard buffer >= 0 else { return reject(index, .overload, head) }
            writer = buffers.writer(buffer)
            Forward.request(request, head, path: path, to: &writer)
            guard !writer.overflowed else {
                buffers.free(buffer)
                return reject(index, 431, HeadFault.headTooLarge.text, head)
            }
        }
        consume(slot, request.length)
        takeBody(index, slot, &writer)
        exchanges[index].head = buffer
        exchanges[index].headLength = UInt32(truncatingIfNeeded: writer.count)
        exchanges[index].isRepeatable = exchanges[index].requestBody.isDone
        if request.section.expectsContinue, !exchanges[index].requestBody.isDone {
            sendContinue(slot)
        }
        connect(index)
    }

    /// Copies body bytes that came with the head behind it, when they are few: one send for both.
    private mutating func takeBody(_ index: Int, _ slot: Int, _ writer: inout ByteWriter) {
        while !connections[slot].input.isEmpty, !exchanges[index].requestBody.isDone {
            let piece = buffers.bytes(connections[slot].input.first)
            guard piece.count <= writer.remaining else { return }
            var body = exchanges[index].requestBody
            let taken = body.take(piece)
            // A broken body is refused by the pump, which sees the same bytes next.
            guard taken > 0 else { return }
            exchanges[index].requestBody = body
            writer.append(piece.prefix(taken))
            consume(slot, taken)
        }
    }

    /// The client waits for leave to send its body (RFC 9110 10.1.1).
    mutating func sendContinue(_ slot: Int) {
        let buffer = buffers.takeSend()
        guard buffer >= 0 else { return }
        var writer = buffers.writer(buffer)
        writer.append("HTTP/1.1 100 Continue\r\n\r\n")
        buffers.append(
            buffer,
            offset: 0,
            length: writer.count,
            to: &connections[slot].output
        )
        submitSend(slot)
    }

    /// Finds an endpoint of the exchange's pool and a connection to it.
    mutating func connect(_ index: Int) {
        guard let pool = routing.pool(exchanges[index].pool), pool.endpointCount > 0 else {
            return fail(index, .noEndpoint)
        }
        let endpoint = choose(Int32(bitPattern: exchanges[index].pool.slot), pool)
        exchanges[index].endpoint = endpoint
        exchanges[index].connectTimeout =
            pool.connectTimeoutNanoseconds ?? UInt64(limits.connectTimeoutNanoseconds)
        let idle = pool.idleTimeoutNanoseconds ?? UInt64(limits.upstreamIdleNanoseconds)
        exchanges[index].idleTimeout = idle
        exchanges[index].attempts &+= 1
        let warm = endpoints.takeIdle(slot: endpoint.slot, generation: endpoint.generation)
        if warm >= 0 { reuse(index, Int(warm), endpoint) } else { openUpstream(index) }
    }

    /// Tries the same endpoint once more on a fresh connection, whatever the routing is by now.
    mutating func connectAgain(_ index: Int) {
        let endpoint = exchanges[index].endpoint
        exchanges[index].attempts &+= 1
        guard endpoints.isCurrent(slot: endpoint.slot, generation: endpoint.generation) else {
            return fail(index, .upstreamClosed)
        }
        openUpstream(index)
    }

    private mutating func choose(_ index: Int32, _ pool: PoolView) -> EndpointReference {
        let count = pool.endpointCount
        guard count > 1 else { return pool.endpoint(at: 0) }
        switch pool.balancing {
        case .random:
            return pool.endpoint(at: pool.draw(random: balancer.random()))
        case .roundRobin:
            return pool.endpoint(at: balancer.turn(pool: index, count: count))
        case .leastRequests:
            let drawn = pool.drawTwo(balancer.random(), balancer.random())
            let first = pool.endpoint(at: drawn.0)
            let second = pool.endpoint(at: drawn.1)
            let prefersFirst = balancer.prefers(slot: first.slot, over: second.slot, endpoints)
            return prefersFirst ? first : second
        }
    }

    private mutating func reuse(_ index: Int, _ up: Int, _ endpoint: EndpointReference) {
        counters.bump(.upstreamReused)
        counters.drop(.upstreamIdle)
        connections[up].isReused = true
        attach(index, up, endpoint)
        send(index, up)
    }

    private mutating func openUpstream(_ index: Int) {
        let reference = exchanges[index].endpoint
        let endpoint = routing.endpoint(reference.slot)
        guard connections.capacity - connections.used > 0 else { return fail(index, .overload) }
        let descriptor = port.openSocket(for: endpoint.socketAddress)
        guard descriptor >= 0 else { return fail(index, .overload) }
        var connection = Connection(
            descriptor: descriptor,
            isUpstream: true,
            phase: .connecting,
            origin: Int32(reference.slot)
        )
        connection.originGeneration = reference.generation
        let (deadline, isNever) = now.addingReportingOverflow(exchanges[index].connectTimeout)
        connection.deadline = isNever ? Clock.never : deadline
        connection.pending = 1
        let up = connections.take(connection)
        deadlines.insert(up, connections)
        counters.bump(.upstreamOpened)
        attach(index, up, reference)
        // The kernel reads the address later; the snapshot it stands in may be gone by then.
        var address = addresses.writer(up)
        address.append(endpoint.socketAddress)
        port.connect(descriptor, to: address.bytes, token: token(.connect, up))
    }

    private mutating func attach(_ index: Int, _ up: Int, _ endpoint: EndpointReference) {
        exchanges[index].upstream = Int32(up)
        connections[up].exchange = Int32(index)
        endpoints.begin(slot: endpoint.slot, generation: endpoint.generation)
        counters.bump(.upstreamActive)
        watchDeadline(Int(exchanges[index].downstream), index)
    }

    mutating func onConnect(_ completion: Completion) {
        let up = Token.slot(completion.token)
        guard isCurrent(completion) else { return }
        connections[up].pending &-= 1
        if connections[up].phase == .closing { return settleClosing(up) }
        let index = Int(connections[up].exchange)
        guard completion.result == 0 else {
            counters.bump(.upstreamFailed)
            return failUpstream(index, .connectFailed)
        }
        connections[up].phase = .exchange
        submitReceive(up)
        send(index, up)
    }

    /// Sends what there is of the request on a connected connection.
    private mutating func send(_ index: Int, _ up: Int) {
        connections[up].phase = .exchange
        buffers.append(
            exchanges[index].head,
            offset: 0,
            length: Int(exchanges[index].headLength),
            to: &connections[up].output
        )
        setUpstreamDeadline(index, up)
        submitSend(up)
        let slot = Int(exchanges[index].downstream)
        if !exchanges[index].requestBody.isDone {
            pumpRequest(slot)
        }
    }

    func backendDeadline(_ index: Int) -> UInt64 {
        let wait = exchanges[index].backendTimeout
        return min(exchanges[index].deadline, wait < Clock.never ? now &+ wait : Clock.never)
    }

    private mutating func setUpstreamDeadline(_ index: Int, _ up: Int) {
        deadlines.set(backendDeadline(index), up, connections)
    }

    /// Moves request body from the client's input to the origin's output.
    mutating func pumpRequest(_ slot: Int) {
        let index = Int(connections[slot].exchange)
        guard index >= 0 else { return }
        if exchanges[index].call != nil { return collectBody(index, slot) }
        let up = Int(exchanges[index].upstream)
        guard up >= 0, connections[up].phase == .exchange else { return }
        while !connections[slot].input.isEmpty, !exchanges[index].requestBody.isDone {
            let piece = buffers.bytes(connections[slot].input.first)
            var body = exchanges[index].requestBody
            let taken = body.take(piece)
            guard taken >= 0 else { return fail(index, .bodyInvalid) }
            exchanges[index].requestBody = body
            guard move(taken, from: slot, to: up) else { return fail(index, .overload) }
        }
        if exchanges[index].requestBody.isDone {
            // While a reply is being written, the deadline is the client's.
            if connections[slot].sending < 0 { watchDeadline(slot, index) }
        } else if connections[slot].atEnd {
            return abandon(index, .client)
        } else {
            watchDeadline(slot, index)
            letGo(slot)
        }
        submitSend(up)
    }

    /// The client must go on with its body, and the whole must end in time.
    mutating func watchDeadline(_ slot: Int, _ index: Int) {
        var deadline = exchanges[index].deadline
        if !exchanges[index].requestBody.isDone {
            deadline = min(deadline, now &+ UInt64(limits.bodyIdleNanoseconds))
        }
        deadlines.set(deadline, slot, connections)
    }

    /// Moves the first `count` bytes of one connection's input to another's output: by reference
    /// when they are the whole piece, else by copy.
    mutating func move(_ count: Int, from source: Int, to target: Int) -> Bool {
        let first = connections[source].input.first
        let piece = buffers[first]
        if count == Int(piece.length) {
            let buffer = buffers.takeFirst(&connections[source].input)
            buffers.append(
                buffer,
                offset: Int(piece.offset),
                length: count,
                to: &connections[target].output
            )
            return true
        }
        guard count > 0 else { return true }
        let copy = buffers.take(for: count)
        guard copy >= 0 else { return false }
        var writer = buffers.writer(copy)
        writer.append(buffers.bytes(first).prefix(count))
        buffers.append(copy, offset: 0, length: count, to: &connections[target].output)
        buffers.trimFirst(count, &connections[source].input)
        return true
    }
}
