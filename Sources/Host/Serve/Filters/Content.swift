internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting

// Content on its way through the filters: from `arriving` of its stream, piece by piece, to
// `receiving`, from where it goes on as it would without them. Pieces go by reference; what a
// filter holds is copied together, so that what is counted is what is held.
extension Worker where P: ~Copyable {
    /// Moves what has come of a side as far as its filters let it.
    ///
    /// False when the exchange has ended, or is answered otherwise.
    mutating func passContent(_ e: ExchangeSlot, _ side: FilterSide) -> Bool {
        let f = exchanges[e].filtering
        let s = contentStream(e, side)
        guard !f.isNone, !s.isNone, streams[s].isFiltered else { return true }
        // What filters have let go of comes before what follows it.
        var position = filterings[f][side].count &- 1
        while position >= 0 {
            guard passHeld(e, f, s, side, position) else { return false }
            position &-= 1
        }
        while !streams[s].arriving.queue.isEmpty, isOpen(f, side, behind: -1) {
            guard var part = takeFirst(of: &streams[s].arriving.queue) else {
                failFilters(e, .overload)
                return false
            }
            let isLast = streams[s].arriving.isEnded && streams[s].arriving.queue.isEmpty
            guard deliver(&part, e, f, s, side, isLast: isLast, from: 0) else { return false }
        }
        return passEnd(e, f, s, side)
    }

    /// The first piece of a queue in a queue of its own; nil when there is no memory.
    private func takeFirst(of queue: inout Queue) -> Queue? {
        var part = Queue()
        let length = buffers.bytes(queue.first).count
        return buffers.move(length, from: &queue, to: &part) ? part : nil
    }

    /// Whether content may pass the filters behind a position: none of them stops it, and none has
    /// some that must go first.
    private func isOpen(_ f: FilteringSlot, _ side: FilterSide, behind position: Int) -> Bool {
        for later in (position &+ 1)..<max(position &+ 1, filterings[f][side].count) {
            let t = filter(f, side, later)
            guard !t.isNone else { continue }
            switch filterStreams[t][side].hold {
            case .stop, .resuming: return false
            case .hold where !takesContent(t, side): return false
            case .hold: return true
            case .none where !filterStreams[t][side].held.isEmpty: return false
            case .none: break
            }
        }
        return true
    }

    /// Moves on what the filter at a position has let go of.
    private mutating func passHeld(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ s: StreamSlot,
        _ side: FilterSide,
        _ position: Int
    ) -> Bool {
        let t = filter(f, side, position)
        guard !t.isNone, filterStreams[t][side].hold == .none,
            !filterStreams[t][side].held.isEmpty
        else { return true }
        var rest = takeHeld(f, t, side)
        let hasEnd = filterStreams[t][side].hasEnd
        while !rest.isEmpty {
            guard isOpen(f, side, behind: position) else {
                filterings[f][side].heldBytes &+= rest.bytes
                filterStreams[t][side].held = rest
                return true
            }
            guard var part = takeFirst(of: &rest) else {
                buffers.dropAll(&rest)
                failFilters(e, .overload)
                return false
            }
            let isLast = hasEnd && rest.isEmpty
            guard deliver(&part, e, f, s, side, isLast: isLast, from: position &+ 1) else {
                buffers.dropAll(&rest)
                return false
            }
        }
        return true
    }

    private mutating func takeHeld(
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        _ side: FilterSide
    ) -> Queue {
        let held = filterStreams[t][side].held
        filterStreams[t][side].held = Queue()
        filterings[f][side].heldBytes &-= held.bytes
        return held
    }

    /// Gives a part to the filters from a position on, until one keeps it; behind the last it may
    /// go on.
    ///
    /// False when the exchange has ended. The part is used up.
    private mutating func deliver(
        _ part: inout Queue,
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ s: StreamSlot,
        _ side: FilterSide,
        isLast: Bool,
        from first: Int
    ) -> Bool {
        var position = first
        while position < filterings[f][side].count {
            let t = filter(f, side, position)
            position &+= 1
            guard !t.isNone, takesContent(t, side) else { continue }
            let wasHolding = filterStreams[t][side].hold != .none
            if wasHolding, !hold(&part, e, f, t, side) { return false }
            switch give(&part, e, f, t, side, isLast: isLast, isHeld: wasHolding) {
            case .over:
                buffers.dropAll(&part)
                return false
            case .stays:
                guard !wasHolding else {
                    buffers.dropAll(&part)
                    return true
                }
                return hold(&part, e, f, t, side) && drop(&part)
            case .passes where wasHolding:
                // It has let go of everything, this part included.
                buffers.dropAll(&part)
                part = takeHeld(f, t, side)
            case .passes:
                break
            }
        }
        buffers.link(part, behind: &streams[s].receiving.queue)
        part = Queue()
        return true
    }

    private func drop(_ part: inout Queue) -> Bool {
        buffers.dropAll(&part)
        return true
    }

