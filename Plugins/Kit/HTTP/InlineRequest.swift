internal import SluiceABI

/// A request during a call on a worker; it ends with the call.
@safe
public struct InlineRequest: ~Copyable {
    private let words: sluice_request
    private let pieces: UnsafePointer<sluice_chunk>?
    private let count: Int

    /// The tag of the mount.
    public let tag: UInt32

    init(
        _ words: UnsafePointer<sluice_request>,
        _ pieces: UnsafePointer<sluice_chunk>?,
        _ count: Int,
        tag: UInt32
    ) {
        unsafe self.words = whole(words)
        unsafe self.pieces = unsafe pieces
        self.count = count
        self.tag = tag
    }

    /// The method as it was sent: "GET".
    public var method: String { unsafe String(words.method_name) }

    /// "a.test:8080".
    public var authority: String { unsafe String(words.authority) }

    /// Without the query, in its canonical form, after the route's rewriting.
    public var path: String { unsafe String(words.path) }

    /// What follows the mount's prefix.
    public var suffix: String { unsafe String(words.suffix) }

    /// Without "?"; nil when there was none.
    public var query: String? { unsafe String(present: words.query) }

    /// "ip:port" of the client.
    public var peer: String { unsafe String(words.peer) }

    /// The matched route; nil for a listener of the host's own.
    public var route: String? { unsafe String(present: words.route) }

    /// The name that the client asked for in its TLS handshake.
    public var serverName: String? { unsafe String(present: words.sni) }

    /// The verified identity of the client's certificate, as the host forwards it.
    public var clientCertificate: String? { unsafe String(present: words.client_cert) }

    /// The host's id of this request; nil when it has none.
    public var requestID: String? { unsafe String(present: words.request_id) }

    /// W3C traceparent.
    public var traceParent: String? { unsafe String(present: words.trace_parent) }

    /// A copy of all header lines, in their order.
    public var headers: Headers { unsafe Headers(words.headers) }

    /// The first value of a header, as `Header.text`.
    public func header(_ name: String) -> String? { unsafe words.headers.first(name)?.text }

    /// A copy of the whole body.
    public var body: [UInt8] { unsafe Array(pieces, count) }
}
