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
    private let configurations: (any RouteConfigurations)?

    /// `endpointsMax` bounds the endpoints of all pools together; without `configurations` no
    /// plugin filters.
    package init(
        endpointsMax: Int = Limits().endpointsMax,
        configurations: (any RouteConfigurations)? = nil
    ) {
        numbers = Numbers(endpoints: Interner(slotsMax: endpointsMax))
        self.configurations = configurations
    }

    /// Compiles `world`.
    ///
    /// `generation` grows from call to call; a compilation that is not published does no harm.
    /// `now`, in seconds since 1970, decides which certificates are reported for their dates, and
    /// nothing else.
    package func compile(
        _ world: World,
        generation: UInt64,
        now: Int64 = Clock.unixSecond()
    ) -> Compilation {
        var compiling = Compiling(world: world, generation: generation, now: now, cache: &cache)
        compiling.configurations = configurations
        compiling.prepareFilters()
        let snapshot = compiling.snapshot(&numbers)
        configurations?.sweep()
        return Compilation(
            snapshot: snapshot,
            problems: compiling.locatedProblems,
            contentHash: Compiler.contentHash(world, compiling.documents) ^ compiling.filterHash
        )
    }

    /// What is wrong with one document by itself, whatever else the world holds.
    ///
    /// A document with a problem of severity `object` should not replace its previous version.
    package static func check(_ document: Document) -> [Problem] {
        var reading = Reading(document)
        reading.readForm()
        return reading.problems.map(document.locating)
    }

    /// No worker reads snapshot `generation` or an older one any more: what only they used may be
    /// reused.
    package func released(generation: UInt64) {
        numbers.released(through: generation)
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
        for exposed in [world.services, world.filters] {
            for (instance, service) in exposed.sorted(by: { $0.key < $1.key }) {
                add(instance)
                add(String(service.slot))
                for namespace in service.namespaces { add(namespace) }
            }
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

/// One compilation: from the documents of a world to the tables of a snapshot.
struct Compiling {
    let world: World
    let generation: UInt64
    /// Seconds since 1970.
    let now: Int64
    /// By instance as configured, then kind, then name.
    let documents: [Document]
    let ranks: [String: Int]
    private var listeners: [ListenerForm] = []
    private var pools: [PoolForm] = []
    /// By pool, in the order of their names.
    private(set) var slices: [DocumentKey: [EndpointsForm]] = [:]
    private(set) var routes: [RouteForm] = []
    var credentials = Credentials()
    var problems: [Problem]
    var builder = SnapshotBuilder()
    /// Pools that serve.
    var poolReferences: [DocumentKey: PoolReference] = [:]
    /// Of HTTPS listeners.
    var contextTables: [DocumentKey: ContextTable] = [:]
    /// What listeners require of certificates of clients, as in `ListenerTerms`.
    var validations: [DocumentKey: UInt64] = [:]
    /// Who configures filters of plugins.
    var configurations: (any RouteConfigurations)?
    var chains = FilterChains()
    /// A hash over what filters were configured with.
    var filterHash: UInt64 = 0

    init(world: World, generation: UInt64, now: Int64, cache: inout FormCache) {
        self.world = world
        self.generation = generation
        self.now = now
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
            case .endpoints(let slice): slices[slice.pool, default: []].append(slice)
            case .route(let route): routes.append(route)
            case .trust(let trust):
                credentials.add(trust)
                checkDates(of: trust)
            case .certificate(let certificate):
                credentials.add(certificate)
                checkDates(of: certificate)
            }
        }
    }

    /// The problems with their places, in the order of the documents, each document's in the order
    /// of its pointers.
    var locatedProblems: [Problem] {
        var places: [DocumentKey: Int] = [:]
        for (place, document) in documents.enumerated() { places[document.key] = place }
        let located = problems.map { world.documents[$0.key]?.locating($0) ?? $0 }
        return located.sorted {
            let (left, right) = (places[$0.key] ?? .max, places[$1.key] ?? .max)
            if left != right { return left < right }
            return ($0.pointer, $0.code, $0.text) < ($1.pointer, $1.code, $1.text)
        }
    }

    mutating func snapshot(_ numbers: inout Numbers) -> Snapshot {
        for pool in pools { add(pool, &numbers) }
        reportStraySlices()
        var ordered: [ListenerForm] = []
        for listener in listeners where secure(listener, &numbers) { ordered.append(listener) }
        ordered.sort { (rank($0.key), $0.age) < (rank($1.key), $1.age) }
        let conflicts = ListenerConflicts(ordered)
        problems += conflicts.problems
        var sockets: [[ListenerForm]] = []
        var serving: [DocumentKey: ListenerForm] = [:]
        for socket in conflicts.sockets {
            sockets.append(socket)
            for listener in socket { serving[listener.key] = listener }
        }
        let tables = attachRoutes(to: serving)
        let bindings = bind(sockets, tables, &numbers.bindings)
        return Snapshot(
            generation: generation,
            bindings: bindings,
            tables: builder.tables(bindings),
            recipes: builder.recipes,
            chains: chains
        )
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
            Problem(severity: severity, key: key, code: code, pointer: pointer, text: text)
        )
    }
}

