internal import SluiceBase

/// Grows the tables of a snapshot; the compiler decides what goes into them.
struct SnapshotBuilder {
    var keys = KeyIndexBuilder()
    var bindings: [BindingRecord] = []
    var networks: [NetworkRecord] = []
    var listeners: [ListenerRecord] = []
    var pathSets: [PathSet] = []
    var nodes: [PathNode] = []
    var actions: [ActionRecord] = []
    var picks: [PickRecord] = []
    var pools: [PoolRecord] = []
    var members: [MemberRecord] = []
    var endpoints: [EndpointRecord] = []
    private var scopes: UInt32 = 0

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
            endpoints: Table(endpoints)
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
