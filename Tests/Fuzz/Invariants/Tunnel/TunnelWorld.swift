internal import SimulatedKernel
internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceServe
internal import SluiceShared
internal import SluiceTelemetry
internal import SluiceUpstreams

/// A worker over a simulated kernel, one client and one origin that follow a script.
struct TunnelWorld {
    private static let settleTurnsMax = 4_000
    /// Turns without anything new behind which nothing comes by itself; news is late by fewer.
    private static let quietTurns = 16
    /// Time in which patient sends complete and no deadline passes.
    private static let restNanoseconds = UInt64(second) / 2
    private static let restTurnsMax = 400_000
    fileprivate static let buffersMax = 128
    fileprivate static let buffersMin = 16
    fileprivate static let bufferBytes = 2_048

    let script: TunnelScript
    let net: SimulatedNet
    private(set) var client: TunnelPeer
    /// The origin's connections in the order in which the host opened them.
    private(set) var origins: [TunnelPeer] = []
    /// What the worker holds in the end.
    private(set) var use: WorkerUse?
    private let control: TunnelControl
    /// What the counters were before.
    private let counted: [UInt64]
    private let arena: Arena
    private let limits: Limits
    /// What the origin does as soon as there is a connection to do it on.
    private var waiting: [TunnelScript.Step] = []
    private var originReads = true
    /// The script is over: whoever has not ended its stream does.
    private var endsAll = false

    init(_ script: TunnelScript) throws {
        self.script = script
        limits = Self.limits(script)
        control = try TunnelControl.shared.get()
        arena = script.isMemoryScarce ? control.scarceArena : control.arena
        net = SimulatedNet(
            seed: script.seed,
            arena: arena,
            reserved: limits.receiveBuffersForHeads,
            hostility: script.hostility
        )
        counted = Counter.allCases.map { [counters = control.counters] in counters.value($0) }
        let listener = net.listen()
        control.desk.sockets.offer(control.binding, listener)
        client = TunnelPeer(net.arrive(on: listener))
    }

    func count(_ counter: Counter) -> Int {
        Int(control.counters.value(counter)) - Int(counted[counter.rawValue])
    }

    /// Follows the script to its end, then lets both sides end and everything come to rest.
    mutating func run() throws {
        var worker = try Worker(
            port: SimulatedPort(net: net),
            receive: arena,
            terms: WorkerTerms(
                limits: limits,
                forwarding: ForwardingTerms(),
                health: EndpointHealth(endpointsMax: limits.endpointsMax)
            ),
            counters: control.counters,
            desk: control.desk
        )
        worker.start()
        for step in script.steps { try follow(step, &worker) }
        try end(&worker)
        use = worker.use
    }

    private mutating func follow(
        _ step: TunnelScript.Step,
        _ worker: inout Worker<SimulatedPort>
    ) throws {
        switch step {
        case .turns(let count):
            for _ in 0..<count { try turn(&worker, holdsTime: true) }
        case .time(let count):
            for _ in 0..<count { try turn(&worker, holdsTime: false) }
        case .send(.client, _), .end(.client), .leave(.client), .reset(.client), .read(.client, _):
            client.follow(step)
        case .read(.origin, let reads):
            originReads = reads
            for place in origins.indices { origins[place].reads = reads }
        case .send(.origin, _), .end(.origin), .leave(.origin), .reset(.origin):
            guard !origins.isEmpty else { return waiting.append(step) }
            origins[origins.count - 1].follow(step)
        }
    }

    private mutating func turn(
        _ worker: inout Worker<SimulatedPort>,
        holdsTime: Bool
    ) throws {
        net.holdsTime = holdsTime
        try worker.turn()
        for socket in net.connecting {
            socket.connectResult = 0
            var peer = TunnelPeer(socket)
            peer.reads = originReads
            for step in waiting { peer.follow(step) }
            waiting = []
            origins.append(peer)
        }
        net.connecting = []
        if endsAll {
            client.follow(.end(.client))
            for place in origins.indices { origins[place].follow(.end(.origin)) }
        }
        client.read()
        for place in origins.indices { origins[place].read() }
    }

    private mutating func end(_ worker: inout Worker<SimulatedPort>) throws {
        originReads = true
        client.reads = true
        for place in origins.indices { origins[place].reads = true }
        try rest(&worker)
        endsAll = true
        try rest(&worker)
        var quiet = 0
        for _ in 0..<Self.settleTurnsMax where quiet < Self.quietTurns {
            try turn(&worker, holdsTime: false)
            quiet = worker.use.isNone && hasNoConnection ? quiet + 1 : 0
        }
    }

