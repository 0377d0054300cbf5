internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting

/// What the compiler thread keeps from one transaction to the next.
final class CompilerRoom {
    /// What came of a batch of transactions.
    struct Outcome {
        var generation: UInt64
        var contentHash: UInt64
        /// nil: equal content, nothing to install.
        var installation: Installation?
        var documents: [Document]
        var problems: [Problem]
        /// What the sources themselves left out.
        var notes: [Problem]
    }

    private var world: World
    private let compiler: Compiler
    private var sockets: SocketTable
    private var generation: UInt64 = 0
    private var contentHash: UInt64?
    private var kept: [(snapshot: Snapshot, offered: OfferedSockets)] = []
    /// Problems of documents whose new version was refused: the previous one stays in force.
    private var refused: [DocumentKey: [Problem]] = [:]
    private var bindProblems: [Problem] = []
    /// By instance: the notes of its newest transaction.
    private var notes: [String: [Problem]] = [:]

    init(terms: Publisher.Terms, workers: Int) {
        world = World(
            instanceOrder: terms.instanceOrder,
            services: terms.services,
            requestTimeoutNanoseconds: terms.requestTimeoutNanoseconds,
            halfClosedNanoseconds: Limits.span(terms.limits.halfClosedNanoseconds)
        )
        compiler = Compiler(endpointsMax: terms.limits.endpointsMax)
        sockets = SocketTable(workers: workers, backlog: terms.limits.acceptBacklog)
    }

    /// Changes the world and compiles it; the caller publishes what comes out.
    func apply(_ batch: [Transaction]) -> Outcome {
        for transaction in batch { change(transaction) }
        let compilation = compiler.compile(world, generation: generation + 1)
        var installation: Installation?
        if compilation.contentHash != contentHash {
            generation += 1
            contentHash = compilation.contentHash
            installation = install(compilation.snapshot)
        }
        return Outcome(
            generation: generation,
            contentHash: compilation.contentHash,
            installation: installation,
            documents: world.documents.values.sorted { $0.key < $1.key },
            problems: compilation.problems + refused.values.flatMap { $0 } + bindProblems,
            notes: notes.keys.sorted().flatMap { notes[$0] ?? [] }
        )
    }

    /// Whether some port could not be had.
    var hasBindProblems: Bool { !bindProblems.isEmpty }

    /// Tries again the ports that could not be had; nil while nothing has changed.
    func bindAgain() -> Outcome? {
        guard hasBindProblems, let last = kept.last else { return nil }
        let problems = sockets.bind(last.snapshot.bindings)
        guard problems != bindProblems else { return nil }
        contentHash = nil
        return apply([])
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
            if isRefused, world.documents[document.key] != nil {
                refused[document.key] = problems
            } else {
                refused[document.key] = nil
                world.put(document)
            }
        }
    }

    private func install(_ snapshot: Snapshot) -> Installation {
        bindProblems = sockets.bind(snapshot.bindings)
        let offered = sockets.offer()
        kept.append((snapshot, offered))
        return Installation(
            view: snapshot.view,
            sockets: offered.table.view,
            workers: sockets.workers
        )
    }

    /// Frees what no worker reads any more.
    func release(below adopted: UInt64, _ installed: Published<Installation>) {
        guard kept.count > 1, kept[0].snapshot.generation < adopted else { return }
        kept.removeAll { $0.snapshot.generation < adopted }
        installed.release(before: adopted)
        compiler.released(generation: adopted - 1)
    }
}

/// The sockets that one installation offers; freed with it.
final class OfferedSockets {
    let table: Table<Int32>

    init(_ descriptors: [Int32]) { table = Table(descriptors) }
}
