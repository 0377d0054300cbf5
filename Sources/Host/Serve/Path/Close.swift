internal import SluiceBase
internal import SluiceConfig
internal import SluiceTelemetry
internal import SluiceUpstreams

// close: connections end once the kernel has let go of everything they lent it.
extension Worker where P: ~Copyable {
    /// Ends a connection now; its exchange is over already.
    mutating func drop(_ slot: Int) {
        guard connections[slot].phase != .closing else { return }
        precondition(connections[slot].exchange < 0, "an exchange ends before its connection")
        if connections[slot].isUpstream, connections[slot].phase == .idle {
            counters.drop(.upstreamIdle)
            endpoints.forgetIdle(Int32(slot))
        }
        connections[slot].phase = .closing
        releaseAll(slot, input: true, output: true)
        deadlines.remove(slot, connections)
        if connections[slot].pending > 0 {
            cancelAll(slot)
        }
        settleClosing(slot)
    }

    /// Cancels what a connection may have under way; what is not there is ignored.
    private mutating func cancelAll(_ slot: Int) {
        let settle = Token.make(.settle, slot, 0)
        let isUpstream = connections[slot].isUpstream
        port.cancel(
            operation: token(isUpstream ? .receiveReply : .receiveRequest, slot),
            token: settle
        )
        port.cancel(operation: token(isUpstream ? .sendRequest : .sendReply, slot), token: settle)
        if isUpstream { port.cancel(operation: token(.connect, slot), token: settle) }
    }

    /// Closes the descriptor and frees the slot when no operation is left.
    mutating func settleClosing(_ slot: Int) {
        guard connections[slot].pending == 0 else { return }
        let sending = connections[slot].sending
        if sending >= 0 { release(sending) }
        port.close(connections[slot].descriptor, resets: false)
        if !connections[slot].isUpstream {
            downstreamCount -= 1
            counters.bump(.connectionsClosed)
            counters.drop(.connectionsActive)
        }
        connections.free(slot)
        if acceptsPaused { resumeAccepting() }
    }

    /// Ends the sending half after the last reply and waits for the client to end its own, so
    /// that unread bytes of the client do not reset the reply away (RFC 9112 9.6).
    mutating func linger(_ slot: Int) {
        if connections[slot].atEnd { return drop(slot) }
        connections[slot].phase = .lingering
        releaseAll(slot, input: true, output: false)
        port.finish(connections[slot].descriptor)
        setDeadline(slot, after: limits.lingerNanoseconds)
        if connections[slot].isPaused || !connections[slot].isReceiving {
            connections[slot].isPaused = false
            if !connections[slot].isReceiving && !connections[slot].isStarved {
                submitReceive(slot)
            }
        }
    }

    /// Looks at the deadlines that have passed.
    mutating func expire() {
        while true {
            let slot = deadlines.next(now, connections)
            guard slot >= 0 else { return }
            onDeadline(slot)
        }
    }

    private mutating func onDeadline(_ slot: Int) {
        switch connections[slot].phase {
        case .connecting:
            counters.bump(.connectTimeouts)
            failUpstream(Int(connections[slot].exchange), .connectTimeout)
        case .idle:
            if !connections[slot].isUpstream { counters.bump(.keepAliveTimeouts) }
            drop(slot)
        case .head:
            counters.bump(.headerTimeouts)
            counters.bump(Fault.headerTimeout.reason)
            refuse(slot, Fault.headerTimeout.status, Fault.headerTimeout.text)
        case .exchange:
            onExchangeDeadline(slot)
        case .refused:
            counters.bump(.writeTimeouts)
            drop(slot)
        case .lingering:
            drop(slot)
        case .closing:
            break
        }
    }

    private mutating func onExchangeDeadline(_ slot: Int) {
        let index = Int(connections[slot].exchange)
        if connections[slot].isUpstream {
            counters.bump(.requestTimeouts)
            if exchanges[index].replyBegan { return abandon(index, .timeout) }
            return failUpstream(index, .upstreamTimeout)
        }
        if exchanges[index].replyBegan, connections[slot].sending >= 0 {
            counters.bump(.writeTimeouts)
            return abandon(index, .timeout)
        }
        if exchanges[index].deadline <= now {
            counters.bump(.requestTimeouts)
            let fault: Fault = exchanges[index].call == nil ? .requestTimeout : .serviceTimeout
            return exchanges[index].replyBegan ? abandon(index, .timeout) : fail(index, fault)
        }
        if connections[slot].isPaused, !exchanges[index].replyBegan {
            return fail(index, .upstreamTimeout)
        }
        counters.bump(.bodyTimeouts)
        exchanges[index].replyBegan ? abandon(index, .timeout) : fail(index, .headerTimeout)
    }
}
