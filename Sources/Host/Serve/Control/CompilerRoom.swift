internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting

/// What the compiler thread keeps from one transaction to the next.
///
/// Its steps, in this order: `apply`, which opens new sockets; the caller publishes; `handOver`;
/// and at any time `release`.
final class CompilerRoom {
    /// What came of a batch of transactions.
    struct Outcome {
        var generation: UInt64
        var contentHash: UInt64
        /// nil: equal content, nothing to install.
        var installation: Installation?
        var documents: [Document]
        /// Those of documents and those of sockets.
        var problems: [Problem]
        /// Listeners whose port could not be had.
        var unbound: [Problem]
        /// What the sources themselves left out.
        var notes: [Problem]
        /// Listening sockets that the routes need.
        var bindings: Int
    }

    private var publications: Publications
    private let compiler: Compiler
    private var sockets: SocketTable
    private var generation: UInt64 = 0
    private var contentHash: UInt64?
    /// The newest snapshot and those that some worker may still read, oldest first.
    private var kept: [Snapshot] = []
    /// Chains of filters of snapshots that are gone, and that exchanges may still hold.
    private var retired = FilterChains()
    private var compileProblems: [Problem] = []
    private var bindProblems: [Problem] = []

    init(terms: Publisher.Terms, workers: Int) {
        publications = Publications(
            World(
                instanceOrder: terms.instanceOrder,
                services: terms.services,
                filters: terms.filters,
                requestTimeoutNanoseconds: terms.requestTimeoutNanoseconds,
                halfClosedNanoseconds: Limits.span(terms.limits.halfClosedNanoseconds)
            )
        )
        compiler = Compiler(
            endpointsMax: terms.limits.endpointsMax,
            configurations: FilterConfigurations.process
        )
        sockets = SocketTable(workers: workers, backlog: terms.limits.acceptBacklog)
    }

    /// Changes the world, compiles it and opens the sockets that it needs.
    func apply(_ batch: [Transaction]) -> Outcome {
        for transaction in batch { publications.apply(transaction) }
        let compilation = compiler.compile(publications.world, generation: generation + 1)
        compileProblems = compilation.problems
        var installation: Installation?
        if compilation.contentHash != contentHash {
            generation += 1
            contentHash = compilation.contentHash
            kept.append(compilation.snapshot)
            bindProblems = open(compilation.snapshot)
            installation = Installation(view: compilation.snapshot.view)
        } else {
            retired.retire(compilation.snapshot.chains)
        }
        return outcome(installation)
    }

    /// Gives the workers their sockets; after the snapshot that serves them was published.
    func handOver(to desks: [Desk]) { sockets.handOver(to: desks) }

    /// Whether some port could not be had.
    var hasBindProblems: Bool { !bindProblems.isEmpty }

    /// Tries again the ports that could not be had; nil while nothing has changed.
    func bindAgain() -> Outcome? {
        guard hasBindProblems, let newest = kept.last else { return nil }
        let problems = open(newest)
        guard problems != bindProblems else { return nil }
        bindProblems = problems
        return outcome(nil)
    }

    /// How many snapshots are kept.
    var keptCount: Int { kept.count }

    /// Frees the snapshots of these generations: no worker reads them any more.
    func release(_ freed: [UInt64]) {
        guard !freed.isEmpty else { return }
        for snapshot in kept where freed.contains(snapshot.generation) {
            retired.retire(snapshot.chains)
        }
        kept.removeAll { freed.contains($0.generation) }
        guard let oldest = kept.first else { return }
        compiler.released(generation: oldest.generation - 1)
    }

    /// Frees chains of filters that no exchange holds any more, and what they were configured with.
    func releaseChains() {
        if retired.count > 0 { retired.release(FilterConfigurations.process) }
    }

    /// Opens the sockets of a snapshot; what is wrong, with the places of the listeners.
    private func open(_ snapshot: Snapshot) -> [Problem] {
        sockets.open(snapshot.bindings).map { problem in
            publications.world.documents[problem.key]?.locating(problem) ?? problem
        }
    }

    private func outcome(_ installation: Installation?) -> Outcome {
        Outcome(
            generation: generation,
            contentHash: contentHash ?? 0,
            installation: installation,
            documents: publications.world.documents.values.sorted { $0.key < $1.key },
            problems: compileProblems + publications.refusals + bindProblems,
            unbound: bindProblems,
            notes: publications.notes,
            bindings: kept.last?.bindings.count ?? 0
        )
    }
}
