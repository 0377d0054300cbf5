internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceTelemetry

// service: a plugin answers, on its lane or inline on this worker.
extension Worker where P: ~Copyable {
    mutating func serve(
        _ index: Int,
        _ slot: Int,
        _ service: UInt16,
        _ path: Bytes,
        _ route: Bytes,
        _ head: Bytes
    ) {
        switch services.admit(service, method: request.method.rawValue, path: path) {
        case .notFound: reject(index, .serviceNotFound, head)
        case .methodNotAllowed(let allow): reject(index, .methodNotAllowed, head, allow: allow)
        case .unavailable: reject(index, .serviceUnavailable, head)
        case .full: reject(index, .serviceFull, head)
        case .mount(let terms):
            guard exchanges[index].requestBody.isDone || terms.body != .none,
                request.section.contentLength <= Int64(terms.bodyBytesMax)
            else { return reject(index, .bodyTooLarge, head) }
            prepare(index, slot, service, terms, path, route, head)
        }
    }

    private mutating func prepare(
        _ index: Int,
        _ slot: Int,
        _ service: UInt16,
        _ terms: MountTerms,
        _ path: Bytes,
        _ route: Bytes,
        _ head: Bytes
    ) {
        let id = services.exchanges.open(worker: self.index, slot: index)
        guard let call = services.prepare(service, mount: terms.index, id: id) else {
            services.exchanges.close(id)
            return reject(index, .serviceFull, head)
        }
        counters.bump(.serviceCalls)
        counters.bump(.serviceActive)
        exchanges[index].call = call
        exchanges[index].bodyBytesMax = terms.bodyBytesMax
        exchanges[index].deadline = min(exchanges[index].deadline, terms.deadline(from: now))
        deadlines.set(exchanges[index].deadline, slot, connections)
        var asked = describe(path, head)
        var peer = scratch.writer()
        PeerName.write(of: connections[slot].descriptor, to: &peer)
        asked.peer = peer.bytes
        asked.route = route
        asked.arrivedNanoseconds = exchanges[index].arrived
        let deadline = exchanges[index].deadline
        asked.deadlineNanoseconds = deadline == Clock.never ? 0 : deadline
        for place in 0..<request.section.count {
            let field = request.section.fields[place]
            guard call.add(name: field.nameBytes(in: head), value: field.value(in: head)) else {
                consume(slot, request.length)
                return fail(index, .overload)
            }
        }
        callOrCollect(index, slot, call, asked)
    }

    private func describe(_ path: Bytes, _ head: Bytes) -> ServiceRequest {
        var asked = ServiceRequest(
            method: request.method.rawValue,
            methodName: head.slice(request.methodStart, request.methodLength),
            authority: head.slice(request.hostStart, request.hostLength),
            path: path
        )
        if request.queryStart >= 0 {
            asked.query = head.slice(request.queryStart, request.queryLength)
        }
        asked.contentLength = request.section.isChunked ? -1 : request.section.contentLength
        asked.httpVersion = UInt32(request.version)
        return asked
    }

    /// Calls at once when the body is there, else after the rest of it has come.
    private mutating func callOrCollect(
        _ index: Int,
        _ slot: Int,
        _ call: ServiceCall,
        _ asked: ServiceRequest
    ) {
        let expected = min(Int(max(0, asked.contentLength)), exchanges[index].bodyBytesMax)
        services.describe(call, asked, expecting: expected)
        consume(slot, request.length)
        if exchanges[index].requestBody.isDone { return make(index, call) }
        if request.section.expectsContinue { sendContinue(slot) }
        collectBody(index, slot)
    }

