package import SluiceBase

/// What a worker reads of a snapshot: a borrowed pointer to its tables, copied without ARC.
///
/// Valid as long as the `Snapshot` it came from. No call allocates; the cost of a match depends on
/// the length of host and path, not on the number of routes.
package struct RoutingView: Sendable, BitwiseCopyable {
    /// Longer hosts are matched by no name, only by listeners and routes without one (RFC 1035).
    package static let hostBytesMax = 254

    /// Different sockets over the life of the process: their numbers are never given again.
    package static let bindingsMax = BindingNumbers.bindingsMax

    package let generation: UInt64
    /// One row.
    private let tables: TableView<RoutingTables>

    init(generation: UInt64, tables: TableView<RoutingTables>) {
        self.generation = generation
        self.tables = tables
    }

    var index: KeyIndex { tables[0].index }
    private var sockets: SocketIndex { tables[0].sockets }
    var bindings: TableView<BindingRecord> { tables[0].bindings }
    private var networks: TableView<Network> { tables[0].networks }
    var listeners: TableView<ListenerRecord> { tables[0].listeners }
    private var pathSets: TableView<PathSet> { tables[0].pathSets }
    private var nodes: TableView<PathNode> { tables[0].nodes }
    private var actions: TableView<ActionRecord> { tables[0].actions }
    private var picks: TableView<PickRecord> { tables[0].picks }
    private var pools: TableView<PoolRecord> { tables[0].pools }
    private var members: TableView<MemberRecord> { tables[0].members }
    private var endpoints: TableView<EndpointRecord> { tables[0].endpoints }
    var contexts: TableView<ContextRecord> { tables[0].contexts }
    private var text: TableView<UInt8> { tables[0].text }

    /// [worker] Whether this snapshot has listeners on a socket.
    package func isBound(binding: Int32) -> Bool {
        binding >= 0 && Int(binding) < bindings.count && bindings[Int(binding)].isBound
    }

    /// [worker] The socket that serves a local address and port in this snapshot, or -1: the one
    /// of the address itself, else `0.0.0.0` for IPv4, else `::`.
    ///
    /// `family` is 4, with the address in the lower 32 bits of `low`, or 6. A connection belongs to
    /// the address and port it was accepted on, so ask again for each snapshot.
    package func binding(family: UInt8, high: UInt64, low: UInt64, port: UInt16) -> Int32 {
        let exact = sockets.find(family: family, high: high, low: low, port: port)
        if exact >= 0 { return exact }
        if family == 4 {
            let wildcard = sockets.find(family: 4, high: 0, low: 0, port: port)
            if wildcard >= 0 { return wildcard }
        }
        return sockets.find(family: 6, high: 0, low: 0, port: port)
    }

    /// [worker] What a socket wants of the PROXY protocol; nil: nothing.
    package func proxyTerms(binding: Int32) -> ProxyTerms? {
        guard isBound(binding: binding) else { return nil }
        let record = bindings[Int(binding)]
        guard record.proxyVersions != 0 else { return nil }
        return ProxyTerms(versions: record.proxyVersions, isRequired: record.isProxyRequired)
    }

    /// [worker] Whether a socket believes the PROXY protocol header of a peer.
    package func trusts(binding: Int32, _ peer: PeerAddress) -> Bool {
        guard isBound(binding: binding) else { return false }
        let record = bindings[Int(binding)]
        guard record.networkCount >= 0 else { return true }
        var at = Int(record.firstNetwork)
        let end = at &+ Int(record.networkCount)
        while at < end {
            if networks[at].contains(peer) { return true }
            at &+= 1
        }
        return false
    }

    /// [worker] The most specific listener of a socket for a host, or -1.
    ///
    /// `host` is as sent, its port still on.
    package func listener(binding: Int32, host: Bytes) -> Int32 {
        guard isBound(binding: binding) else { return -1 }
        return mostSpecific(bindings[Int(binding)].hosts, HostName.bare(host))
    }

    /// [worker] What a listener wants of its requests.
    package func terms(listener: Int32) -> ListenerTerms { listeners[Int(listener)].terms }

    /// [worker] The rule for a request that came to a listener.
    ///
    /// `host` is as sent, its port still on. `path` is in its canonical form and has no query. Only
    /// the listener's routes count; when it is not isolated, the less specific ones come after it.
    package func match(listener: Int32, host: Bytes, path: Bytes) -> RouteMatch {
        let name = HostName.bare(host)
        var listener = listener
        while listener >= 0 {
            let record = listeners[Int(listener)]
            let match = match(set: mostSpecific(record.hosts, name), path)
            if match != .notFound { return match }
            listener = record.next
        }
        return .notFound
    }

    /// [worker] Draws one of the action's backends by weight; `random` is uniform over 64 bits.
    package func pick(action: Int32, random: UInt64) -> Pick {
        let record = actions[Int(action)]
        guard record.weightTotal > 0 else { return Pick(target: .status(500), chain: .none) }
        let draw = random.multipliedFullWidth(by: record.weightTotal).high
        var at = Int(record.firstPick)
        while picks[at].upTo <= draw { at &+= 1 }
        return Pick(target: picks[at].target, chain: picks[at].chain)
    }

    /// [worker] What is done with the requests of a rule.
    package func action(_ action: Int32) -> Action {
        let record = actions[Int(action)]
        return Action(
            requestTimeoutNanoseconds: record.requestTimeout,
            backendTimeoutNanoseconds: record.backendTimeout,
            routeName: bytes(record.routeName),
            source: record.source
        )
    }

    /// [worker] The endpoints of a pool that may be used; nil when this snapshot has it no more.
    package func pool(_ reference: PoolReference) -> PoolView? {
        guard Int(reference.slot) < pools.count else { return nil }
        let record = pools[Int(reference.slot)]
        guard record.generation == reference.generation, record.generation != 0 else { return nil }
        return PoolView(
            record: record,
            reference: reference,
            name: bytes(record.name),
            members: members
        )
    }

    /// The scope of the index in which pools are found by name.
    static let poolScope: UInt32 = 0

    /// What stands for the instance that has published a pool, in `pool(named:)`.
    package static func source(_ instance: Bytes) -> UInt64 { instance.hash(seed: 0) }

    /// [worker] The pool of a key that `PoolName` has written; nil: there is none.
    package func pool(named key: Bytes) -> PoolReference? {
        let slot = index.find(scope: Self.poolScope, key)
        guard slot >= 0 else { return nil }
        return PoolReference(slot: UInt32(slot), generation: pools[Int(slot)].generation)
    }

    /// One more than the highest pool slot of this snapshot.
    package var poolCount: Int { pools.count }

    /// One more than the highest endpoint slot of this snapshot.
    package var endpointSlotCount: Int { endpoints.count }

    /// [worker] The endpoint in a slot; its generation is 0 when this snapshot does not use it.
    package func endpoint(_ slot: UInt32) -> Endpoint {
        let record = endpoints[Int(slot)]
        return Endpoint(
            generation: record.generation,
            socketAddress: bytes(record.socketAddress),
            authority: bytes(record.authority)
        )
    }

    func bytes(_ range: TextRange) -> Bytes { text.bytes(Int(range.offset), Int(range.length)) }
}

