internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceTelemetry

// write: one send in flight a connection, in order; what is sent frees its buffer.
extension Worker where P: ~Copyable {
    /// Sends the first waiting buffer unless one is in flight.
    mutating func submitSend(_ slot: Int) {
        guard connections[slot].sending < 0, !connections[slot].output.isEmpty,
            connections[slot].phase != .connecting
        else { return }
        let buffer = buffers.takeFirst(&connections[slot].output)
        connections[slot].sending = buffer
        resend(slot, buffer)
        if connections[slot].phase == .exchange { noteProgress(slot) }
    }

    private mutating func resend(_ slot: Int, _ buffer: Int32) {
        connections[slot].pending &+= 1
        let operation = connections[slot].isUpstream ? Operation.sendRequest : .sendReply
        port.send(
            Gather(buffers.bytes(buffer)),
            on: connections[slot].descriptor,
            token: token(operation, slot)
        )
    }

    mutating func onSend(_ completion: Completion) {
        let slot = Token.slot(completion.token)
        guard isCurrent(completion) else { return }
        connections[slot].pending &-= 1
        let buffer = connections[slot].sending
        guard connections[slot].phase != .closing else {
            connections[slot].sending = -1
            freeSent(slot, buffer)
            return settleClosing(slot)
        }
        guard completion.result > 0 else { return onSendFailed(slot, buffer) }
        let sent = Int(completion.result)
        counters.bump(
            connections[slot].isUpstream ? .upstreamBytesSent : .downstreamBytesSent,
            by: sent
        )
        let piece = buffers[buffer]
        if sent < Int(piece.length) {
            buffers[buffer] = Piece(
                next: -1,
                offset: piece.offset &+ UInt32(sent),
                length: piece.length &- UInt32(sent)
            )
            noteProgress(slot)
            return resend(slot, buffer)
        }
        connections[slot].sending = -1
        freeSent(slot, buffer)
        if connections[slot].output.isEmpty {
            onDrained(slot)
        } else {
            noteProgress(slot)
            submitSend(slot)
        }
        letPeerGo(slot)
    }

    /// Frees a sent buffer, unless it is the head that its exchange keeps for another attempt.
    private mutating func freeSent(_ slot: Int, _ buffer: Int32) {
        let exchange = Int(connections[slot].exchange)
        if connections[slot].isUpstream, exchange >= 0, exchanges[exchange].head == buffer {
            return
        }
        release(buffer)
    }

    private mutating func onSendFailed(_ slot: Int, _ buffer: Int32) {
        connections[slot].sending = -1
        freeSent(slot, buffer)
        let index = Int(connections[slot].exchange)
        guard index >= 0 else { return drop(slot) }
        if !connections[slot].isUpstream { return abandon(index, .client) }
        // The origin may have answered before it stopped reading: its reply decides.
        releaseAll(slot, input: false, output: true)
        connections[slot].closesAfter = true
        let mayAnswer =
            connections[slot].isReceiving || connections[slot].isPaused
            || connections[slot].isStarved
        if !mayAnswer {
            counters.bump(.upstreamFailed)
            failUpstream(index, .upstreamClosed)
        }
    }

    /// A client that reads nothing does not hold memory for ever.
    private mutating func noteProgress(_ slot: Int) {
        guard !connections[slot].isUpstream else { return }
        let index = Int(connections[slot].exchange)
        let limit = index >= 0 ? exchanges[index].deadline : Clock.never
        let stall = now &+ UInt64(limits.writeStallNanoseconds)
        deadlines.set(min(limit, stall), slot, connections)
    }

    private mutating func onDrained(_ slot: Int) {
        if connections[slot].isUpstream { return }
        if connections[slot].phase == .refused { return linger(slot) }
        let index = Int(connections[slot].exchange)
        if index >= 0 { watchDeadline(slot, index) }
        finishIfDone(slot)
    }

    private mutating func letPeerGo(_ slot: Int) {
        let index = Int(connections[slot].exchange)
        guard index >= 0 else { return }
        let exchange = exchanges[index]
        let peer = connections[slot].isUpstream ? exchange.downstream : exchange.upstream
        guard peer >= 0 else { return }
        // The origin reads on: a client that is held back for its sake is not late.
        if connections[slot].isUpstream, connections[Int(peer)].isPaused {
            watchDeadline(Int(peer), index)
        }
        letGo(Int(peer))
    }

    /// Ends the exchange of a downstream connection when its reply is written to the last byte.
    mutating func finishIfDone(_ slot: Int) {
        let index = Int(connections[slot].exchange)
        guard index >= 0, exchanges[index].replyBegan, exchanges[index].replyBody.isDone,
            exchanges[index].upstream < 0, exchanges[index].call == nil
        else { return }
        guard connections[slot].output.isEmpty, connections[slot].sending < 0 else {
            return noteProgress(slot)
        }
        endExchange(index)
        next(slot)
    }

    /// The next exchange on the same connection, or its end.
    private mutating func next(_ slot: Int) {
        if connections[slot].closesAfter { return linger(slot) }
        if connections[slot].atEnd, connections[slot].input.isEmpty { return drop(slot) }
        if isDraining { return linger(slot) }
        if connections[slot].input.isEmpty {
            connections[slot].phase = .idle
            setDeadline(slot, after: limits.keepAliveIdleNanoseconds)
            letGo(slot)
        } else {
            connections[slot].phase = .head
            setDeadline(slot, after: limits.headerReadTimeoutNanoseconds)
            letGo(slot)
            parse(slot)
        }
    }

    /// Frees what an exchange holds, after its last byte or when it is given up.
    mutating func endExchange(_ index: Int) {
        let slot = Int(exchanges[index].downstream)
        dropHead(index)
        if !exchanges[index].requestBody.isDone { connections[slot].closesAfter = true }
        connections[slot].exchange = -1
        if exchanges[index].generation != routing.generation { settleStale() }
        exchanges.free(index)
    }
}
