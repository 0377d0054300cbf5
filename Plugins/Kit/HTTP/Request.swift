internal import SluiceABI

/// A request.
///
/// Lane only: what another thread needs of it is copied out first.
///
/// Reading a member costs no call to the host. It may be kept for as long as the plugin likes.
public struct Request {
    let exchange: Exchange

    /// The method as it was sent: "GET".
    public var method: String { unsafe String(exchange.words.method_name) }

    /// "http" or "https".
    public var scheme: String { unsafe String(exchange.words.scheme) }

    /// "a.test:8080".
    public var authority: String { unsafe String(exchange.words.authority) }

    /// Without the query, in its canonical form, after the route's rewriting.
    public var path: String { unsafe String(exchange.words.path) }

    /// What follows the mount's prefix.
    public var suffix: String { unsafe String(exchange.words.suffix) }

    /// Without "?"; nil when there was none.
    public var query: String? { unsafe String(present: exchange.words.query) }

    /// A copy of all header lines, in their order.
    public var headers: Headers { unsafe Headers(exchange.words.headers) }

    /// The first value of a header, as `Header.text`.
    public func header(_ name: String) -> String? {
        unsafe exchange.words.headers.first(name)?.text
    }

    /// The body, to be read once.
    public var body: RequestBody { RequestBody(inlet: exchange.body) }

    /// "ip:port" of the client.
    public var peer: String { unsafe String(exchange.words.peer) }

    /// The name that the client asked for in its TLS handshake.
    public var serverName: String? { unsafe String(present: exchange.words.sni) }

    /// The verified identity of the client's certificate, as the host forwards it:
    /// `Hash=...;Subject="...";URI=...`.
    public var clientCertificate: String? { unsafe String(present: exchange.words.client_cert) }

    /// The host's id of this request; nil when it has none.
    public var requestID: String? { unsafe String(present: exchange.words.request_id) }

    /// The matched route; nil for a listener of the host's own.
    public var route: String? { unsafe String(present: exchange.words.route) }

    /// W3C traceparent.
    public var traceParent: String? { unsafe String(present: exchange.words.trace_parent) }

    /// The bytes that its body announces; nil: unknown.
    public var contentLength: UInt64? {
        let length = unsafe exchange.words.content_length
        return length < 0 ? nil : UInt64(length)
    }

    /// Whether it came over TLS.
    public var isSecure: Bool { has(SLUICE_REQ_TLS) }

    /// Whether the client requests an upgrade; `header("upgrade")` says to what.
    public var wantsUpgrade: Bool { has(SLUICE_REQ_UPGRADE) }

    /// Whether the client waits for a word before it sends the body (RFC 9110, section 10.1.1).
    public var expectsContinue: Bool { has(SLUICE_REQ_EXPECT) }

    /// The tag of the mount.
    public var tag: UInt32 { exchange.tag }

    /// When it arrived, in nanoseconds of `Lane.now`.
    public var arrived: UInt64 { unsafe exchange.words.arrived_ns }

    /// When the answer is too late, in nanoseconds of `Lane.now`; nil: never.
    public var deadline: UInt64? {
        let deadline = unsafe exchange.words.deadline_ns
        return deadline == 0 ? nil : deadline
    }

    private func has(_ flag: UInt32) -> Bool { unsafe exchange.words.flags & flag != 0 }
}

/// The body of a request: pieces of bytes, as they come.
///
/// Lane only.
///
/// A client that sends faster than the body is read is paused. Iterating throws `PluginError`
/// (`.canceled`) when the client has gone before the end.
public struct RequestBody: AsyncSequence {
    let inlet: Inlet

    /// Iterates over the pieces.
    public struct Iterator: AsyncIteratorProtocol {
        let inlet: Inlet

        /// The next piece, never an empty one; nil at the end.
        public mutating func next() async throws -> [UInt8]? { try await inlet.read() }

        /// The next piece, never an empty one; nil at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> [UInt8]? { try await inlet.read() }
    }

    /// Begins, or goes on, to read.
    public func makeAsyncIterator() -> Iterator { Iterator(inlet: inlet) }

    /// All that is left; throws `.limit` beyond `bytesMax`.
    public func collect(upTo bytesMax: Int = .max) async throws -> [UInt8] {
        try await inlet.collect(upTo: bytesMax)
    }

    /// What followed the body, once its end has been read.
    public var trailers: Headers? { inlet.trailers }
}

extension sluice_headers {
    /// A copy of the first line of a name.
    func first(_ name: String) -> Header? {
        var name = name
        return name.withUTF8 { name in
            let lines = unsafe UnsafeBufferPointer(start: items, count: count)
            for index in lines.indices {
                let other = unsafe UnsafeBufferPointer(
                    start: lines[index].name.data,
                    count: lines[index].name.len
                )
                guard other.count == name.count,
                    unsafe zip(other, name).allSatisfy({ $0.asciiLowered == $1.asciiLowered })
                else { continue }
                return unsafe Header(lines[index])
            }
            return nil
        }
    }
}
