internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared

/// Turns a world of documents into a snapshot.
///
/// Control side; one thread at a time.
///
/// Pure but for the numbers of endpoints, pools and sockets, which it remembers from one snapshot
/// to the next. What is wrong with a document leaves out that document and no other.
package final class Compiler {
    private var numbers: Numbers
    private var cache = FormCache()

    /// `endpointsMax` bounds the endpoints of all pools together.
    package init(endpointsMax: Int = Limits().endpointsMax) {
        numbers = Numbers(endpoints: Interner(slotsMax: endpointsMax))
    }

    /// Compiles `world`.
    ///
    /// `generation` grows from call to call; a compilation that is not published does no harm.
    package func compile(_ world: World, generation: UInt64) -> Compilation {
        var compiling = Compiling(world: world, generation: generation, cache: &cache)
        let snapshot = compiling.snapshot(&numbers)
        return Compilation(
            snapshot: snapshot,
            problems: compiling.sortedProblems,
            contentHash: Compiler.contentHash(world, compiling.documents)
        )
    }

    /// What is wrong with one document by itself, whatever else the world holds.
    ///
    /// A document with a problem of severity `object` should not replace its previous version.
    package static func check(_ document: Document) -> [Problem] {
        var reading = Reading(document)
        reading.readForm()
        return reading.problems
    }

    /// No worker reads snapshot `generation` or an older one any more: what only they used may be
    /// reused.
    package func released(generation: UInt64) {
        numbers.endpoints.released(through: generation)
        numbers.pools.released(through: generation)
    }

    /// A hash over everything that `compile` reads of a world.
    private static func contentHash(_ world: World, _ documents: [Document]) -> UInt64 {
        var hash = world.requestTimeoutNanoseconds ^ world.halfClosedNanoseconds &* 31
        func add(_ text: String) { hash = text.withBytes { $0.hash(seed: hash) } }
        for document in documents {
            add(document.key.instance)
            add(document.key.kind.rawValue)
            add(document.key.name)
            add(String(document.hash))
        }
        for instance in world.instanceOrder { add(instance) }
        for (instance, service) in world.services.sorted(by: { $0.key < $1.key }) {
            add(instance)
            add(String(service.slot))
            for namespace in service.namespaces { add(namespace) }
        }
        return hash
    }
}

/// What compiling a world gives: the snapshot to publish, and what is wrong with which document.
package struct Compilation: Sendable {
    package let snapshot: Snapshot
    /// Ordered by instance (as configured), kind, name and pointer; the same for equal worlds.
    package let problems: [Problem]
    /// Equal worlds have an equal hash; a world with the published hash need not be published.
    package let contentHash: UInt64
}

extension RoutingView {
    /// A world without listeners: what a worker routes by before the first installation.
    package static var empty: RoutingView { nowhere.view }

    private static let nowhere = Compiler().compile(World(), generation: 0).snapshot
}
