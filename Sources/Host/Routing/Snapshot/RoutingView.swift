package import SluiceBase

/// What a worker reads of a snapshot: plain numbers and borrowed tables, copied without ARC.
///
/// Valid as long as the `Snapshot` it came from. No call allocates; the cost of a match depends on
/// the length of host and path, not on the number of routes.
package struct RoutingView: Sendable, BitwiseCopyable {
    /// Longer hosts are matched by no name, only by listeners and routes without one (RFC 1035).
    package static let hostBytesMax = 254

    package let generation: UInt64
    let index: KeyIndex
    let bindings: TableView<HostTable>
    let listeners: TableView<HostTable>
    let pathSets: TableView<PathSet>
    let nodes: TableView<PathNode>
    let actions: TableView<ActionRecord>
    let picks: TableView<PickRecord>
    let pools: TableView<PoolRecord>
    let members: TableView<MemberRecord>
    let endpoints: TableView<EndpointRecord>
    let text: TableView<UInt8>

    /// [worker] The rule for a request.
    ///
    /// `host` is as sent, its port still on. `path` is normalised and has no query. The most
    /// specific listener of the binding is chosen first, then only its routes count.
    package func match(binding: Int32, host: Bytes, path: Bytes) -> RouteMatch {
        guard binding >= 0 && Int(binding) < bindings.count else { return .notFound }
        let name = HostName.bare(host)
        var listener = mostSpecific(bindings[Int(binding)], name)
        while listener >= 0 {
            let hosts = listeners[Int(listener)]
            let match = match(set: mostSpecific(hosts, name), path)
            if match != .notFound { return match }
            listener = hosts.next
        }
        return .notFound
    }

    /// [worker] Draws one of the action's backends by weight; `random` is uniform over 64 bits.
    package func pick(action: Int32, random: UInt64) -> Target {
        let record = actions[Int(action)]
        guard record.weightTotal > 0 else { return .status(500) }
        let draw = random.multipliedFullWidth(by: record.weightTotal).high
        var at = Int(record.firstPick)
        while picks[at].upTo <= draw { at &+= 1 }
        return picks[at].target
    }

    /// [worker] What is done with the requests of a rule.
    package func action(_ action: Int32) -> Action {
        let record = actions[Int(action)]
        return Action(
            requestTimeoutNanoseconds: record.requestTimeout,
            backendTimeoutNanoseconds: record.backendTimeout,
            routeName: bytes(record.routeName)
        )
    }

    /// [worker] The endpoints of a pool that may be used.
    package func pool(_ pool: Int32) -> PoolView {
        let record = pools[Int(pool)]
        return PoolView(record: record, name: bytes(record.name), members: members)
    }

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

/// The endpoints of one pool that may be used, in the order of its document.
package struct PoolView: Sendable, BitwiseCopyable {
    let record: PoolRecord
    /// The name of the pool's document; lives as long as the snapshot.
    package let name: Bytes
    let members: TableView<MemberRecord>

    package var endpointCount: Int { Int(record.memberCount) }

    package var balancing: Balancing { record.balancing }

    /// The time to connect; 0 is the host's setting.
    package var connectTimeoutNanoseconds: UInt64 { record.connectTimeout }

    /// How long an unused connection is kept; 0 is the host's setting.
    package var idleTimeoutNanoseconds: UInt64 { record.idleTimeout }

    package func endpoint(at index: Int) -> EndpointReference {
        precondition(index >= 0 && index < endpointCount, "endpoint of another pool")
        return members[Int(record.firstMember) &+ index].endpoint
    }

    /// Draws an endpoint's index by weight; `random` is uniform over 64 bits.
    ///
    /// At least one exists.
    package func draw(random: UInt64) -> Int {
        if !record.isWeighted {
            return Int(random.multipliedFullWidth(by: UInt64(record.memberCount)).high)
        }
        let draw = random.multipliedFullWidth(by: record.weightTotal).high
        let first = Int(record.firstMember)
        var low = 0
        var high = endpointCount &- 1
        while low < high {
            let middle = (low &+ high) / 2
            if members[first &+ middle].upTo <= draw { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Draws two indices, different ones unless weights differ or only one exists.
    package func drawTwo(_ random: UInt64, _ another: UInt64) -> (Int, Int) {
        let one = draw(random: random)
        guard !record.isWeighted, endpointCount > 1 else { return (one, draw(random: another)) }
        let rest = UInt64(endpointCount &- 1)
        let other = one &+ 1 &+ Int(another.multipliedFullWidth(by: rest).high)
        return (one, other < endpointCount ? other : other &- endpointCount)
    }
}
