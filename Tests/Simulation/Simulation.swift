import SluiceBase
import SluiceConfig
import SluiceRouting
import SluiceServe
import SluiceShared
import SluiceTelemetry

/// One run: a worker over a simulated kernel, some clients, some origins, one seed.
struct Simulation {
    /// What a run came to; empty lists mean that nothing was wrong.
    struct Outcome {
        var wrongs: [String] = []
        var answered = 0
        var asked = 0
        var failures = 0
    }

    private static let turnsMax = 60_000
    private let seed: UInt64
    /// Odd seeds: clients break off, origins misbehave, routes change under way.
    private var isHostile: Bool { seed % 2 == 1 }

    private let hostility: Hostility

    /// What the kernel may do is drawn from the seed unless it is given.
    init(seed: UInt64, hostility: Hostility? = nil) {
        self.seed = seed
        self.hostility = hostility ?? .survived(seed: seed)
    }

    func run() throws -> Outcome {
        var limits = Limits()
        limits.connectionsPerWorkerMax = 256
        limits.upstreamConnectionsPerWorkerMax = 64
        limits.receiveBuffersPerWorker = 16 << Int(seed % 4)
        limits.receiveBufferBytes = 2_048 << Int(seed % 3)
        limits.largeBuffersPerWorker = 64
        limits.pendingWriteBytesMax = 16_384
        limits.endpointsMax = 64
        let arena = try Arena(
            count: limits.receiveBuffersPerWorker,
            size: limits.receiveBufferBytes
        )
        let net = SimulatedNet(seed: seed, arena: arena, hostility: hostility)
        let installed = Published<Installation>()
        let desk = try Desk(
            worker: 0,
            inbox: Inbox(),
            installed: installed,
            control: Inbox()
        )
        var worker = try Worker(
            port: SimulatedPort(net: net),
            receive: arena,
            terms: WorkerTerms(
                limits: limits,
                forwarding: ForwardingTerms(),
                health: EndpointHealth(endpointsMax: limits.endpointsMax)
            ),
            counters: try WorkerCounters(),
            desk: desk
        )
        let routing = SimulatedRouting()
        try routing.publish(1, to: installed)
        desk.sockets.offer(0, net.listen())
        worker.start()
        return try drive(&worker, net, routing, installed)
    }

    private func drive(
        _ worker: inout Worker<SimulatedPort>,
        _ net: SimulatedNet,
        _ routing: SimulatedRouting,
        _ installed: Published<Installation>
    ) throws -> Outcome {
        let origins = SimulatedOrigins(misbehaves: isHostile)
        var clients: [SimulatedClient] = []
        let total = 4 + net.random.below(12)
        var generation: UInt64 = 1
        var turns = 0
        while clients.count < total || !clients.allSatisfy(\.isDone) {
            turns += 1
            guard turns < Self.turnsMax else { return stuck(clients, worker.use) }
            if clients.count < total, net.random.oneIn(4) {
                clients.append(arrive(clients.count, net))
            }
            if net.random.oneIn(200) {
                generation += 1
                try routing.publish(generation, to: installed)
            }
            for client in clients { client.step(&net.random) }
            origins.step(net)
            try worker.turn()
        }
        try settle(&worker, net, origins)
        return judge(clients, origins, worker.use, net)
    }

    private func arrive(_ number: Int, _ net: SimulatedNet) -> SimulatedClient {
        let socket = net.arrive(on: SimulatedNet.firstNumber)
        return SimulatedClient(number: number, socket: socket, aborts: isHostile, &net.random)
    }

    /// Lets everything end that is still under way, idle connections included.
    private func settle(
        _ worker: inout Worker<SimulatedPort>,
        _ net: SimulatedNet,
        _ origins: SimulatedOrigins
    ) throws {
        let deadline = net.now + 200_000_000_000
        while net.now < deadline, !worker.use.isNone {
            origins.step(net)
            try worker.turn()
        }
    }

    private func judge(
        _ clients: [SimulatedClient],
        _ origins: SimulatedOrigins,
        _ use: WorkerUse,
        _ net: SimulatedNet
    ) -> Outcome {
        var outcome = Outcome(wrongs: origins.wrongs)
        if !use.isNone {
            outcome.wrongs.append("something was never given back: \(use)")
        }
        if net.freeBuffers.count != net.arena.count {
            let lost = net.arena.count - net.freeBuffers.count
            outcome.wrongs.append("\(lost) receive buffers were never given back")
        }
        if net.sockets.count > 1 {
            outcome.wrongs.append("\(net.sockets.count) descriptors are still open")
        }
        for client in clients {
            outcome.wrongs += client.wrongs
            outcome.asked += client.requests.count
            outcome.answered += client.answered
            outcome.failures += client.failures.count
            guard !isHostile else { continue }
            let isShort = client.answered < client.requests.count && !client.wasTurnedAway
            if isShort || !client.failures.isEmpty {
                outcome.wrongs.append(
                    "\(client.requests[0].name): \(client.answered) of "
                        + "\(client.requests.count) answered, failures \(client.failures)"
                )
            }
        }
        return outcome
    }

    private func stuck(_ clients: [SimulatedClient], _ use: WorkerUse) -> Outcome {
        let waiting = clients.filter { !$0.isDone }.map { $0.requests[$0.answered].name }
        return Outcome(wrongs: ["no end after \(Self.turnsMax) turns: \(waiting) wait, \(use)"])
    }
}

/// The routing of a simulation: one listener, one route, a pool that changes its endpoints.
final class SimulatedRouting {
    private let compiler = Compiler()
    private var snapshots: [Snapshot] = []

    func publish(_ generation: UInt64, to installed: Published<Installation>) throws {
        var world = World(instanceOrder: ["sim"])
        let ports = [[8_001], [8_001, 8_002], [8_002], [8_003, 8_001]][Int(generation % 4)]
        let endpoints = ports.map { #"{"address":"10.0.0.1","port":\#($0)}"# }
        for (kind, text) in [
            (DocumentKind.listener, #"{"port":80,"protocol":"HTTP"}"#),
            (.pool, #"{"endpoints":[\#(endpoints.joined(separator: ","))]}"#),
            (
                .route,
                #"{"listeners":["l"],"rules":[{"backends":[{"pool":"p"}],"#
                    + #""timeouts":{"request":"20s"}}]}"#
            ),
        ] {
            let name = ["listener": "l", "pool": "p", "route": "r"][kind.rawValue] ?? ""
            world.put(
                Document(
                    key: DocumentKey(instance: "sim", kind: kind, name: name),
                    value: try JSONDocument(parsing: Array(text.utf8))
                )
            )
        }
        let snapshot = compiler.compile(world, generation: generation).snapshot
        snapshots.append(snapshot)
        installed.publish(Installation(view: snapshot.view), number: generation)
    }
}
