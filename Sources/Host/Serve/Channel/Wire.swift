internal import SluiceBase
internal import SluiceConfig
internal import SluiceHTTP
internal import SluiceTelemetry

// The wire: what a channel asks of the port, and what the port answers.
extension Worker where P: ~Copyable {
    func token(_ operation: Operation, _ c: ChannelSlot) -> UInt64 {
        Token.make(operation, c.number, channels.generation(c))
    }

    // MARK: receive

    mutating func submitReceive(_ c: ChannelSlot) {
        precondition(channels[c].receive == .idle, "one receive at a time")
        channels[c].receive = .armed
        channels[c].pending &+= 1
        port.receive(
            on: channels[c].descriptor,
            token: token(.receive, c),
            from: receiveGroup(c)
        )
    }

    private func receiveGroup(_ c: ChannelSlot) -> ReceiveGroup {
        if channels[c].wasHeld { return .content }
        let isFirst = channels[c].receivedBytes == 0 && !channels[c].isUpstream
        return isFirst ? .first : .heads
    }

    mutating func onReceive(_ completion: Completion) {
        let c = ChannelSlot(number: Token.slot(completion.token))
        let generation = Token.generation(completion.token)
        precondition(channels.holds(c, generation), "a channel stays until its operations end")
        let buffer = BufferNumber(number: completion.buffer)
        if !buffer.isNone { buffers.lend(buffer) }
        if !completion.more {
            channels[c].receive = .idle
            channels[c].pending &-= 1
        }
        if channels[c].isClosing {
            if !buffer.isNone { buffers.release(buffer) }
            return settleClosing(c)
        }
        guard completion.result > 0 else {
            if !buffer.isNone { buffers.release(buffer) }
            return onReceiveEnd(c, completion.result)
        }
        let count = Int(completion.result)
        channels[c].receivedBytes &+= UInt64(count)
        channels[c].receivedAt = now
        counters.bump(
            channels[c].isUpstream ? .upstreamBytesReceived : .downstreamBytesReceived,
            by: count
        )
        if isSecured(c) {
            guard receiveSealed(buffer, count, c, generation) else { return }
        } else {
            guard keep(buffer, count, c) || makeRoom(c, generation) && keep(buffer, count, c)
            else {
                buffers.release(buffer)
                return onNoMemory(c, generation)
            }
            onInput(c)
        }
        // The channel may be gone by now, and its slot may be another's.
        guard channels.holds(c, generation), !channels[c].isClosing else { return }
        holdBack(c)
        if channels[c].receive == .idle, channels[c].wantsReceive, !channels[c].isStarved {
            if mayDefer(c) { deferReceive(c) } else { submitReceive(c) }
        }
    }

    /// Bytes have come on a channel under TLS; false when it is gone, or will be.
    private mutating func receiveSealed(
        _ buffer: BufferNumber,
        _ count: Int,
        _ c: ChannelSlot,
        _ generation: UInt32
    ) -> Bool {
        // What has been decrypted cannot be again: room for it is made before.
        if buffers.isLastOfHeads(buffer), !makeRoom(c, generation) {
            buffers.release(buffer)
            return false
        }
        let wasComplete = security[c.index].isComplete
        let opened = open(buffer, count, c)
        return onOpened(opened, wasComplete: wasComplete, c, generation)
    }

    /// Whether nothing more is expected of a client: it has asked all it wants to ask.
    private func mayDefer(_ c: ChannelSlot) -> Bool {
        let session = sessions[c.index]
        return session.kind == .server && session.stage == .message && session.isLastRequest
            && session.incoming.isDone
    }

    /// Receives on only when the reply takes long, to see whether the client leaves: most replies
    /// are sent, and the connection closed, before that.
    private mutating func deferReceive(_ c: ChannelSlot) {
        channels[c].isDeferred = true
        watch(c)
    }

