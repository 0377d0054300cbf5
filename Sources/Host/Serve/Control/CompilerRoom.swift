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

    private var world: World
    private let compiler: Compiler
    private var sockets: SocketTable
    private var generation: UInt64 = 0
    private var contentHash: UInt64?
    /// The newest snapshot and those that some worker may still read, oldest first.
    private var kept: [Snapshot] = []
    /// Chains of filters of snapshots that are gone, and that exchanges may still hold.
    private var retired = FilterChains()
    /// Problems of documents whose new version was refused: the previous one stays in force.
    private var refused: [DocumentKey: [Problem]] = [:]
    private var compileProblems: [Problem] = []
    private var bindProblems: [Problem] = []
    /// By instance: the notes of its newest transaction.
    private var notes: [String: [Problem]] = [:]

    init(terms: Publisher.Terms, workers: Int) {
        world = World(
            instanceOrder: terms.instanceOrder,
            services: terms.services,
            filters: terms.filters,
            requestTimeoutNanoseconds: terms.requestTimeoutNanoseconds,
            halfClosedNanoseconds: Limits.span(terms.limits.halfClosedNanoseconds)
        )
        compiler = Compiler(
            endpointsMax: terms.limits.endpointsMax,
            configurations: FilterConfigurations.process
        )
        sockets = SocketTable(workers: workers, backlog: terms.limits.acceptBacklog)
    }

    /// Changes the world, compiles it and opens the sockets that it needs.
    func apply(_ batch: [Transaction]) -> Outcome {
        for transaction in batch { change(transaction) }
        let compilation = compiler.compile(world, generation: generation + 1)
        compileProblems = compilation.problems
        var installation: Installation?
        if compilation.contentHash != contentHash {
            generation += 1
            contentHash = compilation.contentHash
            kept.append(compilation.snapshot)
            bindProblems = sockets.open(compilation.snapshot.bindings)
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
        let problems = sockets.open(newest.bindings)
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

    private func outcome(_ installation: Installation?) -> Outcome {
        Outcome(
            generation: generation,
            contentHash: contentHash ?? 0,
            installation: installation,
            documents: world.documents.values.sorted { $0.key < $1.key },
            problems: compileProblems + refused.values.flatMap { $0 } + bindProblems,
            unbound: bindProblems,
            notes: notes.keys.sorted().flatMap { notes[$0] ?? [] },
            bindings: kept.last?.bindings.count ?? 0
        )
    }

    private func change(_ transaction: Transaction) {
        notes[transaction.instance] = transaction.notes
        if transaction.clear {
            world.clear(instance: transaction.instance)
            refused = refused.filter { $0.key.instance != transaction.instance }
        }
        for key in transaction.removes {
            world.remove(key)
            refused[key] = nil
        }
        for document in transaction.puts {
            let problems = Compiler.check(document)
            let isRefused = problems.contains { $0.severity >= .object }
            if isRefused, let old = world.documents[document.key], !document.secures(old) {
                refused[document.key] = problems
            } else {
                refused[document.key] = nil
                world.put(document)
            }
        }
    }
}
