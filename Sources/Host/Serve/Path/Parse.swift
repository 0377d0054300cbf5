internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

// parse: the bytes of a client become a request head.
extension Worker where P: ~Copyable {
    /// Parses the head at the front of a downstream connection's input, if it is all there.
    mutating func parse(_ slot: Int) {
        guard let bytes = contiguous(slot) else {
            return refuse(slot, .overload)
        }
        let head = bytes.prefix(min(bytes.count, limits.headerBytesMax))
        switch request.parse(head) {
        case .complete:
            begin(slot, head)
        case .incomplete where bytes.count >= limits.headerBytesMax:
            refuse(slot, HeadFault.headTooLarge)
        case .incomplete where connections[slot].atEnd:
            drop(slot)
        case .incomplete:
            resume(slot)
        case .faulty(let fault):
            refuse(slot, fault)
        }
    }

    /// The input of a connection as one run of bytes; nil when there is no memory to join it.
    mutating func contiguous(_ slot: Int) -> Bytes? {
        let first = connections[slot].input.first
        if first == connections[slot].input.last { return buffers.bytes(first) }
        if buffers.isLarge(first), buffers[first].offset == 0 {
            let own = buffers.takeFirst(&connections[slot].input)
            return join(slot, into: own, after: Int(buffers[own].length))
        }
        let large = buffers.takeLarge()
        return large < 0 ? nil : join(slot, into: large, after: 0)
    }

    /// Moves what fits of the waiting pieces into a large buffer that holds `count` bytes already
    /// and becomes the first of the input.
    private mutating func join(_ slot: Int, into large: Int32, after count: Int) -> Bytes {
        var writer = buffers.writer(large)
        writer.count = count
        while !connections[slot].input.isEmpty {
            let piece = buffers.bytes(connections[slot].input.first)
            guard piece.count <= writer.remaining else {
                let part = writer.remaining
                writer.append(piece.prefix(part))
                buffers.trimFirst(part, &connections[slot].input)
                break
            }
            writer.append(piece)
            release(buffers.takeFirst(&connections[slot].input))
        }
        let rest = connections[slot].input
        connections[slot].input = Queue()
        buffers.append(large, offset: 0, length: writer.count, to: &connections[slot].input)
        if !rest.isEmpty { buffers.link(rest, behind: &connections[slot].input) }
        return buffers.bytes(large)
    }

    /// A whole head is there: an exchange begins.
    private mutating func begin(_ slot: Int, _ head: Bytes) {
        counters.bump(.requests)
        connections[slot].requests &+= 1
        let body = Body(request.bodyFraming, overheadMax: limits.requestLineBytesMax)
        let index = exchanges.take(
            Exchange(
                downstream: Int32(slot),
                method: request.method,
                version: request.version,
                requestBody: body,
                generation: routing.generation,
                arrived: now
            )
        )
        guard index >= 0 else { return refuse(slot, .overload) }
        connections[slot].phase = .exchange
        connections[slot].exchange = Int32(index)
        deadlines.set(Clock.never, slot, connections)
        // HTTP/1.0 clients are answered and let go: they know neither chunks nor interim replies.
        if !request.keepsAlive || request.version == 10 || isClosing || isOverused(slot)
            || listening[binding(slot)].isRetired || listening[binding(slot)].descriptor < 0
        {
            connections[slot].closesAfter = true
        }
        route(index, slot, head)
    }

    private func binding(_ slot: Int) -> Int { Int(connections[slot].origin) }

    private func isOverused(_ slot: Int) -> Bool {
        limits.requestsPerConnectionMax > 0
            && connections[slot].requests >= limits.requestsPerConnectionMax
    }

    /// Answers what cannot be parsed, and closes: the rest of the bytes means nothing.
    private mutating func refuse(_ slot: Int, _ fault: HeadFault) {
        counters.bump(.requests)
        counters.bump(reason(fault))
        refuse(slot, fault.status, fault.text)
    }

    private mutating func refuse(_ slot: Int, _ fault: Fault) {
        counters.bump(fault.reason)
        refuse(slot, fault.status, fault.text)
    }

    /// Answers without an exchange and closes.
    mutating func refuse(_ slot: Int, _ status: UInt16, _ text: StaticString) {
        releaseAll(slot, input: true, output: false)
        connections[slot].closesAfter = true
        connections[slot].phase = .refused
        guard queueLocalReply(slot, status, Bytes(text), headOnly: false, allow: 0) else {
            return drop(slot)
        }
        setDeadline(slot, after: limits.writeStallNanoseconds)
        submitSend(slot)
    }

    private func reason(_ fault: HeadFault) -> LocalReason {
        switch fault.status {
        case 414: .requestLineTooLong
        case 431: .headTooLarge
        case 501, 505: .notSupported
        default: .badRequest
        }
    }
}