    /// Adds received bytes to a channel's input; false when there is no memory.
    ///
    /// Small pieces join the one before, and while receive buffers are scarce bytes are copied out
    /// of them: they are few and every channel needs them.
    mutating func keep(_ buffer: BufferNumber, _ length: Int, _ c: ChannelSlot) -> Bool {
        let joins = !channels[c].input.isEmpty && length <= buffers.receive.size / 4
        if joins || buffers.isScarce(for: buffer) {
            let bytes = buffers.memory(buffer, 0, length)
            if buffers.append(copy: bytes, to: &channels[c].input) {
                buffers.release(buffer)
                return true
            }
        }
        // The last buffers for heads are not lent for long: who would hold one is cut off.
        if !buffers.isLastOfHeads(buffer),
            buffers.append(buffer, offset: 0, length: length, to: &channels[c].input)
        {
            return true
        }
        return false
    }

    /// Cuts off who holds the memory; whether the channel that needs some is still open.
    private mutating func makeRoom(_ c: ChannelSlot, _ generation: UInt32) -> Bool {
        relieve()
        return channels.holds(c, generation) && !channels[c].isClosing
    }

    /// A receive without bytes: a shortage, a cancellation of ours, or the end of the stream.
    private mutating func onReceiveEnd(_ c: ChannelSlot, _ result: Int32) {
        switch -result {
        case ErrnoCode.noBuffers:
            counters.bump(.bufferShortages)
            channels[c].isStarved = true
            starvedCount += 1
        case ErrnoCode.cancelled:
            if channels[c].wantsReceive { submitReceive(c) }
        default:
            // Under TLS a stream that ends without a close_notify is cut off (RFC 8446 6.1).
            let isCut = isSecured(c) && !security[c.index].hasEnded
            guard !channels[c].atEnd else { return }
            channels[c].atEnd = true
            onEnd(c, isBroken: result < 0 || isCut)
        }
    }

    /// Receives again on channels that found no buffer: as many as there are buffers, in turn.
    mutating func feedStarved() {
        var heads = buffers.freeCount(.heads)
        var content = buffers.freeCount(.content)
        let count = Int32(channels.capacity)
        for step in 0..<count {
            guard starvedCount > 0, heads > 0 || content > 0 else { return }
            let c = ChannelSlot(number: (starvedNext &+ step) % count)
            guard channels.isTaken(c), channels[c].isStarved else { continue }
            if channels[c].wasHeld {
                guard content > 0 else { continue }
                content -= 1
            } else {
                guard heads > 0 else { continue }
                heads -= 1
            }
            endStarving(c)
            starvedNext = c.number &+ 1
            if channels[c].wantsReceive, !channels[c].isClosing, channels[c].receive == .idle {
                submitReceive(c)
            }
        }
    }

    private mutating func endStarving(_ c: ChannelSlot) {
        guard channels[c].isStarved else { return }
        channels[c].isStarved = false
        starvedCount -= 1
    }

    /// Reads no further for now.
    mutating func pauseReceive(_ c: ChannelSlot) {
        guard channels[c].wantsReceive else { return }
        channels[c].wantsReceive = false
        channels[c].wasHeld = true
        endReceive(c)
    }

    /// The next bytes of a channel may be a head: it receives into the buffers for heads again.
    mutating func expectHead(_ c: ChannelSlot) {
        guard channels[c].wasHeld else { return }
        channels[c].wasHeld = false
        // Its completion arms the receive again.
        endReceive(c)
    }

    private mutating func endReceive(_ c: ChannelSlot) {
        guard channels[c].receive == .armed else { return }
        channels[c].receive = .ending
        port.cancel(operation: token(.receive, c), token: Token.make(.settle))
    }

    /// Reads on.
    mutating func resumeReceive(_ c: ChannelSlot) {
        channels[c].wantsReceive = true
        channels[c].isDeferred = false
        // While a cancellation is under way its completion arms the receive again.
        if channels[c].receive == .idle, !channels[c].isStarved, !channels[c].atEnd {
            submitReceive(c)
        }
    }

    // MARK: connect

    mutating func submitConnect(_ c: ChannelSlot, to socketAddress: Bytes) {
        channels[c].isConnecting = true
        channels[c].pending &+= 1
        // The kernel reads the address later; the snapshot it lies in may be gone by then.
        var address = addresses.writer(c.index)
        address.append(socketAddress)
        port.connect(channels[c].descriptor, to: address.bytes, token: token(.connect, c))
    }

