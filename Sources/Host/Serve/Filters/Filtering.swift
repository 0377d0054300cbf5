internal import SluiceBase
package import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting

/// The number of an exchange's way through its filters.
struct FilteringSlot: SlotNumber {
    let number: Int32
}

/// The number of one filter of one exchange.
struct FilterStreamSlot: SlotNumber {
    let number: Int32
}

/// One filter of one exchange, from `open` to `close`.
struct FilterStream: BitwiseCopyable {
    let exchange: ExchangeSlot
    /// In the chain.
    let place: Int
    let wants: FilterWants
    var call: FilterCall
    /// It is called no more but for `close`.
    var isSkipped = false
    var request = FilterPart()
    var response = FilterPart()

    subscript(side: FilterSide) -> FilterPart {
        get { side == .request ? request : response }
        set { if side == .request { request = newValue } else { response = newValue } }
    }
}

/// What one filter has of one side.
struct FilterPart: BitwiseCopyable {
    /// Whether it keeps back what it has.
    enum Hold: UInt8 {
        case none
        /// Later parts are delivered to it.
        case hold
        /// Later parts wait where they are.
        case stop
        /// It has let go, inside a callback about something else: a message of the worker to itself
        /// does the rest.
        case resuming
    }

    var hold = Hold.none
    /// Content that it was given and that has not passed.
    var held = Queue()
    /// It was given the end of the content.
    var hasEnd = false
    /// It was given the trailer section.
    var hasTrailers = false
}

/// How far one side has come; positions count in the order in which the side passes.
struct Passage: BitwiseCopyable {
    /// Filters that it passes.
    var count = 0
    var hasBegun = false
    /// The message came with content.
    var hasContent = false
    /// The filter that has the head, or will have it next.
    var head = 0
    var hasHeadPassed = false
    /// The head says how long the content is, and has passed.
    var isLengthFixed = false
    /// A filter has said, or shown, that the length of the content may change.
    var isLengthOpen = false
    /// The filter that the end of the content has come to.
    var end = 0
    /// Bytes that filters hold.
    var heldBytes = 0
}

/// The way of one exchange through its filters; only exchanges that have some have one.
struct Filtering: BitwiseCopyable {
    /// Pinned.
    let chain: FilterChain
    /// Where the request goes behind the last filter.
    let target: Target
    /// The X-Request-Id of a request that came without one.
    let requestID: (UInt64, UInt64)
    /// By place in the chain.
    var streams = InlineArray<32, FilterStreamSlot>(repeating: .none)
    /// Filters that were opened: the first ones of the chain.
    var openedCount = 0
    var request = Passage()
    var response = Passage()
    /// The head of the response while it is with the filters.
    var reply = ReplyHead.none
    /// When filters must have let go of what they hold.
    var holdDeadline = Clock.never
    /// The filters themselves have failed: an answer passes none of them.
    var isBypassed = false
    /// The filter that answers, and how much of a streamed answer has come and was given credit
    /// for; 0: none does.
    var answerer: UInt64 = 0
    var came: UInt64 = 0
    var credited: UInt64 = 0
    /// Why the exchange was given up.
    var cause: Abandonment?

    subscript(side: FilterSide) -> Passage {
        get { side == .request ? request : response }
        set { if side == .request { request = newValue } else { response = newValue } }
    }
}

/// What came of the part that a filter was given.
enum FilterStep {
    /// It goes on to the next filter.
    case passes
    /// The filter keeps it.
    case stays
    /// The exchange has ended or is answered otherwise.
    case over
}

extension Limits {
    /// Filters of all exchanges of one worker together; beyond it a request is answered 503.
    package var filtersPerWorkerMax: Int { min(4 * connectionsPerWorkerMax, 1 << 22) }
}

// Who is who.
extension Worker where P: ~Copyable {
    /// The filter at a position of a side; `.none` when it is closed.
    func filter(_ f: FilteringSlot, _ side: FilterSide, _ position: Int) -> FilterStreamSlot {
        let last = filterings[f][side].count &- 1
        return filterings[f].streams[side == .request ? position : last &- position]
    }

    /// The position of a filter on a side, which may be behind its last one.
    func position(_ t: FilterStreamSlot, _ f: FilteringSlot, _ side: FilterSide) -> Int {
        let place = filterStreams[t].place
        return side == .request ? place : filterings[f].response.count &- 1 &- place
    }

    /// Whether the head of a side is with this filter.
    func hasHead(_ t: FilterStreamSlot, _ f: FilteringSlot, _ side: FilterSide) -> Bool {
        let passage = filterings[f][side]
        return passage.hasBegun && !passage.hasHeadPassed
            && position(t, f, side) == passage.head
    }

    /// Whether a filter is given the content of a side.
    func takesContent(_ t: FilterStreamSlot, _ side: FilterSide) -> Bool {
        !filterStreams[t].isSkipped
            && filterStreams[t].wants.contains(side == .request ? .requestBody : .responseBody)
    }

    /// The stream that content of a side comes by.
    func contentStream(_ e: ExchangeSlot, _ side: FilterSide) -> StreamSlot {
        guard side == .response else { return exchanges[e].downstream }
        let l = exchanges[e].leg
        return l.isNone ? .none : legs[l].stream
    }

    /// Memory of content that filters hold.
    func heldByFilters(_ e: ExchangeSlot) -> Int {
        let f = exchanges[e].filtering
        guard !f.isNone else { return 0 }
        var memory = 0
        for place in 0..<filterings[f].openedCount {
            let t = filterings[f].streams[place]
            guard !t.isNone else { continue }
            memory &+= filterStreams[t].request.held.memory &+ filterStreams[t].response.held.memory
        }
        return memory
    }
}
