internal import SluiceBase
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry
internal import SluiceUpstreams

// route: host and path select a rule, and the rule a backend.
extension Worker where P: ~Copyable {
    mutating func route(_ index: Int, _ slot: Int, _ head: Bytes) {
        let sent = head.slice(request.pathStart, request.pathLength)
        var path = sent
        if !PathForm.isNormal(sent) {
            var writer = scratch.writer(from: Buffers.headBytes)
            guard PathForm.write(sent, to: &writer) else {
                connections[slot].closesAfter = true
                return reject(index, HeadFault.target.status, HeadFault.target.text, head)
            }
            path = writer.bytes
        }
        let host = head.slice(request.hostStart, request.hostLength)
        let listener = routing.listener(binding: connections[slot].origin, host: host)
        switch routing.match(listener: listener, host: host, path: path) {
        case .notFound:
            reject(index, .noRoute, head)
        case .found(let action, _):
            act(index, slot, action, path, head)
        }
    }

    private mutating func act(
        _ index: Int,
        _ slot: Int,
        _ action: Int32,
        _ path: Bytes,
        _ head: Bytes
    ) {
        let terms = routing.action(action)
        if terms.requestTimeoutNanoseconds < Clock.never {
            exchanges[index].deadline = now &+ terms.requestTimeoutNanoseconds
        }
        exchanges[index].backendTimeout = terms.backendTimeoutNanoseconds
        switch routing.pick(action: action, random: balancer.random()) {
        case .status(let status):
            counters.bump(.routeStatus)
            reject(index, status, Fault.noBackend.text, head)
        case .service(let service):
            serve(index, slot, service, path, terms.routeName, head)
        case .pool(let pool):
            exchanges[index].pool = pool
            forward(index, slot, path, head)
        }
    }

    /// Answers a request whose head is parsed but still in the input.
    mutating func reject(_ index: Int, _ fault: Fault, _ head: Bytes, allow: UInt32 = 0) {
        counters.bump(fault.reason)
        reject(index, fault.status, fault.text, head, allow: allow)
    }

    mutating func reject(
        _ index: Int,
        _ status: UInt16,
        _ text: StaticString,
        _ head: Bytes,
        allow: UInt32 = 0
    ) {
        let slot = Int(exchanges[index].downstream)
        consume(slot, request.length)
        answer(index, status, text, allow: allow)
    }

    /// Drops bytes from the front of a connection's input.
    mutating func consume(_ slot: Int, _ count: Int) {
        let length = Int(buffers[connections[slot].input.first].length)
        if count == length {
            release(buffers.takeFirst(&connections[slot].input))
        } else {
            buffers.trimFirst(count, &connections[slot].input)
        }
    }
}
