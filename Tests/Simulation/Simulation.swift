import CSeededRandom
import CTLS
import SimulatedKernel
import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceRouting
import SluiceServe
import SluiceTLS
import SluiceTelemetry
import SluiceUpstreams

/// One run: a worker over a simulated kernel, some clients, some origins, one seed.
struct Simulation {
    /// What a run came to; empty lists mean that nothing was wrong.
    struct Outcome {
        var wrongs: [String] = []
        var answered = 0
        var asked = 0
        var failures = 0
        var turns = 0
        /// What the worker has counted.
        var counts: [String] = []
        /// A digest of everything that happened.
        var trace: UInt64 = 0
    }

    private static let turnsMax = 60_000
    private static let settleTurnsMax = 6_000
    /// Turns in which what the worker has let go of ends in the kernel too.
    private static let quietTurns = 40
    private let plan: SimulationPlan
    private let net: SimulatedNet
    private let desk: Desk
    private let routing: SimulatedRouting
    private let ledger = SimulatedLedger()
    private let arena: Arena
    private let counters: WorkerCounters
    private let filters: SimulatedFilters?

    /// What the kernel may do is drawn from the seed unless it is given.
    ///
    /// With filters, one run at a time.
    ///
    /// From here to the end of `run` the thread's random numbers of OpenSSL are those of the seed.
    init(seed: UInt64, hostility: Hostility? = nil, hasFilters: Bool = false) throws {
        plan = SimulationPlan(seed: seed, hostility: hostility)
        arena = try Arena(
            count: plan.limits.receiveBuffersPerWorker,
            size: plan.limits.receiveBufferBytes
        )
        net = SimulatedNet(
            seed: seed,
            arena: arena,
            reserved: plan.limits.receiveBuffersForHeads,
            hostility: plan.hostility
        )
        let installed = Published<Installation>()
        _ = SimulatedContexts.process
        seeded_random_begin(seed)
        let tickets = try TicketBoard()
        tickets.publish(try TicketRing.fresh())
        desk = try Desk(
            worker: Self.worker,
            inbox: Inbox(),
            installed: installed,
            tickets: tickets,
            control: Inbox()
        )
        filters =
            hasFilters
            ? SimulatedFilters(plan, SimulatedDesk(net: net, inbox: desk.inbox)) : nil
        routing = SimulatedRouting(plan, net, installed, desk, filters)
        counters = try WorkerCounters()
    }

    func run() throws -> Outcome {
        defer { seeded_random_end() }
        if filters != nil { attach() }
        defer { if filters != nil { Thread.becomeWorker(-1) } }
        var worker = try Worker(
            port: SimulatedPort(net: net),
            receive: arena,
            terms: WorkerTerms(
                limits: plan.limits,
                forwarding: ForwardingTerms(),
                health: EndpointHealth(endpointsMax: plan.limits.endpointsMax)
            ),
            counters: counters,
            desk: desk
        )
        try routing.change()
        worker.start()
        var crowd = SimulatedCrowd(plan, net, routing, ledger)
        var turns = 0
        while !crowd.isDone {
            turns += 1
            guard turns < Self.turnsMax else { return stuck(crowd, worker.use) }
            if net.random.oneIn(150), !ledger.isDraining { try routing.change() }
            if plan.drains { drain(crowd) }
            let isHeld = filters?.step() ?? false
            let isBusy = crowd.step() || isHeld
            net.holdsTime = isBusy && !plan.isHostile
            try worker.turn()
            guard ERR_peek_error() == 0 else { return leftover() }
        }
        try settle(&worker, &crowd)
        return judge(crowd, worker.use, turns)
    }

    /// The number of the worker: one that no host of another test has, as filters are known to the
    /// whole process.
    private static let worker = 250

    /// This thread is that worker of the process, as far as filters are concerned.
    private func attach() {
        Thread.becomeWorker(Self.worker)
        Services.process.attach(
            worker: Self.worker,
            inbox: desk.inbox,
            exchanges: plan.limits.connectionsPerWorkerMax
        )
        Filters.process.attach(
            worker: Self.worker,
            filters: plan.limits.filtersPerWorkerMax,
            terms: FilterTerms(
                headBytesMax: plan.limits.headerBytesMax,
                bodyBytesMax: plan.limits.filterHeldBytesMax
            )
        )
    }

    /// The notice comes when all clients have come, the end some turns later.
    private func drain(_ crowd: SimulatedCrowd) {
        guard crowd.hasAll, !ledger.isDraining, net.random.oneIn(60) else { return }
        if ledger.hasNotice {
            ledger.isDraining = true
            desk.drain(deadline: net.now + UInt64(5 * second))
        } else {
            ledger.hasNotice = true
            desk.announceDrain()
        }
        net.woken.insert(desk.inbox.wakeDescriptor)
    }

