internal import SluiceBase
package import SluiceConfig
internal import SluiceTLS

/// One immutable state of the world's routing; it owns all memory that its view borrows.
///
/// Keep it referenced until no worker reads its view any more: `deinit` frees the tables.
package final class Snapshot: Sendable {
    package let generation: UInt64
    /// The sockets that should listen, by index.
    package let bindings: [Binding]
    /// What workers read.
    package let view: RoutingView
    private let tables: SnapshotTables
    private let borrowed: Table<RoutingTables>
    /// What the records of contexts point to.
    private let recipes: [ContextRecipe]
    /// To be retired when no worker reads the view any more.
    package let chains: FilterChains

    init(
        generation: UInt64,
        bindings: [Binding],
        tables: consuming SnapshotTables,
        recipes: [ContextRecipe],
        chains: FilterChains
    ) {
        self.generation = generation
        self.bindings = bindings
        self.tables = tables
        self.recipes = recipes
        self.chains = chains
        borrowed = Table(repeating: self.tables.borrowed, count: 1)
        view = RoutingView(generation: generation, tables: borrowed.view)
    }
}

/// One listening socket of the snapshot; several listeners may share it.
package struct Binding: Sendable, Equatable {
    /// The table that serves this socket: stable across snapshots, never given to another address.
    package let index: Int32
    package let address: IPAddress
    package let port: UInt16
    /// The documents of the listeners on it, most specific hostname first.
    package let listeners: [DocumentKey]
}

/// The tables of a snapshot; noncopyable, so that each has one owner.
struct SnapshotTables: ~Copyable, Sendable {
    let slots: Table<KeySlot>
    let seed: UInt64
    let text: Table<UInt8>
    let sockets: Table<SocketSlot>
    let bindings: Table<BindingRecord>
    let networks: Table<Network>
    let listeners: Table<ListenerRecord>
    let pathSets: Table<PathSet>
    let nodes: Table<PathNode>
    let actions: Table<ActionRecord>
    let picks: Table<PickRecord>
    let pools: Table<PoolRecord>
    let members: Table<MemberRecord>
    let endpoints: Table<EndpointRecord>
    let contexts: Table<ContextRecord>

    var borrowed: RoutingTables {
        RoutingTables(
            index: KeyIndex(slots: slots.view, text: text.view, seed: seed),
            sockets: SocketIndex(slots: sockets.view),
            bindings: bindings.view,
            networks: networks.view,
            listeners: listeners.view,
            pathSets: pathSets.view,
            nodes: nodes.view,
            actions: actions.view,
            picks: picks.view,
            pools: pools.view,
            members: members.view,
            endpoints: endpoints.view,
            contexts: contexts.view,
            text: text.view
        )
    }
}

/// Grows the tables of a snapshot; the compiler decides what goes into them.
struct SnapshotBuilder {
    var keys = KeyIndexBuilder()
    var bindings: [BindingRecord] = []
    var networks: [Network] = []
    var listeners: [ListenerRecord] = []
    var pathSets: [PathSet] = []
    var nodes: [PathNode] = []
    var actions: [ActionRecord] = []
    var picks: [PickRecord] = []
    var pools: [PoolRecord] = []
    var members: [MemberRecord] = []
    var endpoints: [EndpointRecord] = []
    var contexts: [ContextRecord] = []
    var recipes: [ContextRecipe] = []
    private var scopes: UInt32 = RoutingView.poolScope + 1

    /// `count` scopes in a row; the first is returned.
    mutating func scope(_ count: UInt32 = 1) -> UInt32 {
        scopes += count
        return scopes - count
    }

    mutating func keep(_ text: String) -> TextRange { keys.keep(text.utf8) }

