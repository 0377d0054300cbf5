internal import SluiceBase
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

// fault: what the host answers itself, and how exchanges are given up.
extension Worker where P: ~Copyable {
    /// Answers an exchange from the fault table.
    mutating func fail(_ index: Int, _ fault: Fault) {
        counters.bump(fault.reason)
        if exchanges[index].replyBegan { return abandon(index, .upstream) }
        answer(index, fault.status, fault.text)
    }

    /// The origin failed the exchange: tries once more where that is safe, else answers.
    mutating func failUpstream(_ index: Int, _ fault: Fault) {
        let isSafe =
            switch fault.remedy {
            case .none: false
            case .elsewhere: mayGoElsewhere(index)
            case .afresh: mayGoAfresh(index)
            }
        let head = isSafe ? takeBack(index) : -1
        detachUpstream(index, succeeded: false)
        guard head >= 0 else { return fail(index, fault) }
        counters.bump(.upstreamRetries)
        exchanges[index].head = head
        fault.remedy == .elsewhere ? connect(index) : connectAgain(index)
    }

    /// Nothing was sent, and the pool that the exchange was routed to has other endpoints.
    private func mayGoElsewhere(_ index: Int) -> Bool {
        exchanges[index].attempts < Fault.attemptsMax
            && exchanges[index].generation == routing.generation
            && routing.pool(exchanges[index].pool)?.endpointCount ?? 0 > 1
    }

    /// No byte of the reply has come, the request is whole in memory, the connection had been idle
    /// before, so that the origin most likely never saw it, and the method is idempotent
    /// (RFC 9110 9.2.2).
    private func mayGoAfresh(_ index: Int) -> Bool {
        let up = Int(exchanges[index].upstream)
        return up >= 0 && connections[up].isReused && connections[up].input.isEmpty
            && exchanges[index].isRepeatable && exchanges[index].attempts == 1
            && exchanges[index].method.isIdempotent
    }

    /// Takes the request's head back from a connection that failed; -1 while it is in flight.
    private mutating func takeBack(_ index: Int) -> Int32 {
        let up = Int(exchanges[index].upstream)
        let head = exchanges[index].head
        guard head >= 0, connections[up].sending != head else { return -1 }
        if connections[up].output.first == head {
            _ = buffers.takeFirst(&connections[up].output)
        }
        exchanges[index].head = -1
        return head
    }

    /// Answers an exchange locally; no byte of a reply has been queued.
    mutating func answer(_ index: Int, _ status: UInt16, _ text: StaticString, allow: UInt32 = 0) {
        let slot = Int(exchanges[index].downstream)
        detachUpstream(index, succeeded: false)
        endCall(index, .done)
        if !exchanges[index].requestBody.isDone {
            connections[slot].closesAfter = true
            releaseAll(slot, input: true, output: false)
        }
        let headOnly = exchanges[index].method == .head
        guard
            queueLocalReply(slot, status, Bytes(text), headOnly: headOnly, allow: allow)
        else { return abandon(index, .overload) }
        exchanges[index].replyBegan = true
        exchanges[index].replyBody = .none
        exchanges[index].requestBody = .none
        submitSend(slot)
        finishIfDone(slot)
    }

    /// Queues a reply of the one shape that all local replies have: plain text with its status.
    mutating func queueLocalReply(
        _ slot: Int,
        _ status: UInt16,
        _ text: Bytes,
        headOnly: Bool,
        allow: UInt32
    ) -> Bool {
        let buffer = buffers.takeSend()
        guard buffer >= 0 else { return false }
        counters.bump(status: Int(status))
        var writer = buffers.writer(buffer)
        let reason = Bytes(Status.reason(status))
        writer.append("HTTP/1.1 ")
        writer.append(decimal: Int(status))
        writer.append(0x20)
        writer.append(reason)
        writer.append("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ")
        writer.append(decimal: reason.count &+ 2 &+ text.count &+ 1)
        writer.append("\r\nDate: ")
        writer.append(dateBytes())
        if status == 503 { writer.append("\r\nRetry-After: 1") }
        if allow != 0 { Method.writeAllow(allow, to: &writer) }
        if connections[slot].closesAfter { writer.append("\r\nConnection: close") }
        writer.append("\r\n\r\n")
        if !headOnly {
            writer.append(reason)
            writer.append(": ")
            writer.append(text)
            writer.append(0x0a)
        }
        buffers.append(buffer, offset: 0, length: writer.count, to: &connections[slot].output)
        return true
    }

    /// Gives an exchange up without an answer: the client sees the connection end.
    mutating func abandon(_ index: Int, _ why: Abandonment) {
        let slot = Int(exchanges[index].downstream)
        let up = exchanges[index].upstream
        // Half an exchange is on it: nothing may follow (RFC 9112 9.6).
        if up >= 0 { connections[Int(up)].closesAfter = true }
        detachUpstream(index, succeeded: why == .client)
        endCall(index, why.close)
        exchanges[index].requestBody = .none
        endExchange(index)
        drop(slot)
    }
}

/// Why an exchange is given up without an answer.
enum Abandonment {
    case client, upstream, overload, timeout, shutdown

    /// What a plugin is told.
    var close: ExchangeFacts.Close {
        switch self {
        case .client: .client
        case .upstream: .upstream
        case .overload: .overload
        case .timeout: .timeout
        case .shutdown: .shutdown
        }
    }
}