/// The tables of a snapshot as its view borrows them.
struct RoutingTables: Sendable, BitwiseCopyable {
    let index: KeyIndex
    let sockets: SocketIndex
    let bindings: TableView<BindingRecord>
    let networks: TableView<Network>
    let listeners: TableView<ListenerRecord>
    let pathSets: TableView<PathSet>
    let nodes: TableView<PathNode>
    let actions: TableView<ActionRecord>
    let picks: TableView<PickRecord>
    let pools: TableView<PoolRecord>
    let members: TableView<MemberRecord>
    let endpoints: TableView<EndpointRecord>
    let contexts: TableView<ContextRecord>
    let text: TableView<UInt8>
}

/// The walk from host to path; each step is one or a few look-ups in the index.
extension RoutingView {
    /// The value of the most specific name for `host`: exact, longest wildcard, any; or -1.
    func mostSpecific(_ table: HostTable, _ host: Bytes) -> Int32 {
        if table.hasExact {
            let found = index.find(scope: table.scope, host: host)
            if found >= 0 { return found }
        }
        if table.wildcardLabels != 0 {
            var walk = WildcardWalk(table: table, host: host)
            while walk.next() {
                let found = index.find(scope: table.scope &+ 1, host: walk.suffix)
                if found >= 0 { return found }
            }
        }
        return table.any
    }

