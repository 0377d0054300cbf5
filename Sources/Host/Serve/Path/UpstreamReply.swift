internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceTelemetry
internal import SluiceUpstreams

// reply: the origin's answer is rewritten for the client and passed on.
extension Worker where P: ~Copyable {
    /// Reads what an origin has sent: its head first, then its body.
    mutating func readReply(_ up: Int) {
        let index = Int(connections[up].exchange)
        if exchanges[index].replyBegan { return pumpReply(index, up) }
        guard let bytes = contiguous(up) else { return failUpstream(index, .overload) }
        let head = bytes.prefix(min(bytes.count, limits.headerBytesMax))
        switch reply.parse(head) {
        case .complete(let length):
            if reply.status < 200 { return passInterim(index, up, head, length) }
            beginReply(index, up, head, length)
        case .incomplete where bytes.count < limits.headerBytesMax:
            break
        case .incomplete, .faulty:
            failUpstream(index, .upstreamInvalid)
        }
    }

    /// A 1xx passes on (RFC 9110 15.2); a switch of protocols was not asked for.
    private mutating func passInterim(_ index: Int, _ up: Int, _ head: Bytes, _ length: Int) {
        exchanges[index].interims &+= 1
        guard reply.status != 101, exchanges[index].interims <= Fault.interimsMax else {
            return failUpstream(index, .upstreamInvalid)
        }
        if reply.status != 100, exchanges[index].version == 11 {
            let slot = Int(exchanges[index].downstream)
            let buffer = buffers.takeSend()
            guard buffer >= 0 else { return failUpstream(index, .overload) }
            var writer = buffers.writer(buffer)
            Forward.response(reply, head, closing: false, date: date.bytes, to: &writer)
            if writer.overflowed {
                buffers.free(buffer)
            } else {
                buffers.append(
                    buffer,
                    offset: 0,
                    length: writer.count,
                    to: &connections[slot].output
                )
                submitSend(slot)
            }
        }
        consume(up, length)
        if !connections[up].input.isEmpty { readReply(up) }
    }

    private mutating func beginReply(_ index: Int, _ up: Int, _ head: Bytes, _ length: Int) {
        let slot = Int(exchanges[index].downstream)
        counters.bump(status: Int(reply.status))
        exchanges[index].replyBody = Body(
            reply.framing(answering: exchanges[index].method),
            overheadMax: limits.requestLineBytesMax
        )
        exchanges[index].replyBegan = true
        dropHead(index)
        if case .untilClose = exchanges[index].replyBody { connections[slot].closesAfter = true }
        if !reply.keepsAlive { connections[up].closesAfter = true }
        if !exchanges[index].requestBody.isDone || isDraining {
            // An answer before the end of the request: what follows on either side is uncertain.
            connections[up].closesAfter = true
            connections[slot].closesAfter = true
        }
        let isUnchunked = exchanges[index].version == 10 && reply.section.isChunked
        var writer = scratch.writer()
        Forward.response(
            reply,
            head,
            closing: connections[slot].closesAfter,
            unchunked: isUnchunked,
            date: dateBytes(),
            to: &writer
        )
        if isUnchunked {
            guard queueCopy(writer.bytes, slot) else { return abandon(index, .overload) }
            consume(up, length)
            exchanges[index].isUnchunked = true
            return pumpReply(index, up)
        }
        let first = buffers[connections[up].input.first]
        let rest = buffers.bytes(connections[up].input.first).from(length)
        var body = exchanges[index].replyBody
        let taken = body.take(rest)
        guard taken >= 0 else { return abandon(index, .upstream) }
        exchanges[index].replyBody = body
        if taken == rest.count, writer.count <= Int(first.offset) &+ length {
            replaceHead(writer.bytes, up, slot, length)
        } else if !copyHead(writer.bytes, rest.prefix(taken), up, slot, length) {
            return abandon(index, .overload)
        }
        pumpReply(index, up)
    }

    /// Writes the head over the old one, right before the body, so that both leave in one send.
    private mutating func replaceHead(_ head: Bytes, _ up: Int, _ slot: Int, _ length: Int) {
        let buffer = buffers.takeFirst(&connections[up].input)
        let piece = buffers[buffer]
        let start = Int(piece.offset) &+ length &- head.count
        var place = buffers.writer(buffer, from: start)
        place.append(head)
        let total = head.count &+ Int(piece.length) &- length
        buffers.append(buffer, offset: start, length: total, to: &connections[slot].output)
    }

    /// Writes the head, and the body that came with it, into buffers of their own.
    private mutating func copyHead(
        _ head: Bytes,
        _ body: Bytes,
        _ up: Int,
        _ slot: Int,
        _ length: Int
    ) -> Bool {
        guard queueCopy(head, slot), body.isEmpty || queueCopy(body, slot) else { return false }
        consume(up, length &+ body.count)
        return true
    }

