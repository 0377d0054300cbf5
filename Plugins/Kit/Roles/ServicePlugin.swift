/// A plugin that owns a part of the URL space.
///
///     public func request(_ request: Request, _ reply: Reply) async throws {
///         let body = try await request.body.collect(upTo: 4096)
///         try reply.respond(.text(200, "\(body.count) bytes\n"))
///     }
public protocol ServicePlugin: Plugin {
    /// The parts it owns; asked before `start()`, and again after `reconfigure(_:)`.
    func mounts() throws(PluginError) -> [Mount]

    /// Answers a request. Many may be under way, each in a task of its own, which begins at once.
    ///
    /// When it returns, the answer has been given, or its body ends. What it throws is the answer
    /// when it is a `Response` or `Declined`; anything else is logged, and the answer is 500, or
    /// broken off when it had begun. The task is cancelled when the answer is not wanted any more.
    func request(_ request: Request, _ reply: Reply) async throws
}

/// A service some of whose mounts are answered on the worker that owns the request
/// (`Mount.isInline`): no hop to the lane, and never a wait.
public protocol InlineServicePlugin: ServicePlugin {
    /// Answers a request at once; nil declines it. Worker: several at a time, so it touches nothing
    /// of the actor.
    ///
    /// A thrown `PluginError` is logged, and the answer is 500.
    nonisolated func respond(
        inline request: borrowing InlineRequest
    ) throws(PluginError) -> Response?
}

/// A part of the URL space.
public struct Mount: Sendable {
    /// "/v1/functions/"; the longest prefix wins.
    public var prefix: String
    /// What follows the prefix, ":name/invoke" (one segment a name); nil: anything.
    public var pattern: String?
    /// Methods it takes, all when empty; others get 405.
    public var methods: Set<Method>
    /// How bodies of requests are taken.
    public var body: MountBody
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
    /// Without it the host takes such a client as gone, and cancels the request's task.
    public var allowsHalfClose: Bool
    /// Answered by `InlineServicePlugin` on the worker that owns the request, without a hop.
    ///
    /// The operator's configuration must allow it ("inline: true").
    public var isInline: Bool
    /// Given back in `Request.tag`.
    public var tag: UInt32

    /// Describes a part of the URL space.
    public init(
        prefix: String,
        pattern: String? = nil,
        methods: Set<Method> = [],
        body: MountBody = .none,
        headTimeout: Timeout = .hostDefault,
        idleTimeout: Timeout = .hostDefault,
        totalTimeout: Timeout = .hostDefault,
        inFlightMax: UInt32? = nil,
        allowsHalfClose: Bool = false,
        isInline: Bool = false,
        tag: UInt32 = 0
    ) {
        self.prefix = prefix
        self.pattern = pattern
        self.methods = methods
        self.body = body
        self.headTimeout = headTimeout
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
        self.inFlightMax = inFlightMax
        self.allowsHalfClose = allowsHalfClose
        self.isInline = isInline
        self.tag = tag
    }
}

/// How bodies of requests are taken.
public enum MountBody: Sendable {
    /// Not at all: 413.
    case none
    /// The request comes when its body is whole; 413 above so many bytes.
    case buffered(bytesMax: UInt64)
    /// The request comes at once, and its body in pieces; 413 above so many bytes.
    case streamed(bytesMax: UInt64)
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
