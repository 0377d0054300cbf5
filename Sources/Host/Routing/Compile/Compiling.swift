internal import SluiceBase

/// One compilation: from the documents of a world to the tables of a snapshot.
struct Compiling {
    let world: World
    let generation: UInt64
    /// By instance as configured, then kind, then name.
    let documents: [Document]
    let ranks: [String: Int]
    private var listeners: [ListenerForm] = []
    private var pools: [PoolForm] = []
    private(set) var routes: [RouteForm] = []
    var problems: [Problem]
    var builder = SnapshotBuilder()
    /// Pools that serve, by their number in the snapshot.
    var poolNumbers: [DocumentKey: Int32] = [:]

    init(world: World, generation: UInt64, cache: inout FormCache) {
        self.world = world
        self.generation = generation
        var ranks: [String: Int] = [:]
        for (rank, name) in world.instanceOrder.enumerated() where ranks[name] == nil {
            ranks[name] = rank
        }
        self.ranks = ranks
        documents = world.documents.values.sorted { left, right in
            let (one, other) = (ranks[left.key.instance] ?? .max, ranks[right.key.instance] ?? .max)
            return one == other ? left.key < right.key : one < other
        }
        let read = cache.read(documents)
        problems = read.problems
        for form in read.forms {
            switch form {
            case .listener(let listener): listeners.append(listener)
            case .pool(let pool): pools.append(pool)
            case .route(let route): routes.append(route)
            }
        }
    }

    /// The problems in the order of the documents, each document's in the order of its pointers.
    var sortedProblems: [Problem] {
        var places: [DocumentKey: Int] = [:]
        for (place, document) in documents.enumerated() { places[document.key] = place }
        return problems.sorted {
            let (left, right) = (places[$0.key] ?? .max, places[$1.key] ?? .max)
            if left != right { return left < right }
            return ($0.pointer, $0.code, $0.text) < ($1.pointer, $1.code, $1.text)
        }
    }

    mutating func snapshot(
        _ numbers: inout BindingNumbers,
        _ endpoints: inout EndpointInterner
    ) -> Snapshot {
        for pool in pools { add(pool, &endpoints) }
        let ordered = listeners.sorted {
            (rank($0.key), $0.age) < (rank($1.key), $1.age)
        }
        let conflicts = ListenerConflicts(ordered, origins: world.documents.mapValues(\.place))
        problems += conflicts.problems
        var sockets: [[ListenerForm]] = []
        var serving: [DocumentKey: ListenerForm] = [:]
        for socket in conflicts.sockets {
            sockets.append(socket)
            for listener in socket { serving[listener.key] = listener }
        }
        let tables = attachRoutes(to: serving)
        let bindings = bind(sockets, tables, &numbers)
        return Snapshot(generation: generation, bindings: bindings, tables: builder.tables())
    }

    func rank(_ key: DocumentKey) -> Int { ranks[key.instance] ?? .max }

    /// Records a problem about a document by its key.
    mutating func report(
        _ code: ProblemCode,
        _ severity: Severity,
        _ key: DocumentKey,
        pointer: String = "",
        _ text: String
    ) {
        problems.append(
            Problem(
                severity: severity,
                key: key,
                code: code,
                pointer: pointer,
                where: world.documents[key]?.place ?? "",
                text: text
            )
        )
    }
}