    /// Queues a copy of `bytes`, which fit a large buffer.
    mutating func queueCopy(_ bytes: Bytes, _ slot: Int) -> Bool {
        let buffer = buffers.take(for: bytes.count)
        guard buffer >= 0 else { return false }
        var writer = buffers.writer(buffer)
        writer.append(bytes)
        guard !writer.overflowed else {
            buffers.free(buffer)
            return false
        }
        buffers.append(buffer, offset: 0, length: bytes.count, to: &connections[slot].output)
        return true
    }

    /// Moves reply body from the origin's input to the client's output.
    private mutating func pumpReply(_ index: Int, _ up: Int) {
        let slot = Int(exchanges[index].downstream)
        while !connections[up].input.isEmpty, !exchanges[index].replyBody.isDone {
            if exchanges[index].isUnchunked {
                guard unchunk(index, up, slot) else { return abandon(index, .upstream) }
                continue
            }
            let piece = buffers.bytes(connections[up].input.first)
            var body = exchanges[index].replyBody
            let taken = body.take(piece)
            guard taken >= 0 else { return abandon(index, .upstream) }
            exchanges[index].replyBody = body
            guard move(taken, from: up, to: slot) else { return abandon(index, .overload) }
        }
        if exchanges[index].replyBody.isDone {
            detachUpstream(index, succeeded: true)
        } else {
            deadlines.set(exchanges[index].deadline, up, connections)
            holdBack(up)
        }
        submitSend(slot)
        finishIfDone(slot)
    }

    /// Copies the next run of content of a chunked reply; false when the framing is broken or no
    /// buffer is left.
    private mutating func unchunk(_ index: Int, _ up: Int, _ slot: Int) -> Bool {
        let piece = buffers.bytes(connections[up].input.first)
        var body = exchanges[index].replyBody
        let content = body.takeContent(piece)
        guard content.taken >= 0 else { return false }
        exchanges[index].replyBody = body
        let bytes = piece.slice(content.offset, content.length)
        guard bytes.isEmpty || queueCopy(bytes, slot) else { return false }
        consume(up, content.taken)
        return true
    }

    /// The origin has ended its stream or the connection has failed.
    mutating func onReplyEnd(_ up: Int, _ result: Int32) {
        guard connections[up].phase == .exchange else { return drop(up) }
        let index = Int(connections[up].exchange)
        if exchanges[index].replyBegan {
            if result == 0, case .untilClose = exchanges[index].replyBody {
                exchanges[index].replyBody = .none
                let slot = Int(exchanges[index].downstream)
                detachUpstream(index, succeeded: true)
                return finishIfDone(slot)
            }
            return abandon(index, .upstream)
        }
        counters.bump(.upstreamFailed)
        failUpstream(index, .upstreamClosed)
    }

    /// The exchange needs its origin no longer: the connection is kept warm or closed.
    mutating func detachUpstream(_ index: Int, succeeded: Bool) {
        dropHead(index)
        let up = Int(exchanges[index].upstream)
        guard up >= 0 else { return }
        exchanges[index].upstream = -1
        connections[up].exchange = -1
        let slot = UInt32(bitPattern: connections[up].origin)
        let generation = connections[up].originGeneration
        endpoints.finish(slot: slot, generation: generation, succeeded: succeeded)
        counters.drop(.upstreamActive)
        guard succeeded, isReusable(up),
            endpoints.keepIdle(slot: slot, generation: generation, connection: Int32(up))
        else { return drop(up) }
        connections[up].phase = .idle
        counters.bump(.upstreamIdle)
        let (idle, isNever) = now.addingReportingOverflow(exchanges[index].idleTimeout)
        deadlines.set(isNever ? Clock.never : idle, up, connections)
    }

    /// Whether nothing is left on an origin's connection that the next exchange could trip over.
    private func isReusable(_ up: Int) -> Bool {
        !connections[up].closesAfter && !connections[up].atEnd && !isDraining
            && connections[up].input.isEmpty && connections[up].output.isEmpty
            && connections[up].sending < 0 && connections[up].isReceiving
            && !connections[up].isPaused
    }

    /// Drops the head that was kept for another attempt.
    mutating func dropHead(_ index: Int) {
        let head = exchanges[index].head
        guard head >= 0 else { return }
        exchanges[index].head = -1
        // While it is in flight or queued, the sending side frees it.
        let up = exchanges[index].upstream
        if up >= 0, isQueued(head, Int(up)) { return }
        release(head)
    }

    private func isQueued(_ buffer: Int32, _ up: Int) -> Bool {
        connections[up].sending == buffer || connections[up].output.first == buffer
    }

    /// The Date of this second.
    mutating func dateBytes() -> Bytes {
        if now >= dateDue {
            dateDue = now &+ Clock.nanosecondsPerSecond / 4
            date.update(unixSecond: port.unixSecond())
        }
        return date.bytes
    }
}
