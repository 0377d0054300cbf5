internal import SluiceBase
internal import SluiceConfig
internal import SluiceTelemetry

// receive: bytes arrive, from either side; holding a peer back and letting it go on.
extension Worker where P: ~Copyable {
    mutating func submitReceive(_ slot: Int) {
        connections[slot].isReceiving = true
        connections[slot].isPaused = false
        connections[slot].pending &+= 1
        let operation =
            connections[slot].isUpstream ? Operation.receiveReply : .receiveRequest
        port.receive(on: connections[slot].descriptor, token: token(operation, slot))
    }

    mutating func onReceiveRequest(_ completion: Completion) {
        guard let slot = takeReceived(completion) else { return }
        if completion.result <= 0 { return onRequestEnd(slot, completion.result) }
        counters.bump(.downstreamBytesReceived, by: Int(completion.result))
        switch connections[slot].phase {
        case .idle:
            connections[slot].phase = .head
            setDeadline(slot, after: limits.headerReadTimeoutNanoseconds)
            parse(slot)
        case .head:
            parse(slot)
        case .exchange:
            pumpRequest(slot)
            holdBack(slot)
        case .refused, .lingering:
            releaseAll(slot, input: true, output: false)
        case .connecting, .closing:
            preconditionFailure("a client's connection neither connects nor receives when closed")
        }
    }

    mutating func onReceiveReply(_ completion: Completion) {
        guard let slot = takeReceived(completion) else { return }
        if completion.result <= 0 { return onReplyEnd(slot, completion.result) }
        counters.bump(.upstreamBytesReceived, by: Int(completion.result))
        // Bytes that nobody asked for: the connection is not to be trusted (RFC 9112 9.2).
        guard connections[slot].phase == .exchange else { return drop(slot) }
        // Memory is all but gone, and this exchange reads ahead of a client that does not keep up.
        if lentBuffers > buffers.receive.count / 4 * 3, peerOutput(slot) > 0 {
            return abandon(Int(connections[slot].exchange), .overload)
        }
        readReply(slot)
    }

    /// Books a receive: the slot if its bytes or its end matter, nil if nothing is left to do.
    @inline(__always)
    private mutating func takeReceived(_ completion: Completion) -> Int? {
        let slot = Token.slot(completion.token)
        if completion.buffer >= 0 { lentBuffers &+= 1 }
        guard isCurrent(completion) else {
            if completion.buffer >= 0 { release(completion.buffer) }
            return nil
        }
        if !completion.more {
            connections[slot].isReceiving = false
            connections[slot].pending &-= 1
        }
        if connections[slot].phase == .closing {
            if completion.buffer >= 0 { release(completion.buffer) }
            settleClosing(slot)
            return nil
        }
        if completion.result > 0 {
            keep(completion.buffer, Int(completion.result), slot)
            if !completion.more { rearm(slot) }
            return slot
        }
        if completion.buffer >= 0 { release(completion.buffer) }
        return isOver(slot, completion.result) ? slot : nil
    }

    /// Adds received bytes to a connection's input.
    ///
    /// Receive buffers are few and every connection needs them, so they are not for storage: small
    /// pieces join the one before, and when half of the buffers are lent, bytes move to memory of
    /// which there is one piece a connection. A peer that trickles or does not read holds up
    /// itself.
    @inline(__always)
    private mutating func keep(_ buffer: Int32, _ length: Int, _ slot: Int) {
        if connections[slot].input.isEmpty, lentBuffers <= buffers.receive.count / 2 {
            buffers.append(buffer, offset: 0, length: length, to: &connections[slot].input)
        } else {
            store(buffer, length, slot)
        }
    }

    private mutating func store(_ buffer: Int32, _ length: Int, _ slot: Int) {
        let bytes = buffers.receive.bytes(Int(buffer), 0, length)
        let isSmall = length <= limits.receiveBufferBytes / 4
        if isSmall, buffers.extendLast(bytes, &connections[slot].input) {
            return release(buffer)
        }
        let isScarce = lentBuffers > buffers.receive.count / 2
        let copy = isScarce ? buffers.take(for: length) : -1
        guard copy >= 0 else {
            return buffers.append(
                buffer,
                offset: 0,
                length: length,
                to: &connections[slot].input
            )
        }
        var writer = buffers.writer(copy)
        writer.append(bytes)
        release(buffer)
        buffers.append(copy, offset: 0, length: length, to: &connections[slot].input)
    }

