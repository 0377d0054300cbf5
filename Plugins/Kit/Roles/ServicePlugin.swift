/// A plugin that owns a part of the URL space.
///
/// All calls on the lane.
///
/// Requests arrive whole: the kit supports mounts whose body is buffered or refused.
public protocol ServicePlugin: Plugin {
    /// The parts it owns; asked before `start()`, and again after `reconfigure(_:)`.
    func mounts() throws(PluginError) -> [Mount]

    /// Takes a request: answers it, promises an answer, or declines.
    ///
    /// What it throws is logged by the host, and the answer is 500.
    func request(_ request: Request, _ exchange: Exchange) throws(PluginError) -> Handling

    /// The answer is no longer wanted, or could not be sent whole; at most once, before `done`.
    ///
    /// It may come after the answer. From here on `Exchange.respond` throws `.gone`.
    func canceled(_ exchange: Exchange)

    /// Exactly once for each request that was neither declined nor failed: forget it.
    ///
    /// It comes when the last byte of the answer was sent or the exchange ended otherwise, which
    /// may be long after the answer.
    func done(_ exchange: Exchange)
}

extension ServicePlugin {
    /// Takes no notice.
    public func canceled(_ exchange: Exchange) {}

    /// Remembers nothing, so forgets nothing.
    public func done(_ exchange: Exchange) {}
}

/// What became of a request.
public enum Handling: Int32, Sendable {
    /// `Exchange.respond` was called.
    case answered
    /// The answer follows, from any thread.
    case pending
    /// Not mine: 404, or the next route.
    case declined
}

/// A part of the URL space.
public struct Mount: Sendable {
    /// "/v1/functions/"; the longest prefix wins.
    public var prefix: String
    /// What follows the prefix, ":name/invoke" (one segment a name); nil: anything.
    public var pattern: String?
    /// Methods it takes, all when empty; others get 405.
    public var methods: Set<Method>
    /// Largest body in bytes (413 above); nil: none is taken.
    public var bodyBytesMax: UInt64?
    /// When the answer must have begun; the client gets 504 after it.
    public var headTimeout: Timeout
    /// How long the plugin may write nothing though there is room; then the answer is broken off.
    public var idleTimeout: Timeout
    /// How long the whole exchange may take.
    public var totalTimeout: Timeout
    /// Requests under way at most (503 above); nil: the host's default.
    public var inFlightMax: UInt32?
    /// A client that has ended its sending side after a whole request still gets its answer.
    ///
    /// Without it the host takes such a client as gone, and `canceled` comes.
    public var allowsHalfClose: Bool
    /// Given back in `Request.tag`.
    public var tag: UInt32

    /// Describes a part of the URL space.
    public init(
        prefix: String,
        pattern: String? = nil,
        methods: Set<Method> = [],
        bodyBytesMax: UInt64? = nil,
        headTimeout: Timeout = .hostDefault,
        idleTimeout: Timeout = .hostDefault,
        totalTimeout: Timeout = .hostDefault,
        inFlightMax: UInt32? = nil,
        allowsHalfClose: Bool = false,
        tag: UInt32 = 0
    ) {
        self.prefix = prefix
        self.pattern = pattern
        self.methods = methods
        self.bodyBytesMax = bodyBytesMax
        self.headTimeout = headTimeout
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
        self.inFlightMax = inFlightMax
        self.allowsHalfClose = allowsHalfClose
        self.tag = tag
    }
}

/// How long something may take.
public enum Timeout: Sendable {
    /// The host's limit `serviceTimeout` for the head, none for the rest.
    case hostDefault
    /// This long; a duration of zero is the host's default.
    case after(Duration)
    /// No limit.
    case never
}

/// A request method, as the header's mask numbers it.
public enum Method: UInt32, Sendable, CaseIterable {
    case get = 1
    case head = 2
    case post = 4
    case put = 8
    case delete = 16
    case patch = 32
    case options = 64
    case connect = 128
    case other = 256
}

/// A request, copied: it may be kept.
public struct Request: Sendable {
    /// The method as it was sent: "GET".
    public let method: String
    /// "a.test:8080".
    public let authority: String
    /// Without the query, after the route's rewriting.
    public let path: String
    /// What follows the mount's prefix.
    public let suffix: String
    /// Without "?"; nil when there was none.
    public let query: String?
    /// All header lines, in their order.
    public let headers: [Header]
    /// The whole body.
    public let body: [UInt8]
    /// "ip:port" of the client.
    public let peer: String
    /// The matched route; nil for a listener of the host's own.
    public let route: String?
    /// The tag of the mount.
    public let tag: UInt32
    /// When the answer is too late, in nanoseconds of `Lane.now`; nil: never.
    public let deadline: UInt64?

    /// The first value of a header; `name` in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}