    /// Adds body bytes to a call that waits for them.
    mutating func collectBody(_ index: Int, _ slot: Int) {
        // Bytes that come after the body are the next request's: the call is made already.
        guard let call = exchanges[index].call, !exchanges[index].requestBody.isDone else {
            return
        }
        while !connections[slot].input.isEmpty, !exchanges[index].requestBody.isDone {
            let piece = buffers.bytes(connections[slot].input.first)
            var body = exchanges[index].requestBody
            let content = body.takeContent(piece)
            guard content.taken >= 0 else { return fail(index, .bodyInvalid) }
            guard call.bodyCount + content.length <= exchanges[index].bodyBytesMax else {
                return fail(index, .bodyTooLarge)
            }
            call.append(body: piece.slice(content.offset, content.length))
            exchanges[index].requestBody = body
            consume(slot, content.taken)
        }
        if exchanges[index].requestBody.isDone {
            deadlines.set(exchanges[index].deadline, slot, connections)
            make(index, call)
        } else if connections[slot].atEnd {
            abandon(index, .client)
        } else {
            let idle = now &+ UInt64(limits.bodyIdleNanoseconds)
            deadlines.set(min(exchanges[index].deadline, idle), slot, connections)
            letGo(slot)
        }
    }

    private mutating func make(_ index: Int, _ call: ServiceCall) {
        switch services.call(call) {
        case .pending: break
        case .answered(let answer): take(answer)
        }
    }

    /// An answer has come, from a lane or from an inline service.
    mutating func take(_ answer: Answer) {
        defer { answer.recycle() }
        guard services.exchanges.isCurrent(answer.id) else { return }
        let index = answer.slot
        switch answer.kind {
        case .response: write(answer, index)
        case .abort: abandon(index, .upstream)
        case .declined: fail(index, .serviceNotFound)
        case .failed: fail(index, .serviceFailed)
        case .unavailable: fail(index, .serviceUnavailable)
        }
    }

    private mutating func write(_ answer: Answer, _ index: Int) {
        let slot = Int(exchanges[index].downstream)
        let headOnly = exchanges[index].method == .head
        counters.bump(status: answer.status)
        endCall(index, .done)
        var writer = scratch.writer()
        writer.append("HTTP/1.1 ")
        writer.append(decimal: answer.status)
        writer.append(0x20)
        writer.append(Bytes(Status.reason(UInt16(truncatingIfNeeded: answer.status))))
        writer.append("\r\n")
        writer.append(answer.headers)
        if answer.status != 204 && answer.status != 304 {
            writer.append("Content-Length: ")
            writer.append(decimal: answer.body.count)
            writer.append("\r\n")
        }
        writer.append("Date: ")
        writer.append(dateBytes())
        if connections[slot].closesAfter { writer.append("\r\nConnection: close") }
        writer.append("\r\n\r\n")
        let hasBody = !headOnly && answer.status != 204 && answer.status != 304
        guard !writer.overflowed, queueAll(writer, hasBody ? answer.body : .empty, slot) else {
            return abandon(index, .overload)
        }
        exchanges[index].replyBegan = true
        submitSend(slot)
        finishIfDone(slot)
    }

    /// Queues head and body in as few buffers as they need.
    private mutating func queueAll(_ head: ByteWriter, _ body: Bytes, _ slot: Int) -> Bool {
        var head = head
        var rest = body
        if body.count <= Buffers.sendBytes - head.count {
            head.append(body)
            rest = .empty
        }
        guard queueCopy(head.bytes, slot) else { return false }
        while !rest.isEmpty {
            let part = rest.prefix(min(rest.count, Buffers.headBytes))
            guard queueCopy(part, slot) else { return false }
            rest = rest.from(part.count)
        }
        return true
    }

    /// The plugin's part is over.
    mutating func endCall(_ index: Int, _ why: ExchangeFacts.Close) {
        guard let call = exchanges[index].call else { return }
        exchanges[index].call = nil
        counters.drop(.serviceActive)
        if why != .done { services.cancel(call, why: why) }
        services.done(
            call,
            ExchangeFacts(
                status: 0,
                close: why,
                totalNanoseconds: now &- exchanges[index].arrived
            )
        )
    }
}
