package import SluiceBase

/// What a request's host and path select.
package enum RouteMatch: Sendable, BitwiseCopyable, Equatable {
    /// `prefixLength` bytes of the path were matched: none by the prefix `/`, all by an exact path.
    case found(action: Int32, prefixLength: Int32)
    case notFound
}

/// Where one request goes; drawn from an action by weight.
package enum Target: Sendable, BitwiseCopyable, Equatable {
    /// A pool of the same snapshot.
    case pool(Int32)
    /// A service slot of a plugin instance.
    case service(UInt16)
    /// Nowhere: this status is the answer.
    case status(UInt16)
}

/// What is done with the requests of one rule.
package struct Action: Sendable, BitwiseCopyable {
    /// The whole exchange; 0 is none.
    package let requestTimeoutNanoseconds: UInt64
    /// One try of a backend; 0 is none.
    package let backendTimeoutNanoseconds: UInt64
    /// The name of the route's document; lives as long as the snapshot.
    package let routeName: Bytes
}

/// Names one use of an endpoint slot; a reused slot has another generation.
package struct EndpointReference: Sendable, BitwiseCopyable, Equatable, Hashable {
    package let slot: UInt32
    package let generation: UInt32

    @inlinable
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