    mutating func onConnect(_ completion: Completion) {
        let c = ChannelSlot(number: Token.slot(completion.token))
        precondition(
            channels.holds(c, Token.generation(completion.token)),
            "a channel stays until its operations end"
        )
        channels[c].pending &-= 1
        channels[c].isConnecting = false
        if channels[c].isClosing { return settleClosing(c) }
        onConnected(c, completion.result)
    }

    // MARK: send

    /// Gives the output to the kernel, unless some of it is there already.
    mutating func flush(_ c: ChannelSlot) {
        guard !channels[c].output.isEmpty, !channels[c].isConnecting, !channels[c].isBroken,
            !channels[c].isClosing
        else { return }
        let isIdle = channels[c].inFlight == 0
        // Under TLS a ticket may be on its way, and what is to follow it has a time, too.
        guard isIdle || isSecured(c) && channels[c].wait != .write else { return }
        if channels[c].wait != .write {
            channels[c].progress.begin(now)
            channels[c].movedAt = now
        }
        if isIdle { submitSend(c, isPatient: endsMessage(c)) }
        watch(c)
    }

    /// Whether the output is a whole short message of a connection that goes on: then the peer has
    /// the word, and nothing is done when the output has left that could not be done when the peer
    /// answers.
    private func endsMessage(_ c: ChannelSlot) -> Bool {
        let session = sessions[c.index]
        guard session.stage == .message, session.outgoingEnded, !session.closesAfter,
            !channels[c].atEnd, channels[c].output.bytes <= Buffers.smallBytes
        else { return false }
        let e = streams[session.stream].exchange
        switch session.kind {
        case .server:
            return exchanges[e].leg.isNone && channels[c].input.isEmpty
                && channels[c].sentBytes == exchanges[e].sentBefore && isReceiving(c)
        case .client:
            return !exchanges[e].head.facts.hasBody
                && isReceiving(streams[exchanges[e].downstream].channel)
        case .tunnel: return false
        }
    }

    private func isReceiving(_ c: ChannelSlot) -> Bool {
        channels[c].wantsReceive && !channels[c].isStarved
    }

    /// Bytes of one send: its completion is how far a reader is known to have come.
    static var sendBytesMax: Int { 256 * kibibyte }

    private mutating func submitSend(_ c: ChannelSlot, isPatient: Bool = false) {
        var most = Worker.sendBytesMax
        if isSecured(c) {
            guard security[c.index].sealed > 0 || seal(c) else { return sealLater(c) }
            most = min(most, Int(security[c.index].sealed))
        }
        var gather = Gather()
        var piece = channels[c].output.first
        while !piece.isNone {
            let bytes = buffers.bytes(piece)
            let part = bytes.prefix(min(bytes.count, most &- gather.bytes))
            guard !part.isEmpty, gather.append(part), part.count == bytes.count else { break }
            piece = buffers.pieces[piece].next
        }
        // Behind encrypted bytes plain ones may wait, which leave when this send has completed.
        gather.isPatient = isPatient && gather.bytes == channels[c].output.bytes
        gather.isLast = endsBehindOutput(c) && gather.bytes == channels[c].output.bytes
        channels[c].inFlight = Int32(gather.bytes)
        channels[c].pending &+= 1
        port.send(gather, on: channels[c].descriptor, token: token(.send, c))
    }

    /// Whether the channel closes as soon as its output has left.
    func endsBehindOutput(_ c: ChannelSlot) -> Bool {
        let session = sessions[c.index]
        return session.kind == .server && session.closesAfter && session.outgoingEnded
            && isQuiet(c)
    }

