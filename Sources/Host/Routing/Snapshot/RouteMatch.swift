package import SluiceBase

/// What a request's host and path select.
package enum RouteMatch: Sendable, BitwiseCopyable, Equatable {
    /// `prefixLength` bytes of the path were matched: none by the prefix `/`, all by an exact path.
    case found(action: Int32, prefixLength: Int32)
    case notFound
}

/// Where one request goes; drawn from an action by weight.
package enum Target: Sendable, BitwiseCopyable, Equatable {
    /// A pool; a later snapshot has it under the same reference, or no more.
    case pool(PoolReference)
    /// A service slot of a plugin instance.
    case service(UInt16)
    /// Nowhere: this status is the answer.
    case status(UInt16)
}

/// Where one request goes, and the filters that it passes on its way.
package struct Pick: Sendable, BitwiseCopyable {
    package let target: Target
    /// Lives as long as the snapshot, and as long as it is pinned.
    package let chain: FilterChain
}

/// What is done with the requests of one rule.
package struct Action: Sendable, BitwiseCopyable {
    /// The whole exchange; `Clock.never` is none, 0 is at once.
    package let requestTimeoutNanoseconds: UInt64
    /// One attempt at a backend; `Clock.never` is none.
    package let backendTimeoutNanoseconds: UInt64
    /// The name of the route's document; lives as long as the snapshot.
    package let routeName: Bytes
    /// What stands for the instance that has published it: see `RoutingView.source`.
    package let source: UInt64
}

/// How a pool is named where one is looked for while requests come: its source and its own name.
package enum PoolName {
    package static func write(source: UInt64, _ name: Bytes, to output: inout ByteWriter) {
        output.append(hex: source)
        output.append(name)
    }

    /// The same for the index of a snapshot.
    static func key(instance: String, _ name: String) -> [UInt8] {
        let digits = String(instance.withBytes { RoutingView.source($0) }, radix: 16)
        return Array((String(repeating: "0", count: 16 - digits.count) + digits + name).utf8)
    }
}

/// What a listener wants of the requests that come to it.
package struct ListenerTerms: Sendable, BitwiseCopyable, Equatable {
    /// Whether `//` in a path is read as `/`.
    package let mergesSlashes: Bool
    /// Whether a path with `%2F` or `%5C` is answered 400.
    package let rejectsEscapedSlashes: Bool
    /// Whether `traceparent` and `tracestate` of clients are dropped.
    package let restartsTrace: Bool
    /// The port that clients see; 0: the one the socket is bound to.
    package let publicPort: UInt16
    /// The time without progress of the reply after a client has shut its sending side.
    ///
    /// 0 ends the exchange at once, `Clock.never` never does; the host's setting has been applied.
    package let halfClosedNanoseconds: UInt64
    /// Whether it is spoken to under TLS.
    package let isSecured: Bool
    /// Whether a request whose host belongs to another listener than the connection's server name
    /// is answered 421.
    package let detectsMisdirected: Bool
    /// Whether the verified identity of a client is sent to origins.
    package let forwardsIdentity: Bool
    /// A hash over what is required of certificates of clients; 0: nothing.
    ///
    /// A connection that was made under another one may not have its requests.
    package var validation: UInt64 = 0

    package init(
        mergesSlashes: Bool,
        rejectsEscapedSlashes: Bool,
        restartsTrace: Bool,
        publicPort: UInt16,
        halfClosedNanoseconds: UInt64,
        isSecured: Bool = false,
        detectsMisdirected: Bool = false,
        forwardsIdentity: Bool = false
    ) {
        self.mergesSlashes = mergesSlashes
        self.rejectsEscapedSlashes = rejectsEscapedSlashes
        self.restartsTrace = restartsTrace
        self.publicPort = publicPort
        self.halfClosedNanoseconds = halfClosedNanoseconds
        self.isSecured = isSecured
        self.detectsMisdirected = detectsMisdirected
        self.forwardsIdentity = forwardsIdentity
    }
}

/// What a socket wants of the PROXY protocol; the peers it believes are asked of the view.
package struct ProxyTerms: Sendable, BitwiseCopyable, Equatable {
    /// Version 1 is bit 0, version 2 is bit 1.
    package let versions: UInt8
    /// Whether a connection without a header that is believed is closed.
    package let isRequired: Bool

    package init(versions: UInt8, isRequired: Bool) {
        self.versions = versions
        self.isRequired = isRequired
    }
}

/// Names one use of a pool slot; a reused slot has another generation.
///
/// It means the pool document of an instance and name in every snapshot that has it.
package struct PoolReference: Sendable, BitwiseCopyable, Equatable, Hashable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// Names one use of an endpoint slot; a reused slot has another generation.
package struct EndpointReference: Sendable, BitwiseCopyable, Equatable, Hashable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// Names one use of a context slot; a reused slot has another generation.
///
/// It means the same recipe in every snapshot that has it.
package struct ContextReference: Sendable, BitwiseCopyable, Equatable, Hashable {
    package let slot: UInt32
    package let generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// One address of a pool; its views live as long as the snapshot.
package struct Endpoint: Sendable, BitwiseCopyable {
    package let generation: UInt32
    /// A `sockaddr_in` or `sockaddr_in6`, ready for connect.
    package let socketAddress: Bytes
    /// `address:port` as a Host header writes it.
    package let authority: Bytes
}

/// How an endpoint of a pool is chosen.
package enum Balancing: UInt8, Sendable, BitwiseCopyable {
    /// Of two drawn at random, the one with fewer requests in flight.
    case leastRequests
    /// In turn.
    case roundRobin
    case random
}

/// The endpoints of one pool that may be used: in the order of its document, then of its slices.
package struct PoolView: Sendable, BitwiseCopyable {
    let record: PoolRecord
    package let reference: PoolReference
    /// The name of the pool's document; lives as long as the snapshot.
    package let name: Bytes
    let members: TableView<MemberRecord>

    package var endpointCount: Int { Int(record.memberCount) }

    package var balancing: Balancing { record.balancing }

    /// The time to connect; nil is the host's setting, `Clock.never` is none.
    package var connectTimeoutNanoseconds: UInt64? { record.connectTimeout }

    /// How long an unused connection is kept; nil is the host's setting, `Clock.never` is for ever.
    package var idleTimeoutNanoseconds: UInt64? { record.idleTimeout }

    /// The version of the PROXY protocol header that each connection begins with; 0: none.
    package var proxyVersion: UInt8 { record.proxyVersion }

    /// How TLS is spoken to its endpoints; nil: in the clear.
    package var context: ContextReference? { record.context }

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
