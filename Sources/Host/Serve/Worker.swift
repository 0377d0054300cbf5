package import SluiceBase
package import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
package import SluiceTelemetry
package import SluiceUpstreams

/// What all workers of a process have in common.
package struct WorkerTerms: Sendable {
    package let limits: Limits
    package let forwarding: ForwardingTerms
    package let health: EndpointHealth

    package init(limits: Limits, forwarding: ForwardingTerms, health: EndpointHealth) {
        self.limits = limits
        self.forwarding = forwarding
        self.health = health
    }
}

/// One worker: one thread, one port, and everything that its connections need.
///
/// Shares nothing.
///
/// `run` is the loop; `handle` below it is the table of contents of the data path: one case an
/// operation, in the order of a request's way through the host.
package struct Worker<P: Port & ~Copyable>: ~Copyable {
    let index: Int
    let limits: Limits
    let addsForwarded: Bool
    let addsVia: Bool
    /// Peers whose forwarded fields are believed.
    let trusted: Table<Network>
    let counters: WorkerCounters
    let desk: Desk
    let health: EndpointHealth
    let services = Services.process
    let filters = Filters.process
    var port: P

    // The five types, and what they are made of.
    let channels: Slots<ChannelSlot, Channel>
    /// By the number of the channel.
    let sessions: Table<Session>
    let security: Table<Security>
    let streams: Slots<StreamSlot, Stream>
    let exchanges: Slots<ExchangeSlot, Exchange>
    let legs: Slots<LegSlot, Leg>
    let filterings: Slots<FilteringSlot, Filtering>
    let filterStreams: Slots<FilterStreamSlot, FilterStream>
    let buffers: Buffers
    var contexts = Contexts()
    var deadlines: Deadlines
    var pressure = Pressure()

    // Routing.
    var routing = RoutingView.empty
    var routingNumber: UInt64 = 0
    /// Exchanges that hold a route's terms, and those of them that an older generation routed.
    var routedExchanges = 0
    var staleExchanges = 0
    var endpoints: EndpointStates
    var balancer: Balancer

    // Listening.
    let listening: Table<Listening>
    var socketsSeen: UInt64 = 0
    /// Some accept ended for want of descriptors or memory.
    var acceptsPaused = false
    let clients: Clients
    var downstreamCount = 0
    var upstreamCount = 0

    // Scratch, overwritten by whoever comes next.
    var requestHead: RequestHead
    var responseHead: ResponseHead
    var trailerSection: FieldSection
    let scratch: Table<UInt8>
    /// Where connects find their addresses: a socket address for each channel.
    let addresses: Arena

    var now: UInt64
    var date = DateLine()
    var dateDue: UInt64 = 0
    var starvedCount = 0
    /// Channels whose output could not be encrypted for want of memory.
    var unsealedCount = 0
    /// Channels whose ClientHello was longer than what is waited for.
    var oversizedCount = 0
    /// Where the search for starved channels goes on, so that each has its turn.
    var starvedNext: Int32 = 0
    /// When the last turn was, and whether it left the clock alone.
    var turnedAt: UInt64 = 0
    var hasLookedAway = false
    var isTicking = false
    /// When unused memory goes back to the system next.
    var forgetsAt: UInt64 = 0
    var drain = DrainPhase.none
    var drainDeadline = Clock.never
    var isStopped = false

    private let inPlace = InPlace()

    /// Makes the worker of `desk` on its own thread; throws the error of mmap(2).
    package init(
        port: consuming P,
        receive: Arena,
        terms: WorkerTerms,
        counters: WorkerCounters,
        desk: Desk
    ) throws(Errno) {
        let limits = terms.limits
        let total =
            limits.connectionsPerWorkerMax + limits.upstreamConnectionsPerWorkerMax
            + Worker.closingMax
        let exchangeCount = limits.connectionsPerWorkerMax
        let addresses = try Arena(count: total, size: Worker.addressBytes)
        let buffers = try Buffers(limits, receive: receive)
        var port = port
        now = port.now()
        index = desk.worker
        self.limits = limits
        addsForwarded = terms.forwarding.addsForwarded
        addsVia = terms.forwarding.addsVia
        trusted = Table(terms.forwarding.trusted.compactMap { Network($0) })
        health = terms.health
        self.counters = counters
        self.desk = desk
        self.port = port
        self.buffers = buffers
        channels = Slots(capacity: total)
        sessions = Table(zeroed: total)
        security = Table(zeroed: total)
        streams = Slots(capacity: 2 * exchangeCount)
        exchanges = Slots(capacity: exchangeCount)
        legs = Slots(capacity: exchangeCount)
        filterings = Slots(capacity: exchangeCount)
        filterStreams = Slots(capacity: limits.filtersPerWorkerMax)
        deadlines = Deadlines(count: total + 2 * exchangeCount, now: now)
        endpoints = EndpointStates(
            connectionsMax: total,
            idlePerEndpointMax: limits.upstreamIdlePerEndpointMax,
            endpointsMax: limits.endpointsMax
        )
        balancer = Balancer(seed: now ^ UInt64(truncatingIfNeeded: desk.worker + 1) << 32)
        listening = Table(repeating: .none, count: SocketOffers.bindingsMax)
        clients = Clients(
            most: limits.connectionsPerClientMax,
            total: limits.connectionsPerWorkerMax
        )
        requestHead = RequestHead(
            fieldsMax: limits.headerCountMax,
            lineMax: limits.requestLineBytesMax
        )
        responseHead = ResponseHead(fieldsMax: limits.headerCountMax)
        trailerSection = FieldSection(fieldsMax: limits.headerCountMax)
        scratch = Table(repeating: 0, count: 2 * Buffers.largeBytes)
        self.addresses = addresses
    }

    /// A turn that comes so much later than the one before follows a stall.
    private static var lateNanoseconds: UInt64 { 100 * Clock.nanosecondsPerMillisecond }

    /// How often memory that nothing uses goes back to the system.
    private static var forgetNanoseconds: UInt64 { Clock.nanosecondsPerSecond }

    /// Connections that are closed already and that the kernel has not let go of.
    private static var closingMax: Int { 1_024 }

    /// Bytes of the longest socket address, a `sockaddr_in6`, in a round number.
    private static var addressBytes: Int { 32 }

    /// Serves until the drain has ended.
    ///
    /// Throws when the kernel takes the port away.
    package mutating func run() throws(Errno) {
        start()
        while !isStopped { try turn() }
    }

    /// What happens before the first turn.
    package mutating func start() {
        watchInbox()
        adopt()
    }

    /// One turn of the loop: wait, answer what has completed, look at the clock and the desk.
    package mutating func turn() throws(Errno) {
        giveBuffersBack()
        let ready = try port.wait(1, atMost: 0)
        now = port.now()
        for place in 0..<ready { handle(port.completion(place)) }
        port.advance(ready)
        counters.bump(.turns)
        if looksAtClock() { expire() }
        if !desk.inbox.isEmpty { readInbox() }
        adopt()
        if buffers.isScarce || buffers.isFull { relieve() }
        if starvedCount > 0 { feedStarved() }
        if unsealedCount > 0 { sealAgain() }
        keepTicking()
        if drain == .closing { checkDrained() }
    }

    /// The data path, in order.
    @inline(__always)
    private mutating func handle(_ completion: Completion) {
        switch Token.operation(completion.token) {
        case .accept: onAccept(completion)
        case .receive: onReceive(completion)
        case .connect: onConnect(completion)
        case .send: onSend(completion)
        case .wake: onWake(completion)
        case .tick: onTick()
        case .settle: break
        }
    }

    /// Whether deadlines count in this turn.
    ///
    /// After a stall of the worker, bytes that came in time may still lie in the kernel: they are
    /// read first, once.
    private mutating func looksAtClock() -> Bool {
        let isLate = now &- turnedAt > Worker.lateNanoseconds
        turnedAt = now
        let looks = !isLate || hasLookedAway
        hasLookedAway = !looks
        return looks
    }

    /// Receive buffers that nobody holds go back to the port.
    private mutating func giveBuffersBack() {
        while true {
            let buffer = buffers.takeReturned()
            guard !buffer.isNone else { return }
            port.recycle(buffer.number)
        }
    }

    /// A tick of the clock; accepting that stopped for want of descriptors is tried again.
    private mutating func onTick() {
        isTicking = false
        adoptTickets()
        counters.set(.memoryHeld, UInt64(buffers.heldBytes))
        if now >= forgetsAt {
            forgetsAt = now &+ Worker.forgetNanoseconds
            buffers.forget()
        }
        if acceptsPaused && drain != .closing { resumeAccepting() }
    }

    private mutating func keepTicking() {
        let hasWork = deadlines.count > 0 || drain == .closing || acceptsPaused
        guard hasWork, !isTicking else { return }
        isTicking = true
        port.timeout(Deadlines.tickNanoseconds, token: Token.make(.tick))
    }
}