/// Sockets: which listeners share one, and how a host finds its listener.
extension Compiling {
    mutating func bind(
        _ sockets: [[ListenerForm]],
        _ tables: RouteTables,
        _ numbers: inout BindingNumbers
    ) -> [Binding] {
        var bindings: [Binding] = []
        for listeners in sockets {
            guard let socket = listeners.first?.socket else { continue }
            guard let number = numbers.number(of: socket) else {
                for listener in listeners { reportTooMany(listener) }
                continue
            }
            let ordered = listeners.sorted {
                HostPattern.isMoreSpecific($0.hostname, $1.hostname)
            }
            let record = record(of: ordered, tables)
            while builder.bindings.count <= number { builder.bindings.append(.unused) }
            builder.bindings[Int(number)] = record
            bindings.append(
                Binding(
                    index: number,
                    address: socket.address,
                    port: socket.port,
                    listeners: ordered.map(\.key)
                )
            )
        }
        return bindings.sorted { $0.index < $1.index }
    }

    /// One socket: what it wants of the PROXY protocol, and the table from host to listener;
    /// `listeners` come with the most specific hostname first.
    private mutating func record(
        of listeners: [ListenerForm],
        _ tables: RouteTables
    ) -> BindingRecord {
        var numbers: [HostPattern: Int32] = [:]
        var entries: [(HostPattern, Int32)] = []
        for listener in listeners.reversed() {
            var record = ListenerRecord(
                hosts: tables.table(of: listener, in: &builder),
                terms: listener.terms(halfClosed: world.halfClosedNanoseconds),
                contexts: contextTables[listener.key] ?? .none
            )
            record.terms.validation = validations[listener.key] ?? 0
            if !listener.isIsolated {
                record.next = RouteTables.nearest(numbers, covering: listener.hostname)
            }
            // Who was let in by one check has not passed another.
            if record.next >= 0,
                builder.listeners[Int(record.next)].terms.validation != record.terms.validation
            {
                record.next = -1
            }
            let number = Int32(builder.listeners.count)
            builder.listeners.append(record)
            numbers[listener.hostname] = number
            entries.append((listener.hostname, number))
        }
        var binding = BindingRecord(hosts: builder.hostTable(entries))
        binding.isSecured = listeners.first?.tls != nil
        if let proxy = listeners.first?.proxyProtocol { trust(proxy, &binding) }
        return binding
    }

    /// All listeners of a socket have the same terms, and are all secured or none:
    /// `ListenerConflicts` sees to it.
    private mutating func trust(_ form: ListenerForm.ProxyProtocol, _ binding: inout BindingRecord)
    {
        binding.proxyVersions = form.terms.versions
        binding.isProxyRequired = form.terms.isRequired
        guard let trusted = form.trusted else { return }
        binding.firstNetwork = Int32(builder.networks.count)
        binding.networkCount = Int32(trusted.count)
        builder.networks += trusted
    }

    private mutating func reportTooMany(_ listener: ListenerForm) {
        report(
            .tooMany,
            .object,
            listener.key,
            pointer: "/port",
            "\(BindingNumbers.bindingsMax) different sockets were used since the start: the "
                + "listener is left out; restart to use new ones"
        )
    }
}