    /// Calls one filter with a part.
    private mutating func give(
        _ part: inout Queue,
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        _ side: FilterSide,
        isLast: Bool,
        isHeld: Bool
    ) -> FilterStep {
        guard let frame = filters.frame(worker: index) else { return .passes }
        if isLast { filterStreams[t][side].hasEnd = true }
        enter(frame, t, e, f)
        frame.permit(side, head: false, body: mayReplace(f, side))
        var piece = part.first
        while !piece.isNone {
            guard frame.add(buffers.bytes(piece)) else { break }
            piece = buffers.pieces[piece].next
        }
        precondition(piece.isNone, "a part has as many pieces as one call takes")
        let flow = filters.body(filterStreams[t].call, side, isLast: isLast, frame)
        frame.end()
        if !isHeld, let value = frame.log.body(side) {
            buffers.dropAll(&part)
            filterings[f][side].isLengthOpen = true
            guard buffers.append(copy: value, to: &part) else {
                failFilters(e, .overload)
                return .over
            }
        }
        return conclude(e, f, t, side, flow, frame, replaced: isHeld ? nil : side)
    }

    /// Copies a part to what a filter holds; false when that is too much, which ends the exchange.
    private mutating func hold(
        _ part: inout Queue,
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        _ side: FilterSide
    ) -> Bool {
        guard filterings[f][side].heldBytes &+ part.bytes <= limits.filterHeldBytesMax else {
            buffers.dropAll(&part)
            failFilters(e, side == .request ? .bodyTooLarge : .replyTooLarge)
            return false
        }
        filterings[f][side].heldBytes &+= part.bytes
        var piece = part.first
        while !piece.isNone {
            guard buffers.append(copy: buffers.bytes(piece), to: &filterStreams[t][side].held)
            else {
                buffers.dropAll(&part)
                failFilters(e, .overload)
                return false
            }
            piece = buffers.pieces[piece].next
        }
        return true
    }

    /// Puts `bytes` in the place of what a filter holds; false when there is no memory.
    mutating func replaceHeld(
        _ bytes: Bytes,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        _ side: FilterSide
    ) -> Bool {
        var old = takeHeld(f, t, side)
        buffers.dropAll(&old)
        filterings[f][side].isLengthOpen = true
        filterings[f][side].heldBytes &+= bytes.count
        return buffers.append(copy: bytes, to: &filterStreams[t][side].held)
    }

    /// Brings the end of the content, and the trailers behind it, as far as the filters let it.
    private mutating func passEnd(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ s: StreamSlot,
        _ side: FilterSide
    ) -> Bool {
        guard streams[s].arriving.isEnded, streams[s].arriving.queue.isEmpty,
            !streams[s].receiving.isEnded, filterings[f][side].hasBegun
        else { return true }
        while filterings[f][side].end < filterings[f][side].count {
            let position = filterings[f][side].end
            let t = filter(f, side, position)
            if !t.isNone {
                guard isEmpty(t, side) else { return true }
                if takesContent(t, side), !filterStreams[t][side].hasEnd {
                    var end = Queue()
                    guard deliver(&end, e, f, s, side, isLast: true, from: position) else {
                        return false
                    }
                    guard isEmpty(t, side) else { return true }
                }
                switch giveTrailers(e, f, t, s, side) {
                case .passes: break
                case .stays: return true
                case .over: return false
                }
            }
            filterings[f][side].end = position &+ 1
        }
        guard filterings[f][side].hasHeadPassed else { return true }
        streams[s].receiving.trailers = streams[s].arriving.trailers
        streams[s].arriving.trailers = Queue()
        streams[s].receiving.isEnded = true
        return true
    }

    private func isEmpty(_ t: FilterStreamSlot, _ side: FilterSide) -> Bool {
        filterStreams[t][side].hold == .none && filterStreams[t][side].held.isEmpty
    }

    private mutating func giveTrailers(
        _ e: ExchangeSlot,
        _ f: FilteringSlot,
        _ t: FilterStreamSlot,
        _ s: StreamSlot,
        _ side: FilterSide
    ) -> FilterStep {
        guard !filterStreams[t].isSkipped, filterStreams[t].wants.contains(.trailers),
            !filterStreams[t][side].hasTrailers, !streams[s].arriving.trailers.isEmpty,
            let frame = filters.frame(worker: index)
        else { return .passes }
        filterStreams[t][side].hasTrailers = true
        let text = buffers.bytes(streams[s].arriving.trailers.first)
        guard case .complete = Trailers.parse(text, into: &trailerSection) else { return .passes }
        let trailers = FilterHead(text: text, fields: trailerSection.view)
        enter(frame, t, e, f)
        frame.show(trailers: trailers, side)
        let flow = filters.trailers(filterStreams[t].call, side, trailers, frame)
        frame.end()
        return conclude(e, f, t, side, flow, frame)
    }
}

extension FilterLog {
    /// The content that a filter has put in the place of what it was given.
    func body(_ side: FilterSide) -> Bytes? {
        var place = 0
        while let edit = next(&place) {
            if edit.verb == .body, edit.side == side { return edit.value }
        }
        return nil
    }
}
