internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceUpstreams

// Filter: the head of a request passes the filters of its backend in order, before the exchange
// goes where its route says. Each filter may keep it; then the exchange goes on by `resume`.
extension Worker where P: ~Copyable {
    /// The request goes to `pick` by way of its filters.
    mutating func filter(_ e: ExchangeSlot, _ pick: Pick) {
        let f = filterings.take(
            Filtering(
                chain: pick.chain,
                target: pick.target,
                requestID: (balancer.random(), balancer.random())
            )
        )
        guard !f.isNone else { return fail(e, .overload) }
        pick.chain.pin()
        filterings[f].request.count = pick.chain.count
        filterings[f].request.hasBegun = true
        filterings[f].request.hasContent = exchanges[e].head.facts.hasBody
        exchanges[e].filtering = f
        exchanges[e].stage = .filter
        var wants: FilterWants = []
        for place in 0..<pick.chain.count {
            wants.formUnion(filters.wants(pick.chain[place].index))
        }
        if exchanges[e].head.facts.hasBody, !wants.isDisjoint(with: [.requestBody, .trailers]) {
            streams[exchanges[e].downstream].divert()
        }
        let generation = exchanges.generation(e)
        passRequestHead(e)
        guard isHeld(f, .request, e, generation) else { return }
        _ = passContent(e, .request)
    }

    /// Whether the exchange goes on and a filter keeps the head of a side: content that has come
    /// with it may go as far.
    func isHeld(
        _ f: FilteringSlot,
        _ side: FilterSide,
        _ e: ExchangeSlot,
        _ generation: UInt32
    ) -> Bool {
        exchanges.holds(e, generation) && exchanges[e].filtering == f
            && filterings[f][side].hasBegun && !filterings[f][side].hasHeadPassed
    }

    /// The head goes on to the filters that have not had it.
    private mutating func passRequestHead(_ e: ExchangeSlot) {
        let f = exchanges[e].filtering
        while filterings[f].request.head < filterings[f].request.count {
            switch open(e, f, filterings[f].request.head) {
            case .passes: filterings[f].request.head &+= 1
            case .stays, .over: return
            }
        }
        filterings[f].request.hasHeadPassed = true
        guard passContent(e, .request) else { return }
        guard settleRequestLength(e, f) else { return failFilters(e, .serviceFailed) }
        go(e, filterings[f].target)
    }

    /// Opens the next filter with the head as it is now.
    private mutating func open(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ place: Int
    ) -> FilterStep {
        let entry = filterings[f].chain[place]
        guard let frame = filters.frame(worker: index), filters.admit(entry.index) else {
            failFilters(e, .serviceUnavailable)
            return .over
        }
        let t = filterStreams.take(
            FilterStream(
                exchange: e,
                place: place,
                wants: filters.wants(entry.index),
                call: FilterCall(slot: entry.index, id: 0)
            )
        )
        guard !t.isNone else {
            filters.leave(entry.index)
            failFilters(e, .overload)
            return .over
        }
        let id = services.exchanges.open(worker: index, filter: t.index)
        filterStreams[t].call = FilterCall(slot: entry.index, id: id)
        filterings[f].streams[place] = t
        filterings[f].openedCount = place &+ 1
        let view = buffers.view(exchanges[e].head)
        let request = describe(e, view)
        enter(frame, t, e, f)
        frame.permit(.request, head: true, body: false)
        let flow = filters.open(
            &filterStreams[t].call,
            configuration: entry.configuration,
            request,
            FilterHead(text: view.text, fields: view.fields),
            isEnd: !filterings[f].request.hasContent,
            frame
        )
        frame.end()
        let step = conclude(e, f, t, .request, flow, frame, isHead: true)
        if case .stays = step, filterStreams[t].request.hold == .hold, takesContent(t, .request),
            exchanges[e].awaitsContinue
        {
            sendContinue(e)
        }
        return step
    }

    /// Prepares the frame for a callback of a filter: the heads as they are, and what it holds.
    mutating func enter(
        _ frame: FilterFrame,
        _ t: FilterStreamSlot,
        _ e: ExchangeSlot,
        _ f: FilteringSlot
    ) {
        let id = filterStreams[t].call.id
        let view = buffers.view(exchanges[e].head)
        frame.begin(id, request: FilterHead(text: view.text, fields: view.fields))
        let c = streams[exchanges[e].downstream].channel
        frame.hide(
            forwarding: !isTrusted(sessions[c.index].peer),
            trace: exchanges[e].listener.restartsTrace
        )
        if !filterings[f].reply.buffer.isNone {
            let reply = buffers.view(filterings[f].reply)
            frame.show(response: FilterHead(text: reply.text, fields: reply.fields))
        }
        enter(frame, t, f, .request)
        enter(frame, t, f, .response)
        services.exchanges.show(id, .inside)
    }

    private func enter(
        _ frame: FilterFrame,
        _ t: FilterStreamSlot,
        _ f: FilteringSlot,
        _ side: FilterSide
    ) {
        guard filterStreams[t][side].hold != .none else { return }
        frame.hold(side)
        frame.permit(
            side,
            head: hasHead(t, f, side),
            body: takesContent(t, side) && mayReplace(f, side)
        )
        var piece = filterStreams[t][side].held.first
        while !piece.isNone {
            frame.add(held: buffers.bytes(piece), side)
            piece = buffers.pieces[piece].next
        }
    }

    /// Whether the content of a side may get another length.
    func mayReplace(_ f: FilteringSlot, _ side: FilterSide) -> Bool {
        !filterings[f][side].isLengthFixed
    }