    /// Turns until nothing happens any more; no deadline passes.
    private mutating func rest(_ worker: inout Worker<SimulatedPort>) throws {
        let start = net.now
        var seen = progress
        var quiet = 0
        var turns = 0
        // Patient sends may wait for the next tick.
        while net.now < start + Self.restNanoseconds, quiet < 2 * Self.quietTurns {
            try turn(&worker, holdsTime: quiet < Self.quietTurns)
            quiet = progress == seen ? quiet + 1 : 0
            seen = progress
            turns += 1
            precondition(turns < Self.restTurnsMax, "a worker comes to rest")
        }
        client.rest()
        for place in origins.indices { origins[place].rest() }
    }

    /// Changes with everything that happens.
    private var progress: UInt64 {
        let read = origins.reduce(client.received.count) { $0 + $1.received.count }
        return net.trace &+ UInt64(read)
    }

    /// Every connection was accepted and closed.
    private var hasNoConnection: Bool {
        net.sockets.values.allSatisfy { $0.isListening && $0.backlog.isEmpty }
    }

    /// Small memory and short times: every deadline passes in few turns.
    private static func limits(_ script: TunnelScript) -> Limits {
        var limits = Limits()
        let isScarce = script.isMemoryScarce
        limits.connectionsPerWorkerMax = 8
        limits.upstreamConnectionsPerWorkerMax = 8
        limits.receiveBuffersPerWorker = isScarce ? buffersMin : buffersMax
        limits.receiveBufferBytes = bufferBytes
        limits.smallBuffersPerWorker = isScarce ? 16 : 256
        limits.largeBuffersPerWorker = isScarce ? 4 : 32
        limits.pendingWriteBytesMax = 8_192
        limits.endpointsMax = 8
        limits.shortenTimes()
        return limits
    }
}

/// One end of a connection: what was written and read on it.
struct TunnelPeer {
    private let socket: SimulatedSocket
    private(set) var sent: [UInt8] = []
    private(set) var received: [UInt8] = []
    /// It wrote before a whole head had come.
    private(set) var isEarly = false
    private var hasEnded = false
    var reads = true
    /// Where the connection stood when everything had come to rest and no deadline had passed:
    /// behind the script, and when both sides had ended.
    private(set) var rests: [Rest] = []

    struct Rest {
        /// The peer had ended its stream.
        let hasEnded: Bool
        /// The host had ended its stream in good order.
        let sawEnd: Bool
    }

    init(_ socket: SimulatedSocket) { self.socket = socket }

    mutating func follow(_ step: TunnelScript.Step) {
        guard !hasEnded else { return }
        switch step {
        case .send(_, let bytes):
            isEarly = isEarly || !hasHead
            sent += bytes
            socket.write(bytes)
        case .end:
            hasEnded = true
            socket.endWriting()
        case .leave:
            hasEnded = true
            socket.close()
        case .reset:
            hasEnded = true
            socket.reset()
        case .read(_, let reads):
            self.reads = reads
        case .turns, .time:
            break
        }
    }

    mutating func read() {
        if reads { received += socket.read() }
    }

    mutating func rest() {
        rests.append(
            Rest(hasEnded: hasEnded, sawEnd: socket.sawEnd && !socket.sawReset)
        )
    }

    private var hasHead: Bool {
        let all = received + socket.outbound
        let end = Array("\r\n\r\n".utf8)
        return all.indices.contains { all[$0...].starts(with: end) }
    }
}

/// The control side and the receive buffers, which live as long as the process: one world at a
/// time has them.
///
/// Everything is routed to one endpoint.
private final class TunnelControl: Sendable {
    static let shared = Result { try TunnelControl() }

    let desk: Desk
    let counters: WorkerCounters
    /// Arenas are never unmapped: one for each world would add up.
    let arena: Arena
    let scarceArena: Arena
    private let snapshot: Snapshot

    private init() throws {
        arena = try Arena(count: TunnelWorld.buffersMax, size: TunnelWorld.bufferBytes)
        scarceArena = try Arena(count: TunnelWorld.buffersMin, size: TunnelWorld.bufferBytes)
        var world = World(instanceOrder: ["fuzz"], halfClosedNanoseconds: UInt64(4 * second))
        let documents: [(DocumentKind, String)] = [
            (.listener, #"{"port":80,"protocol":"HTTP"}"#),
            (.pool, #"{"endpoints":[{"address":"10.0.0.2","port":8001}]}"#),
            (.route, #"{"listeners":["a"],"rules":[{"backends":[{"pool":"a"}]}]}"#),
        ]
        for (kind, text) in documents {
            let key = DocumentKey(instance: "fuzz", kind: kind, name: "a")
            world.put(Document(key: key, value: try JSONDocument(parsing: Array(text.utf8))))
        }
        snapshot = Compiler().compile(world, generation: 1).snapshot
        let installed = Published<Installation>()
        installed.publish(Installation(view: snapshot.view), number: 1)
        desk = try Desk(
            worker: 0,
            inbox: Inbox(),
            installed: installed,
            tickets: TicketBoard(),
            control: Inbox()
        )
        counters = try WorkerCounters()
    }

    var binding: Int { Int(snapshot.bindings[0].index) }
}
