package import SluiceBase
package import SluiceConfig
internal import SluiceExtensions
internal import SluiceHTTP
internal import SluiceRouting
package import SluiceTelemetry
internal import SluiceUpstreams

/// One worker: one thread, one port, and everything that its connections need.
///
/// Shares nothing.
///
/// `run` is the loop; `handle` below it is the table of contents of the data path: one case an
/// operation, in the order of a request's way through the host.
package struct Worker<P: Port & ~Copyable>: ~Copyable {
    let index: Int
    let limits: Limits
    let counters: WorkerCounters
    let desk: Desk
    let services = Services.process
    var port: P

    var connections: Slots<Connection>
    var exchanges: Slots<Exchange>
    var buffers: Buffers
    var deadlines: Deadlines
    var endpoints: EndpointStates
    let listening: Table<Listening>
    /// Sockets that the worker was given while it still lets go of the one before.
    let nextSockets: Table<Int32>
    var socketsVersion: UInt64 = 0

    var routing: RoutingView
    var routingNumber: UInt64
    /// Exchanges that were routed by an older generation.
    var staleExchanges = 0

    var request: RequestHead
    var reply: ResponseHead
    let scratch: Table<UInt8>
    var date = DateLine()
    var dateDue: UInt64 = 0
    var now: UInt64
    var balancer: Balancer
    /// Where connects find their addresses: a socket address for each connection slot.
    let addresses: Arena

    var downstreamCount = 0
    /// Some accept ended for want of descriptors or memory.
    var acceptsPaused = false
    var starvedCount = 0
    /// Receive buffers that the worker holds.
    var lentBuffers = 0
    var isTicking = false
    /// Each reply ends its connection: the host will end.
    var isClosing = false
    var isDraining = false
    var drainDeadline = Clock.never
    var isStopped = false

    /// Makes the worker of `desk` on its own thread; throws the error of mmap(2).
    package init(
        port: consuming P,
        receive: Arena,
        limits: Limits,
        counters: WorkerCounters,
        desk: Desk
    ) throws(Errno) {
        let total = limits.connectionsPerWorkerMax + limits.upstreamConnectionsPerWorkerMax
        let addresses = try Arena(count: total, size: Worker.addressBytes)
        let buffers = try Buffers(limits, receive: receive)
        var port = port
        now = port.now()
        index = desk.worker
        self.limits = limits
        self.counters = counters
        self.desk = desk
        self.port = port
        self.buffers = buffers
        connections = Slots(capacity: total, empty: .none)
        exchanges = Slots(capacity: limits.connectionsPerWorkerMax, empty: .none)
        deadlines = Deadlines(now: now)
        endpoints = EndpointStates(
            connectionsMax: total,
            idlePerEndpointMax: limits.upstreamIdlePerEndpointMax,
            endpointsMax: limits.endpointsMax
        )
        listening = Table(repeating: .none, count: SocketOffers.bindingsMax)
        nextSockets = Table(repeating: -1, count: SocketOffers.bindingsMax)
        routing = RoutingView.empty
        routingNumber = 0
        request = RequestHead(
            fieldsMax: limits.headerCountMax,
            lineMax: limits.requestLineBytesMax
        )
        reply = ResponseHead(fieldsMax: limits.headerCountMax)
        scratch = Table(repeating: 0, count: 2 * Buffers.headBytes)
        balancer = Balancer(seed: now ^ UInt64(truncatingIfNeeded: desk.worker + 1) << 32)
        self.addresses = addresses
    }

    /// Bytes of the longest socket address, a `sockaddr_in6`, in a round number.
    private static var addressBytes: Int { 32 }

    /// Serves until it is told to stop.
    ///
    /// Throws when the kernel takes the port away.
    package mutating func run() throws(Errno) {
        start()
        while !isStopped { try turn() }
    }

    /// What happens before the first turn.
    package mutating func start() {
        port.watch(desk.inbox.wakeDescriptor, token: Token.make(.wake, 0, 0))
        adopt()
    }

    /// One turn of the loop: wait, answer what has completed, look at the clock and the desk.
    package mutating func turn() throws(Errno) {
        let ready = try port.wait(1, atMost: 0)
        now = port.now()
        for place in 0..<ready { handle(port.completion(place)) }
        port.advance(ready)
        counters.bump(.turns)
        expire()
        if !desk.inbox.isEmpty { readInbox() }
        adopt()
        if starvedCount > 0 && lentBuffers < buffers.receive.count { feedStarved() }
        keepTicking()
        if isDraining { checkDrained() }
    }

    /// The data path, in order.
    @inline(__always)
    private mutating func handle(_ completion: Completion) {
        switch Token.operation(completion.token) {
        case .accept: onAccept(completion)
        case .receiveRequest: onReceiveRequest(completion)
        case .connect: onConnect(completion)
        case .sendRequest: onSend(completion)
        case .receiveReply: onReceiveReply(completion)
        case .sendReply: onSend(completion)
        case .wake: onWake(completion)
        case .tick: onTick()
        case .settle: break
        }
    }
}

// Small steps that every stage uses.
extension Worker where P: ~Copyable {
    func token(_ operation: Operation, _ slot: Int) -> UInt64 {
        Token.make(operation, slot, connections.generation(slot))
    }

    /// Whether a completion is about a connection that still is what it was.
    @inline(__always)
    func isCurrent(_ completion: Completion) -> Bool {
        let slot = Token.slot(completion.token)
        return connections.isTaken(slot)
            && connections.generation(slot) == Token.generation(completion.token)
    }

    /// Gives a buffer back to whoever it belongs to.
    @inline(__always)
    mutating func release(_ buffer: Int32) {
        if buffers.isReceive(buffer) {
            port.recycle(buffer)
            lentBuffers &-= 1
        } else {
            buffers.free(buffer)
        }
    }

    mutating func releaseAll(_ slot: Int, input: Bool, output: Bool) {
        if input {
            while !connections[slot].input.isEmpty {
                release(buffers.takeFirst(&connections[slot].input))
            }
        }
        if output {
            while !connections[slot].output.isEmpty {
                release(buffers.takeFirst(&connections[slot].output))
            }
        }
    }

    mutating func setDeadline(_ slot: Int, after nanoseconds: Int) {
        let deadline = nanoseconds == 0 ? Clock.never : now &+ UInt64(nanoseconds)
        deadlines.set(deadline, slot, connections)
    }

    /// A tick of the clock; accepting that stopped for want of descriptors is tried again.
    private mutating func onTick() {
        isTicking = false
        if acceptsPaused && !isDraining { resumeAccepting() }
    }

    private mutating func keepTicking() {
        let hasWork = deadlines.count > 0 || drainDeadline != Clock.never || acceptsPaused
        guard hasWork, !isTicking else { return }
        isTicking = true
        port.timeout(Deadlines.tickNanoseconds, token: Token.make(.tick, 0, 0))
    }
}