    /// An exact path, else the longest prefix by whole segments (Gateway API, HTTPPathMatch); when
    /// the set has neither, the same in the next one.
    func match(set: Int32, _ path: Bytes) -> RouteMatch {
        guard !path.isEmpty, path[0] == UInt8(ascii: "/") else { return .notFound }
        var number = set
        while number >= 0 {
            let set = pathSets[Int(number)]
            if path.count <= Int(set.exactBytesMax) {
                let action = index.find(scope: set.scope, path)
                if action >= 0 { return .found(action: action, prefixLength: Int32(path.count)) }
            }
            let match = longestPrefix(from: nodes[Int(set.root)], path)
            if match != .notFound { return match }
            number = set.next
        }
        return .notFound
    }

    private func longestPrefix(from root: PathNode, _ path: Bytes) -> RouteMatch {
        var node = root
        var best = node.action
        var bestEnd = 0
        var slash = 0
        while node.hasChildren && slash < path.count {
            let next = path.index(of: UInt8(ascii: "/"), from: slash &+ 1)
            let end = next < 0 ? path.count : next
            let segment = path.slice(slash &+ 1, end &- slash &- 1)
            let child = index.find(scope: node.scope, segment)
            guard child >= 0 else { break }
            node = nodes[Int(child)]
            slash = end
            if node.action >= 0 {
                best = node.action
                bestEnd = end
            }
        }
        guard best >= 0 else { return .notFound }
        return .found(action: best, prefixLength: Int32(bestEnd))
    }
}

/// Visits the suffixes of a host that some wildcard of the table could have, longest first.
struct WildcardWalk {
    private let wildcardLabels: UInt64
    private let host: Bytes
    private var labels: Int
    private var start = 0

    init(table: HostTable, host: Bytes) {
        wildcardLabels = table.wildcardLabels
        self.host = host
        labels = host.isEmpty || host.count > RoutingView.hostBytesMax ? 0 : HostName.labels(host)
    }

    /// What follows the dot of the present step.
    var suffix: Bytes { host.from(start) }

    /// Goes to the next suffix; false when there is none.
    mutating func next() -> Bool {
        while labels > 1 {
            let dot = host.index(of: UInt8(ascii: "."), from: start)
            start = dot &+ 1
            labels &-= 1
            if dot > 0 && wildcardLabels & HostName.labelsBit(labels) != 0 { return true }
        }
        return false
    }
}

/// How a host is read on the data path.
enum HostName {
    /// The host without its port and without a trailing dot (RFC 9110 7.2, RFC 3986 3.2.2).
    static func bare(_ host: Bytes) -> Bytes {
        var end = host.count
        if end > 0 && host[0] == UInt8(ascii: "[") {
            let bracket = host.index(of: UInt8(ascii: "]"))
            if bracket >= 0 { end = bracket &+ 1 }
        } else {
            let colon = host.index(of: UInt8(ascii: ":"))
            if colon >= 0 { end = colon }
        }
        if end > 1 && host[end &- 1] == UInt8(ascii: ".") { end &-= 1 }
        return host.prefix(end)
    }

    /// One more than the number of dots.
    static func labels(_ host: Bytes) -> Int {
        var count = 1
        var dot = host.index(of: UInt8(ascii: "."))
        while dot >= 0 {
            count &+= 1
            dot = host.index(of: UInt8(ascii: "."), from: dot &+ 1)
        }
        return count
    }

    /// The bit of `HostTable.wildcardLabels` of suffixes with `labels` labels.
    static func labelsBit(_ labels: Int) -> UInt64 { 1 << UInt64(min(labels, 63)) }
}
