package import SluiceBase
package import SluiceConfig
package import SluiceExtensions
package import SluiceRouting
internal import Synchronization

/// The compiler thread: takes committed transactions, compiles the world they make, and installs
/// it by one pointer swap.
///
/// Transactions are taken in order; those that wait together are compiled together. A snapshot is
/// freed when every worker routes by a later one. Everything else asks from other threads.
package final class Publisher: Sendable {
    /// What the world is made of besides documents.
    package struct Terms: Sendable {
        package var instanceOrder: [String]
        package var services: [String: ExposedService]
        package var requestTimeoutNanoseconds: UInt64
        package var limits: Limits

        package init(
            instanceOrder: [String],
            services: [String: ExposedService],
            requestTimeoutNanoseconds: UInt64,
            limits: Limits
        ) {
            self.instanceOrder = instanceOrder
            self.services = services
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
    }

    private let desks: [Desk]
    private let installed: Published<Installation>
    private let inbox: Inbox
    private let waiting = Mutex<[Transaction]>([])
    private let shown = Mutex(State())
    private let isStopping = Mutex(false)
    private let onInstalled: @Sendable (UInt64, Bool) -> Void

    /// `inbox` is the one that the desks wake; `onInstalled` is told generation and settled.
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

    /// [any] Takes a transaction; its `complete` is called from the compiler thread.
    package func submit(_ transaction: Transaction) {
        waiting.withLock { $0.append(transaction) }
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
        var announced: (installed: UInt64, settled: UInt64) = (0, 0)
        while true {
            let batch = takeBatch()
            if !batch.isEmpty {
                install(batch, room.apply(batch))
            } else if mayInstall, let outcome = room.bindAgain() {
                install([], outcome)
            }
            announce(&announced)
            room.release(below: adoptedGeneration, installed)
            if isStopping.withLock({ $0 }), batch.isEmpty { return }
            inbox.await(milliseconds: room.hasBindProblems ? Self.bindAgainMilliseconds : -1)
        }
    }

    /// How often ports that could not be had are tried again.
    private static let bindAgainMilliseconds: Int32 = 1_000

    /// One generation is under way at a time: a worker that passed one over would leave the sockets
    /// that only that one offered to nobody.
    private var mayInstall: Bool { adoptedGeneration >= state.generation }

    private func takeBatch() -> [Transaction] {
        guard mayInstall else { return [] }
        return waiting.withLock { taken in
            let batch = taken
            taken = []
            return batch
        }
    }

    private func install(_ batch: [Transaction], _ outcome: CompilerRoom.Outcome) {
        if let installation = outcome.installation {
            installed.publish(installation, number: outcome.generation)
            for desk in desks { desk.inbox.wake() }
        }
        shown.withLock { state in
            state.generation = outcome.generation
            state.contentHash = outcome.contentHash
            state.documents = outcome.documents
            state.problems = outcome.problems + outcome.notes
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