    /// A table of hosts with the values of `hosts`.
    mutating func hostTable(_ hosts: [(HostPattern, Int32)]) -> HostTable {
        var table = HostTable(scope: scope(2))
        for (pattern, value) in hosts {
            switch pattern {
            case .exact(let name):
                keys.put(scope: table.scope, name.utf8, value: value)
                table.hasExact = true
            case .wildcard(let suffix):
                keys.put(scope: table.scope + 1, suffix.utf8, value: value)
                let labels = suffix.utf8.count { $0 == UInt8(ascii: ".") } + 1
                table.wildcardLabels |= HostName.labelsBit(labels)
            case .any:
                table.any = value
            }
        }
        return table
    }

    /// A table of contexts: slots by the names of certificates, and the slot of all other names.
    mutating func contextTable(_ slots: [String: UInt32], fallback: UInt32) -> ContextTable {
        let table = ContextTable(scope: scope(2), fallback: Int32(fallback))
        for (name, slot) in slots.sorted(by: { $0.key < $1.key }) {
            let isWildcard = name.hasPrefix("*.")
            keys.put(
                scope: isWildcard ? table.scope + 1 : table.scope,
                name.utf8.dropFirst(isWildcard ? 2 : 0),
                value: Int32(slot)
            )
        }
        return table
    }

    /// Records a context; the snapshot keeps its recipe.
    mutating func put(_ recipe: ContextRecipe, at reference: ContextReference) {
        let slot = Int(reference.slot)
        while contexts.count <= slot { contexts.append(.unused) }
        guard contexts[slot].generation == 0 else { return }
        contexts[slot] = ContextRecord(
            generation: reference.generation,
            recipe: RecipePointer(recipe)
        )
        recipes.append(recipe)
    }

    /// A set of paths: actions by exact path and by prefix, the set to ask next or -1.
    mutating func pathSet(_ choices: PathChoices, next: Int32) -> Int32 {
        var set = PathSet(scope: scope(), root: node(), next: next)
        for (path, choice) in choices.exact.sorted(by: { $0.key < $1.key }) {
            keys.put(scope: set.scope, path.utf8, value: choice.action)
            set.exactBytesMax = max(set.exactBytesMax, Int32(path.utf8.count))
        }
        var children: [Child: Int32] = [:]
        for (prefix, choice) in choices.prefix.sorted(by: { $0.key < $1.key }) {
            let end = descend(from: set.root, prefix, &children)
            nodes[Int(end)].action = choice.action
        }
        pathSets.append(set)
        return Int32(pathSets.count - 1)
    }

    /// The tables of a snapshot with these sockets.
    func tables(_ sockets: [Binding]) -> SnapshotTables {
        let (slots, seed) = keys.layout()
        return SnapshotTables(
            slots: Table(slots),
            seed: seed,
            text: Table(keys.text),
            sockets: Table(SocketIndex.layout(sockets)),
            bindings: Table(bindings),
            networks: Table(networks),
            listeners: Table(listeners),
            pathSets: Table(pathSets),
            nodes: Table(nodes),
            actions: Table(actions),
            picks: Table(picks),
            pools: Table(pools),
            members: Table(members),
            endpoints: Table(endpoints),
            contexts: Table(contexts)
        )
    }

    private struct Child: Hashable {
        let parent: Int32
        let segment: String
    }

    /// The node of `prefix` below `root`; made where it is missing.
    ///
    /// A trailing slash has no meaning.
    private mutating func descend(
        from root: Int32,
        _ prefix: String,
        _ children: inout [Child: Int32]
    ) -> Int32 {
        var at = root
        for segment in PathChoices.segments(prefix) {
            let child = Child(parent: at, segment: segment)
            if let known = children[child] {
                at = known
                continue
            }
            let new = node()
            children[child] = new
            nodes[Int(at)].hasChildren = true
            keys.put(scope: nodes[Int(at)].scope, segment.utf8, value: new)
            at = new
        }
        return at
    }

    private mutating func node() -> Int32 {
        nodes.append(PathNode(scope: scope()))
        return Int32(nodes.count - 1)
    }
}