    mutating func onSend(_ completion: Completion) {
        let c = ChannelSlot(number: Token.slot(completion.token))
        precondition(
            channels.holds(c, Token.generation(completion.token)),
            "a channel stays until its operations end"
        )
        channels[c].pending &-= 1
        channels[c].inFlight = 0
        if channels[c].isClosing { return settleClosing(c) }
        if completion.result == -ErrnoCode.again { return submitSend(c) }
        guard completion.result > 0 else {
            channels[c].isBroken = true
            buffers.dropAll(&channels[c].output)
            security[c.index].sealed = 0
            return onSendFailed(c)
        }
        let count = Int(completion.result)
        buffers.drop(count, from: &channels[c].output)
        if isSecured(c) { security[c.index].sealed &-= Int32(count) }
        channels[c].sentBytes &+= UInt64(count)
        channels[c].movedAt = now
        counters.bump(
            channels[c].isUpstream ? .upstreamBytesSent : .downstreamBytesSent,
            by: count
        )
        if channels[c].output.isEmpty {
            if channels[c].finishesAfterOutput { finish(c) }
        } else {
            submitSend(c)
        }
        onSent(c)
    }

    // MARK: end

    /// Ends the sending half, now or when the output has left.
    mutating func finishAfterOutput(_ c: ChannelSlot) {
        channels[c].finishesAfterOutput = true
        if channels[c].output.isEmpty { finish(c) }
    }

    private mutating func finish(_ c: ChannelSlot) {
        guard !channels[c].isFinished, !channels[c].isBroken else { return }
        if isSecured(c), !security[c.index].hasSentEnd {
            sealEnd(c)
            // It comes back when the close_notify has left.
            if !channels[c].output.isEmpty { return flush(c) }
        }
        channels[c].isFinished = true
        port.finish(channels[c].descriptor)
    }

    /// Ends a channel; no stream is on it any more.
    ///
    /// The descriptor closes when the kernel has let go of everything it was lent.
    mutating func close(_ c: ChannelSlot, resets: Bool = false) {
        guard !channels[c].isClosing else { return }
        precondition(sessions[c.index].stream.isNone, "a stream ends before its channel")
        if sessions[c.index].stage == .kept { forgetKept(c) }
        if channels[c].isUpstream { upstreamCount -= 1 }
        channels[c].isClosing = true
        let isResetting = channels[c].resets || resets
        if isSecured(c), !isResetting, !channels[c].isBroken, channels[c].output.isEmpty {
            sealEnd(c)
        }
        // What has not left cannot be made whole: the peer is to see that, and the kernel to
        // forget it.
        let isLeft = channels[c].output.isEmpty || isFarewell(c)
        channels[c].resets = channels[c].resets || isResetting || !isLeft
        channels[c].wait = .none
        deadlines.clear(timer(c))
        buffers.dropAll(&channels[c].input)
        endReceive(c)
        if channels[c].inFlight > 0 {
            port.cancel(operation: token(.send, c), token: Token.make(.settle))
        }
        if channels[c].isConnecting {
            port.cancel(operation: token(.connect, c), token: Token.make(.settle))
        }
        settleClosing(c)
    }

    /// Whether all that is left to send is how a connection under TLS says that it ends: it leaves
    /// with the descriptor.
    private func isFarewell(_ c: ChannelSlot) -> Bool {
        isSecured(c) && security[c.index].hasSentEnd && channels[c].inFlight == 0
            && channels[c].output.bytes <= Worker.farewellBytesMax
    }

    /// Bytes of an alert and its record at most (RFC 8446 5.2).
    private static var farewellBytesMax: Int { 64 }

    /// Closes the descriptor and frees the slot when no operation is left.
    private mutating func settleClosing(_ c: ChannelSlot) {
        guard channels[c].pending == 0 else { return }
        if isSecured(c) {
            if !channels[c].resets, !channels[c].output.isEmpty {
                port.sendAtOnce(
                    buffers.bytes(channels[c].output.first),
                    on: channels[c].descriptor
                )
            }
            dropSecurity(c)
        }
        buffers.dropAll(&channels[c].output)
        port.close(channels[c].descriptor, resets: channels[c].resets)
        if !channels[c].isUpstream {
            downstreamCount -= 1
            clients.left(sessions[c.index].peer)
            counters.bump(.connectionsClosed)
            counters.drop(.connectionsActive)
        }
        endStarving(c)
        channels.free(c)
        if acceptsPaused { resumeAccepting() }
    }
}

/// Kernel error numbers that the data path distinguishes (Linux, all architectures).
enum ErrnoCode {
    static let again: Int32 = 11
    static let noBuffers: Int32 = 105
    static let cancelled: Int32 = 125
}
