internal import SluiceBase
internal import SluiceRouting
internal import SluiceTelemetry

// Finish: the reply has left to its last byte; the channel goes on to its next exchange.
extension Worker where P: ~Copyable {
    mutating func finish(_ e: ExchangeSlot) {
        let c = streams[exchanges[e].downstream].channel
        precondition(channels[c].output.isEmpty, "a reply has left before its exchange ends")
        endCall(e, nil)
        if !exchanges[e].leg.isNone { endLeg(exchanges[e].leg, mayKeep: false) }
        if !sessions[c.index].incoming.isDone { sessions[c.index].closesAfter = true }
        sessions[c.index].stream = .none
        free(e)
        endWait(c)
        next(c)
    }

    /// Frees what an exchange holds; its leg has ended.
    mutating func free(_ e: ExchangeSlot) {
        precondition(exchanges[e].leg.isNone, "a leg ends before its exchange")
        let s = exchanges[e].downstream
        endFilters(e)
        dropHead(e)
        buffers.dropAll(&exchanges[e].replay)
        dropFlow(s)
        streams.free(s)
        deadlines.clear(timer(e))
        settle(e)
        exchanges.free(e)
    }

    mutating func dropHead(_ e: ExchangeSlot) {
        guard !exchanges[e].head.buffer.isNone else { return }
        buffers.release(exchanges[e].head.buffer)
        exchanges[e].head.buffer = .none
    }

    /// The exchange needs its route no longer: a change of routes waits for it no more.
    mutating func settle(_ e: ExchangeSlot) {
        let generation = exchanges[e].generation
        guard generation != .max else { return }
        exchanges[e].generation = .max
        routedExchanges &-= 1
        guard generation != routing.generation else { return }
        staleExchanges -= 1
        guard staleExchanges == 0 else { return }
        desk.settled.release(routingNumber)
        desk.control.wake()
    }
}
