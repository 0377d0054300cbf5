package import SluiceBase
package import SluiceConfig
package import SluiceExtensions
package import SluiceRouting
internal import SluiceTelemetry
internal import Synchronization

/// The compiler thread: takes committed transactions, compiles the world they make, and installs
/// it by one pointer swap.
///
/// Transactions are taken in order; those that wait together are compiled together. Nothing waits
/// for a worker: one that is stuck keeps the snapshot it reads and no other. The thread also writes
/// the log of failed exchanges, which the workers hand it.
package final class Publisher: Sendable {
    /// What the world is made of besides documents.
    package struct Terms: Sendable {
        package var instanceOrder: [String]
        package var services: [String: ExposedService]
        package var filters: [String: ExposedService]
        package var requestTimeoutNanoseconds: UInt64
        package var limits: Limits

        package init(
            instanceOrder: [String],
            services: [String: ExposedService],
            filters: [String: ExposedService] = [:],
            requestTimeoutNanoseconds: UInt64,
            limits: Limits
        ) {
            self.instanceOrder = instanceOrder
            self.services = services
            self.filters = filters
            self.requestTimeoutNanoseconds = requestTimeoutNanoseconds
            self.limits = limits
        }
    }

    /// What `/config` and `/readyz` show.
    package struct State: Sendable {
        package var generation: UInt64 = 0
        package var contentHash: UInt64 = 0
        package var documents: [Document] = []
        package var problems: [Problem] = []
        package var revisions: [String: String] = [:]
        /// Listeners whose port could not be had.
        package var unbound: [Problem] = []
        /// Listening sockets that the routes need, those that could not be had included.
        package var bindings = 0
        /// The newest snapshot and those that some worker may still read.
        package var snapshotsKept = 0
    }

    private let desks: [Desk]
    private let installed: Published<Installation>
    private let inbox: Inbox
    /// nil: the thread has ended.
    private let waiting = Mutex<[Transaction]?>([])
    private let shown = Mutex(State())
    private let isStopping = Mutex(false)
    private let onInstalled: @Sendable (UInt64, Bool) -> Void

    /// `inbox` is the one that the desks wake; `onInstalled` is called with the generation
    /// and whether it is settled.
    package init(
        desks: [Desk],
        installed: Published<Installation>,
        inbox: Inbox,
        onInstalled: @escaping @Sendable (UInt64, Bool) -> Void
    ) {
        self.desks = desks
        self.installed = installed
        self.inbox = inbox
        self.onInstalled = onInstalled
    }

    /// [any] Takes a transaction; its `complete` is called from the compiler thread, or at once
    /// when that has ended.
    package func submit(_ transaction: Transaction) {
        let isTaken = waiting.withLock { waiting in
            waiting?.append(transaction)
            return waiting != nil
        }
        guard isTaken else {
            let generation = state.generation
            return transaction.complete(status: .cancelled, generation: generation, problems: [])
        }
        inbox.wake()
    }

    /// [any] The world as it is installed.
    package var state: State { shown.withLock { $0 } }

    /// [any] The oldest generation that some worker still routes by.
    package var adoptedGeneration: UInt64 {
        let serving = desks.filter { $0.ended.acquire() == 0 }
        return serving.map { $0.adopted.acquire() }.min() ?? state.generation
    }

    /// [control] Starts the thread.
    package func start(_ terms: Terms) throws(Errno) -> Thread {
        try Thread(name: "compiler") { self.run(terms) }
    }

    /// [control] Ends the thread after the transactions that wait.
    package func stop() {
        isStopping.withLock { $0 = true }
        inbox.wake()
    }

    private func run(_ terms: Terms) {
        let room = CompilerRoom(terms: terms, workers: desks.count)
        var faults = FaultReporter(
            desks.map(\.faults),
            linesPerSecondMax: terms.limits.faultLinesPerSecondMax
        )
        let configurations = FilterConfigurations.process
        configurations.wait(atMost: UInt64(terms.limits.filterConfigNanoseconds))
        configurations.listen { [inbox] in inbox.wake() }
        var announced: (installed: UInt64, settled: UInt64) = (0, 0)
        var bindDue = Clock.never
        while true {
            let batch = takeBatch()
            if !batch.isEmpty || configurations.takeNews() {
                install(batch, room.apply(batch), room)
            } else if Clock.now() >= bindDue, let outcome = room.bindAgain() {
                install([], outcome, room)
            }
            announce(&announced)
            room.release(installed.release(desks.map(\.reader)))
            room.releaseChains()
            shown.withLock { $0.snapshotsKept = room.keptCount }
            let faultsDue = faults.turn(now: Clock.now())
            if isStopping.withLock({ $0 }), batch.isEmpty, close() { return faults.finish() }
            bindDue = room.hasBindProblems ? next(bindDue) : Clock.never
            inbox.await(until: min(bindDue, faultsDue))
        }
    }

    /// When ports that could not be had are tried again.
    private func next(_ due: UInt64) -> UInt64 {
        let now = Clock.now()
        return due == Clock.never || due <= now ? now + Self.bindAgainNanoseconds : due
    }

    private static let bindAgainNanoseconds = Clock.nanosecondsPerSecond

    private func takeBatch() -> [Transaction] {
        waiting.withLock { waiting in
            let batch = waiting ?? []
            waiting = []
            return batch
        }
    }

    /// Takes no transaction any more; false: one has come meanwhile.
    private func close() -> Bool {
        waiting.withLock { waiting in
            guard waiting?.isEmpty ?? true else { return false }
            waiting = nil
            return true
        }
    }

    private func install(
        _ batch: [Transaction],
        _ outcome: CompilerRoom.Outcome,
        _ room: CompilerRoom
    ) {
        if let installation = outcome.installation {
            installed.publish(installation, number: outcome.generation)
        }
        room.handOver(to: desks)
        shown.withLock { state in
            state.generation = outcome.generation
            state.contentHash = outcome.contentHash
            state.documents = outcome.documents
            state.problems = outcome.problems + outcome.notes
            state.unbound = outcome.unbound
            state.bindings = outcome.bindings
            for transaction in batch {
                state.revisions[transaction.instance] = transaction.revision
            }
        }
        for transaction in batch {
            transaction.complete(
                status: .installed,
                generation: outcome.generation,
                problems: outcome.problems.filter { $0.instance == transaction.instance }
            )
        }
    }

    /// Tells once when every worker routes by a generation, and once when older ones are settled.
    private func announce(_ announced: inout (installed: UInt64, settled: UInt64)) {
        let adopted = adoptedGeneration
        if adopted > announced.installed {
            announced.installed = adopted
            onInstalled(adopted, false)
        }
        let settled = min(adopted, desks.map { $0.settled.acquire() }.min() ?? 0)
        if settled > announced.settled, settled == adopted {
            announced.settled = settled
            onInstalled(settled, true)
        }
    }
}
