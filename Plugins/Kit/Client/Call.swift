/// An outbound HTTP request, as it is to be sent.
public struct Call: Sendable {
    /// What is sent as the body.
    public enum Body: Sendable {
        /// Nothing.
        case none
        /// These bytes.
        case bytes([UInt8])
        /// What `OpenCall.write` is given.
        case streamed
    }

    /// Which protocol version is asked for.
    public enum Version: Sendable {
        /// What the peer and the host agree on.
        case any
        /// HTTP/2 where the peer offers it.
        case preferHTTP2
        /// HTTP/2 by prior knowledge, on clear text or a Unix socket (RFC 9113, section 3.3).
        case clearHTTP2
    }

    /// The method: "GET".
    public var method: String
    /// `http`, `https`, or `http+unix://<percent-encoded path>/...`.
    public var url: String
    /// Header lines; the host sets the framing ones.
    public var headers: Headers
    /// The body.
    public var body: Body
    /// The protocol version.
    public var version = Version.any
    /// A TLS profile of the instance, by its configuration or by `Client.profile`; nil: the
    /// system's authorities, and no client certificate.
    public var tlsProfile: String?
    /// A file with a bearer token, read again when it changes, sent as Authorization.
    public var bearerFile: String?
    /// Whether redirects of GET and HEAD are followed, at most 5.
    public var followsRedirects = false
    /// Whether it requests an upgrade: after a 101 both bodies are the connection's raw bytes.
    public var isUpgrade = false
    /// For the connection.
    public var connectTimeout = Timeout.hostDefault
    /// From the connection to the answer's head.
    public var headTimeout = Timeout.hostDefault
    /// Between two pieces, of the request or the answer.
    public var idleTimeout = Timeout.hostDefault
    /// For the whole call.
    public var totalTimeout = Timeout.hostDefault
    /// Bytes of the answer's body; 0: the host's default, `UInt64.max`: no limit.
    public var bodyBytesMax: UInt64 = 0

    /// Describes a request.
    public init(
        _ method: String = "GET",
        _ url: String,
        headers: Headers = [:],
        body: Body = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// What a call's certificate is checked with, and what it shows.
public struct TLSProfile: Sendable {
    /// The name that `Call.tlsProfile` refers to.
    public var name: String
    /// Authorities, in PEM; nil: the system's.
    public var authorities: [UInt8]?
    /// The client's certificate with its chain, in PEM.
    public var certificate: [UInt8]?
    /// The key of `certificate`, in PEM.
    public var key: [UInt8]?
    /// The name that is asked for and checked; nil: the URL's host.
    public var serverName: String?
    /// Checks nothing: for tests, and the host's log says so.
    public var isInsecure: Bool

    /// Describes a profile.
    public init(
        name: String,
        authorities: [UInt8]? = nil,
        certificate: [UInt8]? = nil,
        key: [UInt8]? = nil,
        serverName: String? = nil,
        isInsecure: Bool = false
    ) {
        self.name = name
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
        self.isInsecure = isInsecure
    }
}
