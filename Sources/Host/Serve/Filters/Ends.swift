internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting

// How filters end: with their exchange, with their instance, or because they hold for too long.
extension Worker where P: ~Copyable {
    /// Ends an exchange for what a filter has done or has not: the answer passes no filter.
    mutating func failFilters(_ e: ExchangeSlot, _ fault: Fault) {
        let f = exchanges[e].filtering
        if !f.isNone { filterings[f].isBypassed = true }
        fail(e, fault)
    }

    /// Remembers why an exchange is given up, for its filters.
    func noteCause(_ e: ExchangeSlot, _ why: Abandonment) {
        let f = exchanges[e].filtering
        guard !f.isNone, filterings[f].cause == nil else { return }
        filterings[f].cause = why
    }

    /// The head of the reply has left: filters can answer no more.
    func settleFilters(_ e: ExchangeSlot) {
        let f = exchanges[e].filtering
        guard !f.isNone else { return }
        for place in 0..<filterings[f].openedCount {
            let t = filterings[f].streams[place]
            if !t.isNone { services.exchanges.settle(filterStreams[t].call.id) }
        }
    }

    /// Closes the filters of an exchange that is over, or a tunnel from here on.
    mutating func endFilters(_ e: ExchangeSlot) {
        let f = exchanges[e].filtering
        guard !f.isNone else { return }
        for place in 0..<filterings[f].openedCount { close(filterings[f].streams[place], e, f) }
        exchanges[e].filtering = .none
        dropReply(f)
        let wakes = filterings[f].chain.unpin()
        filterings.free(f)
        if wakes { desk.control.wake() }
    }

    /// The last call of one filter.
    private mutating func close(_ t: FilterStreamSlot, _ e: ExchangeSlot, _ f: FilteringSlot) {
        guard !t.isNone, let frame = filters.frame(worker: index) else { return }
        buffers.dropAll(&filterStreams[t].request.held)
        buffers.dropAll(&filterStreams[t].response.held)
        filterStreams[t].request.hold = .none
        filterStreams[t].response.hold = .none
        enter(frame, t, e, f)
        filters.close(filterStreams[t].call, facts(e, filterings[f].cause), frame)
        frame.end()
        filterings[f].streams[filterStreams[t].place] = .none
        filterStreams.free(t)
    }

    /// What a plugin is told about an exchange that is over; `why` is nil when its reply left to
    /// the last byte.
    private func facts(_ e: ExchangeSlot, _ why: Abandonment?) -> ExchangeFacts {
        let s = exchanges[e].downstream
        let replied = exchanges[e].repliedAt
        return ExchangeFacts(
            status: exchanges[e].stage == .tunnel ? 101 : Int(exchanges[e].status),
            close: why.map { ExchangeFacts.Close($0) } ?? .done,
            receivedBytes: streams[s].receiving.total,
            sentBytes: channels[streams[s].channel].sentBytes &- exchanges[e].sentBefore,
            firstByteNanoseconds: replied == 0 ? 0 : replied &- exchanges[e].arrived,
            totalNanoseconds: now &- exchanges[e].arrived
        )
    }

    /// The filter in `slot` has ended: exchanges that still need it are answered 503 or broken off,
    /// and all let go of it.
    mutating func endFilter(_ slot: UInt16) {
        for number in 0..<Int32(filterStreams.capacity) {
            let t = FilterStreamSlot(number: number)
            guard filterStreams.isTaken(t), filterStreams[t].call.slot == slot else { continue }
            let e = filterStreams[t].exchange
            let (id, generation) = (filterStreams[t].call.id, exchanges.generation(e))
            if !exchanges[e].hasReplied || isNeeded(t, e) { failFilters(e, .serviceStopped) }
            guard exchanges.holds(e, generation), filterStreams.isTaken(t),
                filterStreams[t].call.id == id
            else { continue }
            close(t, e, exchanges[e].filtering)
        }
    }

    /// Whether content has still to pass a filter.
    private func isNeeded(_ t: FilterStreamSlot, _ e: ExchangeSlot) -> Bool {
        isNeeded(t, e, .request) || isNeeded(t, e, .response)
    }

    private func isNeeded(_ t: FilterStreamSlot, _ e: ExchangeSlot, _ side: FilterSide) -> Bool {
        if filterStreams[t][side].hold != .none { return true }
        let s = contentStream(e, side)
        guard !s.isNone, streams[s].isFiltered, !streams[s].receiving.isEnded else { return false }
        return takesContent(t, side) || filterStreams[t].wants.contains(.trailers)
    }
}

// The time for which filters may hold.
extension Worker where P: ~Copyable {
    /// Begins, or ends, the time that filters have to let go of what they hold.
    mutating func limitHolds(_ e: ExchangeSlot, _ f: FilteringSlot) {
        var holds = false
        for place in 0..<filterings[f].openedCount {
            let t = filterings[f].streams[place]
            guard !t.isNone else { continue }
            if filterStreams[t].request.hold != .none || filterStreams[t].response.hold != .none {
                holds = true
            }
        }
        guard holds != (filterings[f].holdDeadline != Clock.never) else { return }
        filterings[f].holdDeadline =
            holds ? after(Limits.span(limits.filterHoldNanoseconds)) : Clock.never
        setTimer(e)
    }

    /// Sets the timer of an exchange: for its end, and for what its filters hold.
    mutating func setTimer(_ e: ExchangeSlot) {
        let f = exchanges[e].filtering
        let hold = f.isNone ? Clock.never : filterings[f].holdDeadline
        let deadline = min(exchanges[e].deadline, hold)
        if deadline == Clock.never {
            deadlines.clear(timer(e))
        } else {
            deadlines.set(deadline, timer(e))
        }
    }

    /// Whether the time for which filters may hold is over.
    func isHoldOver(_ e: ExchangeSlot) -> Bool {
        let f = exchanges[e].filtering
        return !f.isNone && filterings[f].holdDeadline <= now && exchanges[e].deadline > now
    }

    /// Whether a reply's head is with the filters: its origin is not waited for.
    func isReplyHeld(_ e: ExchangeSlot) -> Bool {
        let f = exchanges[e].filtering
        return !f.isNone && filterings[f].response.hasBegun && !exchanges[e].hasReplied
    }
}
