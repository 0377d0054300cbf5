internal import SluiceABI

/// The answer to one request.
///
/// Lane only.
///
/// After the client has gone, or its time is over, the task of the request is cancelled, and what
/// sends throws `.gone` or `.canceled`.
public struct Reply {
    let exchange: Exchange

    /// The header's sluice_rid.
    public var id: UInt64 { exchange.id }

    /// The tag of the mount.
    public var tag: UInt32 { exchange.tag }

    /// Why the answer is not wanted any more; nil: it is.
    public var closed: ClosingCause? { exchange.closed }

    /// How the exchange ended; nil: it has not.
    public var summary: ExchangeSummary? { exchange.summary }

    /// Answers, whole.
    ///
    /// An answer that the host finds wrong throws `.invalid`; a right one may follow.
    public func respond(_ response: Response) throws(PluginError) {
        try exchange.respond(response)
    }

    /// Sends an interim answer, 102 to 199.
    public func inform(_ status: Int, headers: Headers = [:]) throws(PluginError) {
        try exchange.inform(status, headers)
    }

    /// Sends the head of an answer whose body follows by `write`; it ends by `finish`, or when the
    /// plugin's function returns.
    public func begin(_ status: Int = 200, headers: Headers = [:]) throws(PluginError) {
        try exchange.begin(status, headers)
    }

    /// Takes the upgrade that the client has asked for, on a mount with a streamed body: from here
    /// on `Request.body` brings the raw bytes of the connection, and `write` sends such.
    public func upgrade(to protocolName: String, headers: Headers = [:]) throws(PluginError) {
        var headers = headers
        headers["upgrade"] = protocolName
        try exchange.begin(101, headers)
        exchange.body.reopen()
    }

    /// Sends a piece of the body, and suspends while more waits than the client takes.
    public func write(_ bytes: [UInt8]) async throws {
        try await exchange.write(bytes)
    }

    /// Sends text in UTF-8.
    public func write(_ text: String) async throws {
        try await exchange.write(Array(text.utf8))
    }

    /// Ends the body.
    public func finish(trailers: Headers = [:]) throws(PluginError) {
        try exchange.finish(trailers)
    }

    /// Breaks the exchange off: 502 before the head, a reset after it.
    ///
    /// `reason` is a short word for the access log.
    public func abort(_ reason: String) throws(PluginError) {
        try exchange.abort(reason)
    }

    /// Passes the request on to a pool as an ordinary proxied request: before anything is sent, and
    /// before a piece of a streamed body has come.
    public func forward(_ forward: Forward) throws(PluginError) {
        try exchange.forward(forward)
    }

    /// Moves the time by which the exchange must have ended nearer: nanoseconds of `Lane.now`.
    public func deadline(_ nanoseconds: UInt64) throws(PluginError) {
        try exchange.deadline(nanoseconds)
    }
}
