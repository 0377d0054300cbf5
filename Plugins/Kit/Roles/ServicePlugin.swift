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