    /// Whether a receive without bytes is the end of the stream.
    private mutating func isOver(_ slot: Int, _ result: Int32) -> Bool {
        switch -result {
        case ErrnoCode.noBuffers:
            counters.bump(.bufferShortages)
            connections[slot].isStarved = true
            starvedCount += 1
            return false
        case ErrnoCode.cancelled where connections[slot].isPaused:
            return false
        case ErrnoCode.cancelled:
            rearm(slot)
            return false
        default:
            connections[slot].atEnd = true
            return true
        }
    }

    /// The kernel ended a multishot receive though the stream goes on.
    private mutating func rearm(_ slot: Int) {
        if !connections[slot].isPaused && !connections[slot].isReceiving { submitReceive(slot) }
    }

    /// Receives again on connections that found no buffer.
    mutating func feedStarved() {
        starvedCount = 0
        for slot in 0..<connections.capacity
        where connections.isTaken(slot) && connections[slot].isStarved {
            connections[slot].isStarved = false
            if connections[slot].phase != .closing && !connections[slot].isReceiving {
                submitReceive(slot)
            }
        }
    }

    /// Stops receiving while more waits than the limit allows.
    mutating func holdBack(_ slot: Int) {
        guard connections[slot].isReceiving, !connections[slot].isPaused,
            waiting(slot) > waitingMax(slot)
        else { return }
        connections[slot].isPaused = true
        let operation =
            connections[slot].isUpstream ? Operation.receiveReply : .receiveRequest
        port.cancel(operation: token(operation, slot), token: Token.make(.settle, 0, 0))
    }

    /// Receives again when half of the limit has drained.
    mutating func letGo(_ slot: Int) {
        guard connections[slot].isPaused, waiting(slot) <= waitingMax(slot) / 2 else { return }
        resume(slot)
    }

    /// Receives again, because nothing goes on without more bytes.
    mutating func resume(_ slot: Int) {
        guard connections[slot].isPaused else { return }
        if connections[slot].isReceiving {
            // The cancellation is under way; its completion arms the receive again.
            connections[slot].isPaused = false
        } else if !connections[slot].atEnd {
            submitReceive(slot)
        }
    }

    /// Bytes that came in on a connection and have not gone out on the other one.
    private func waiting(_ slot: Int) -> Int {
        connections[slot].input.bytes &+ peerOutput(slot)
    }

    /// What may wait: little where it is requests ahead of their turn, more where it is a body.
    ///
    /// While receive buffers are scarce nothing is read ahead of a client that reads slowly.
    private func waitingMax(_ slot: Int) -> Int {
        if connections[slot].isUpstream, lentBuffers > buffers.receive.count / 2 { return 0 }
        let index = Int(connections[slot].exchange)
        guard !connections[slot].isUpstream, index >= 0, exchanges[index].requestBody.isDone
        else { return limits.pendingWriteBytesMax }
        return limits.receiveBufferBytes
    }

    private func peerOutput(_ slot: Int) -> Int {
        guard connections[slot].exchange >= 0 else { return 0 }
        let exchange = exchanges[Int(connections[slot].exchange)]
        let peer = connections[slot].isUpstream ? exchange.downstream : exchange.upstream
        return peer >= 0 ? connections[Int(peer)].output.bytes : 0
    }

    private mutating func onRequestEnd(_ slot: Int, _ result: Int32) {
        switch connections[slot].phase {
        case .idle, .head, .lingering:
            drop(slot)
        case .exchange:
            let exchange = Int(connections[slot].exchange)
            if result == 0, exchanges[exchange].requestBody.isDone {
                // The client has said all it wants to say and may still be listening.
                if connections[slot].input.isEmpty { connections[slot].closesAfter = true }
            } else {
                abandon(exchange, .client)
            }
        case .refused:
            if result < 0 { drop(slot) }
        case .connecting, .closing:
            break
        }
    }
}

/// Kernel error numbers that the data path tells apart (Linux, all architectures).
enum ErrnoCode {
    static let noBuffers: Int32 = 105
    static let cancelled: Int32 = 125
}
