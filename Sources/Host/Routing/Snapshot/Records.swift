internal import SluiceBase
internal import SluiceTLS

/// Hosts of one binding (to listeners) or of one listener (to path sets).
struct HostTable: BitwiseCopyable, Sendable {
    /// Exact names; wildcards are under the next scope, without their `*.`.
    var scope: UInt32
    /// Bit n: a wildcard whose suffix has n labels exists; bit 63: 63 labels and more.
    var wildcardLabels: UInt64 = 0
    var hasExact = false
    /// What serves a host that nothing else names, or -1.
    var any: Int32 = -1
}

/// One socket of the snapshot; its hosts lead to listeners.
struct BindingRecord: BitwiseCopyable, Sendable {
    var hosts: HostTable
    /// The versions of the PROXY protocol that are accepted, as in `ProxyTerms`; 0: none.
    var proxyVersions: UInt8 = 0
    var isProxyRequired = false
    /// The networks whose header is believed; a count of -1: every peer.
    var firstNetwork: Int32 = 0
    var networkCount: Int32 = -1
    /// Whether its connections begin with a TLS handshake.
    var isSecured = false
    var isBound = true

    /// The record of a socket that the snapshot does not have: it serves nobody.
    static let unused = BindingRecord(hosts: HostTable(scope: 0), isBound: false)
}

/// One listener: its hosts lead to path sets.
struct ListenerRecord: BitwiseCopyable, Sendable {
    var hosts: HostTable
    var terms: ListenerTerms
    /// In the clear: without contexts.
    var contexts = ContextTable.none
    /// For a listener that is not isolated: the next less specific one that has its hosts, or -1.
    var next: Int32 = -1
}

/// The contexts of one HTTPS listener: the names of its certificates lead to slots.
struct ContextTable: BitwiseCopyable, Sendable {
    /// Exact names; wildcards are under the next scope, without their `*.`.
    var scope: UInt32
    /// The slot for a name that no certificate covers, and for none; -1: there are no contexts.
    var fallback: Int32

    static let none = ContextTable(scope: 0, fallback: -1)
}

/// One context; equal recipes have the same slot and generation in every snapshot that has them.
struct ContextRecord: BitwiseCopyable, Sendable {
    /// 0 when the slot is not used by this snapshot.
    var generation: UInt32
    var recipe: RecipePointer?

    static let unused = ContextRecord(generation: 0, recipe: nil)
}

/// The paths of the routes with one host on one listener.
struct PathSet: BitwiseCopyable, Sendable {
    /// Exact paths.
    var scope: UInt32
    /// The longest exact path, in bytes; -1 when there is none.
    var exactBytesMax: Int32 = -1
    /// The node of the prefix `/`.
    var root: Int32
    /// The paths to ask next: those of routes with a less specific host that has this one; or -1.
    var next: Int32
}

/// One node of the tree of prefixes; its children stand in the index under its scope, by segment.
struct PathNode: BitwiseCopyable, Sendable {
    var scope: UInt32
    /// The action of the prefix that ends here, or -1.
    var action: Int32 = -1
    var hasChildren = false
}

/// A piece of the snapshot's text.
struct TextRange: BitwiseCopyable, Sendable {
    var offset: UInt32
    var length: UInt32
}

struct ActionRecord: BitwiseCopyable, Sendable {
    var routeName: TextRange
    var source: UInt64
    /// `Clock.never`: none.
    var requestTimeout: UInt64
    /// `Clock.never`: none.
    var backendTimeout: UInt64
    var firstPick: Int32
    var pickCount: Int32
    /// The sum of the weights; 0 sends nobody anywhere, which is a 500.
    var weightTotal: UInt64
}

/// A share of an action: it takes the draws from the one before it up to `upTo`.
struct PickRecord: BitwiseCopyable, Sendable {
    var upTo: UInt64
    var target: Target
    /// What requests pass on their way there.
    var chain: FilterChain
}

struct PoolRecord: BitwiseCopyable, Sendable {
    /// 0 when the slot is not used by this snapshot.
    var generation: UInt32
    var name: TextRange
    var firstMember: Int32
    var memberCount: Int32
    /// The sum of the members' weights.
    var weightTotal: UInt64
    /// Whether the members' weights differ.
    var isWeighted: Bool
    var balancing: Balancing
    /// nil: the host's setting; `Clock.never`: none.
    var connectTimeout: UInt64?
    /// nil: the host's setting; `Clock.never`: none.
    var idleTimeout: UInt64?
    /// The PROXY protocol header that is sent first on each connection; 0: none.
    var proxyVersion: UInt8
    /// How TLS is spoken to its endpoints; nil: in the clear.
    var context: ContextReference?

    static let unused = PoolRecord(
        generation: 0,
        name: TextRange(offset: 0, length: 0),
        firstMember: 0,
        memberCount: 0,
        weightTotal: 0,
        isWeighted: false,
        balancing: .random,
        proxyVersion: 0
    )
}

struct MemberRecord: BitwiseCopyable, Sendable {
    var endpoint: EndpointReference
    var upTo: UInt64
}

struct EndpointRecord: BitwiseCopyable, Sendable {
    /// 0 when the slot is not used by this snapshot.
    var generation: UInt32
    var socketAddress: TextRange
    var authority: TextRange

    static let unused = EndpointRecord(
        generation: 0,
        socketAddress: TextRange(offset: 0, length: 0),
        authority: TextRange(offset: 0, length: 0)
    )
}