    /// Lets everything end that is still under way, idle connections included.
    private func settle(
        _ worker: inout Worker<SimulatedPort>,
        _ crowd: inout SimulatedCrowd
    ) throws {
        net.holdsTime = false
        var quiet = 0
        for _ in 0..<Self.settleTurnsMax where quiet < Self.quietTurns {
            _ = filters?.step()
            _ = crowd.step()
            try worker.turn()
            quiet = worker.use.isNone ? quiet + 1 : 0
        }
    }

    private func judge(_ crowd: SimulatedCrowd, _ use: WorkerUse, _ turns: Int) -> Outcome {
        var outcome = Outcome(wrongs: ledger.wrongs + net.sentInVain)
        outcome.turns = turns
        outcome.trace = net.trace
        for counter in Counter.allCases where counters.value(counter) > 0 {
            outcome.counts.append("\(counter) \(counters.value(counter))")
        }
        for reason in LocalReason.allCases where counters.value(reason) > 0 {
            outcome.counts.append("\(reason) \(counters.value(reason))")
        }
        if !use.isNone { outcome.wrongs.append("something was never given back: \(use)") }
        outcome.wrongs += routing.end() + (filters?.end() ?? [])
        if net.freeBuffers.count != net.arena.count {
            let lost = net.arena.count - net.freeBuffers.count
            outcome.wrongs.append("\(lost) receive buffers were never given back")
        }
        let open = net.sockets.values.filter { !$0.isListening }.count
        let listening = net.sockets.count - open
        if open > 0 { outcome.wrongs.append("\(open) descriptors are still open") }
        if listening > 1 { outcome.wrongs.append("\(listening) sockets still listen") }
        outcome.wrongs += crowd.intruders.compactMap(\.wrong)
        for client in crowd.clients { add(client, &outcome) }
        return outcome
    }

    private func add(_ client: SimulatedClient, _ outcome: inout Outcome) {
        outcome.wrongs += client.wrongs
        outcome.asked += client.requests.count
        outcome.answered += client.answered
        outcome.failures += client.failures.count
        guard !plan.isHostile else { return }
        if client.longest > plan.answerNanosecondsMax {
            let milliseconds = client.longest / UInt64(millisecond)
            outcome.wrongs.append("client \(client.number) waited \(milliseconds) ms")
        }
        let isLost = client.next.map { ledger.seen[$0.name] != nil && !$0.isUpgrade } ?? false
        let isShort = client.answered < client.requests.count && (!ledger.isDraining || isLost)
        if isShort || !client.failures.isEmpty {
            outcome.wrongs.append(
                "client \(client.number): \(client.answered) of \(client.requests.count) answered "
                    + "on \(client.connections) connections, failures \(client.failures)"
            )
        }
    }

    /// What one connection leaves in OpenSSL's queue of errors is taken for another's.
    private func leftover() -> Outcome {
        let code = ERR_get_error()
        ERR_clear_error()
        let reason = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
        return Outcome(wrongs: ["the worker leaves an error of OpenSSL: \(reason ?? "none")"])
    }

    private func stuck(_ crowd: SimulatedCrowd, _ use: WorkerUse) -> Outcome {
        let waiting = crowd.clients.filter { !$0.isDone }.map {
            "\($0.number) (\($0.answered) of \($0.requests.count))"
        }
        let text =
            "no end after \(Self.turnsMax) turns and \(net.now / UInt64(second)) seconds: "
            + "\(waiting) wait, \(use)"
        return Outcome(wrongs: [text])
    }
}

/// Everybody whom the worker serves.
struct SimulatedCrowd {
    private(set) var clients: [SimulatedClient] = []
    private(set) var intruders: [SimulatedIntruder] = []
    private let plan: SimulationPlan
    private let net: SimulatedNet
    private let routing: SimulatedRouting
    private let ledger: SimulatedLedger
    private let origins: SimulatedOrigins

    init(
        _ plan: SimulationPlan,
        _ net: SimulatedNet,
        _ routing: SimulatedRouting,
        _ ledger: SimulatedLedger
    ) {
        self.plan = plan
        self.net = net
        self.routing = routing
        self.ledger = ledger
        origins = SimulatedOrigins(plan, ledger)
    }

    /// All clients have come.
    var hasAll: Bool { clients.count == plan.clientsMax }

    var isDone: Bool {
        hasAll && clients.allSatisfy(\.isDone) && intruders.allSatisfy(\.isDone)
    }

    /// Everybody does a little; whether somebody has more to do that waits for nobody else.
    mutating func step() -> Bool {
        if !hasAll, net.random.oneIn(4) {
            let socket = net.arrive(on: routing.listener)
            let number = clients.count
            clients.append(SimulatedClient(number, socket, plan, ledger, &net.random))
            if plan.secures, net.random.oneIn(4) { intrude() }
        }
        var isBusy = origins.step(net)
        for client in clients where client.step(net, routing) { isBusy = true }
        for intruder in intruders where intruder.step() { isBusy = true }
        return isBusy
    }

    private mutating func intrude() {
        let all = SimulatedIntruder.Deed.allCases
        let deed = all[net.random.below(all.count)]
        let socket = net.arrive(on: routing.listener)
        intruders.append(SimulatedIntruder(deed, socket, plan, &net.random))
    }
}