    /// Does what a callback has asked for; what becomes of the part of `side` that it was given.
    ///
    /// Content of the side `replaced` was dealt with.
    mutating func conclude(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        _ side: FilterSide,
        _ flow: FilterFlow?,
        _ frame: FilterFrame,
        isHead: Bool = false,
        replaced: FilterSide? = nil
    ) -> FilterStep {
        let slot = filterStreams[t].call.slot
        guard let flow else {
            filters.complain(slot, "answered a filter callback with a number that is no flow")
            failFilters(e, .serviceFailed)
            return .over
        }
        guard apply(frame.log, e, f, t, replaced: replaced) else {
            filters.complain(slot, "made a head that cannot be sent")
            failFilters(e, .serviceFailed)
            return .over
        }
        switch flow {
        case .go: break
        case .hold: filterStreams[t][side].hold = .hold
        case .stop: filterStreams[t][side].hold = .stop
        case .skip:
            filterStreams[t].isSkipped = true
            filterStreams[t].request.hold = .none
            filterStreams[t].response.hold = .none
        case .answered:
            guard services.exchanges.hasAnswered(filterStreams[t].call.id) else {
                filters.complain(slot, "said that its filter had answered and had not")
                failFilters(e, .serviceFailed)
                return .over
            }
            // Nothing passes until the answer is there, which is on its way.
            filterStreams[t][side].hold = .stop
        }
        if flow != .answered, frame.hasResumed(side) {
            // A head that waits goes first, by the way of all that is resumed.
            if !isHead, hasHead(t, f, side) {
                resumeLater(t, side)
            } else {
                filterStreams[t][side].hold = .none
            }
        }
        let other: FilterSide = side == .request ? .response : .request
        if filterStreams[t][other].hold != .none, frame.hasResumed(other) {
            resumeLater(t, other)
        }
        show(t, f)
        limitHolds(e, f)
        return filterStreams[t][side].hold == .none ? .passes : .stays
    }

    private func resumeLater(_ t: FilterStreamSlot, _ side: FilterSide) {
        filterStreams[t][side].hold = .resuming
        filters.resume(filterStreams[t].call.id, side)
    }

    /// Tells other threads what the filter holds.
    private func show(_ t: FilterStreamSlot, _ f: FilteringSlot) {
        services.exchanges.show(
            filterStreams[t].call.id,
            holds(t, f, .request).union(holds(t, f, .response))
        )
    }

    private func holds(
        _ t: FilterStreamSlot,
        _ f: FilteringSlot,
        _ side: FilterSide
    ) -> FilterHolds {
        guard filterStreams[t][side].hold != .none else { return [] }
        return hasHead(t, f, side) ? [.hold(side), .head(side)] : .hold(side)
    }

    /// A filter lets go of what it holds of a side.
    mutating func resume(_ t: FilterStreamSlot, _ side: FilterSide) {
        let e = filterStreams[t].exchange
        let f = exchanges[e].filtering
        guard filterStreams[t][side].hold != .none else { return }
        filterStreams[t][side].hold = .none
        let passesHead = hasHead(t, f, side)
        show(t, f)
        limitHolds(e, f)
        let c = streams[exchanges[e].downstream].channel
        let generation = exchanges.generation(e)
        if passesHead {
            filterings[f][side].head &+= 1
            if side == .request { passRequestHead(e) } else { passReplyHead(e) }
            guard exchanges.holds(e, generation), exchanges[e].filtering == f else { return }
        }
        if side == .request { pumpRequest(e) } else { pumpHeldReply(e) }
        guard exchanges.holds(e, generation), exchanges[e].filtering == f else { return }
        if side == .request {
            letClientGoOn(e)
            guard exchanges.holds(e, generation) else { return }
        } else {
            letOriginGoOn(e)
            guard exchanges.holds(e, generation) else { return }
        }
        watch(c)
    }
}

// What other threads have asked for.
extension Worker where P: ~Copyable {
    mutating func take(_ message: FilterMessage) {
        defer { message.free() }
        if let slot = message.endedSlot { return endFilter(slot) }
        let t = FilterStreamSlot(number: Int32(truncatingIfNeeded: RequestID.filter(message.id)))
        guard services.exchanges.isCurrent(message.id), filterStreams.isTaken(t),
            filterStreams[t].call.id == message.id
        else { return }
        services.exchanges.unqueue(message.id)
        let e = filterStreams[t].exchange
        let f = exchanges[e].filtering
        let log = message.log
        var place = 0
        guard let edit = log.next(&place) else { return }
        switch edit.verb {
        case .resume:
            resume(t, edit.side)
        case .body:
            guard filterStreams[t][edit.side].hold != .none, takesContent(t, edit.side),
                mayReplace(f, edit.side)
            else { return }
            if !replaceHeld(edit.value, f, t, edit.side) { failFilters(e, .overload) }
        case .set, .add, .remove, .path, .status:
            guard filterStreams[t][edit.side].hold != .none, hasHead(t, f, edit.side) else {
                return
            }
            guard !apply(log, e, f, t, replaced: nil) else { return }
            filters.complain(filterStreams[t].call.slot, "made a head that cannot be sent")
            failFilters(e, .serviceFailed)
        }
    }

    /// The exchange ends at `deadline` at the latest.
    mutating func limit(_ e: ExchangeSlot, until deadline: UInt64) {
        guard exchanges[e].stage != .tunnel else { return }
        exchanges[e].deadline = min(exchanges[e].deadline, deadline)
        setTimer(e)
    }
}
