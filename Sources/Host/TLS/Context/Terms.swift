internal import CTLS

/// A version of TLS; older ones are not offered (RFC 8996).
package enum TLSVersion: Int32, Sendable, Comparable {
    case v12 = 0x0303
    case v13 = 0x0304

    /// The version of a document: `1.2` or `1.3`.
    package init?(_ text: String) {
        switch text {
        case "1.2": self = .v12
        case "1.3": self = .v13
        default: return nil
        }
    }

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What both sides of a handshake may choose.
///
/// The defaults are Mozilla's intermediate settings (guideline 6.0).
package struct HandshakeTerms: Sendable, Hashable {
    package var minVersion = TLSVersion.v12
    package var maxVersion = TLSVersion.v13
    /// Names of `CipherSuites`, best first, those of TLS 1.2 and 1.3 mixed; empty: the defaults.
    package var cipherSuites: [String] = []
    /// Names of `KeyGroups`, best first; empty: the defaults.
    package var groups: [String] = []

    /// The defaults.
    package init() {}
}

/// What a server does about certificates of clients (Gateway API, FrontendTLSValidation).
package enum ClientValidation: UInt8, Sendable, Hashable {
    /// None is requested.
    case none
    /// The handshake fails without a valid one.
    case required
    /// One is requested; the handshake goes on whatever comes, or does not come.
    case insecureFallback
    /// One is requested; the handshake goes on without one, and fails with one that is not valid.
    case optional
}

/// How clients are answered.
package struct ServerTerms: Sendable, Hashable {
    package var handshake = HandshakeTerms()
    /// Whether sessions resume by tickets.
    package var usesTickets = true
    /// The application protocols, best first (RFC 7301); empty: the extension is not answered.
    package var protocols: [String] = []
    package var clients = ClientValidation.none
    /// The virtual host: a session made under one is not resumed under another.
    package var audience = ""

    package init() {}
}

/// A name that the certificate of an origin may have instead of the server's name.
package enum AcceptedName: Sendable, Hashable {
    /// A DNS name, or a wildcard that the certificate has letter for letter.
    case hostname(String)
    /// A URI, compared byte for byte.
    case uri(String)
}

/// How an origin is spoken to.
package struct ClientTerms: Sendable, Hashable {
    package var handshake = HandshakeTerms()
    /// The name that is sent as SNI; without `acceptedNames` the certificate must cover it.
    package var serverName: String
    /// The certificate must have one of these; then `serverName` is only sent.
    package var acceptedNames: [AcceptedName] = []

    package init(serverName: String) { self.serverName = serverName }
}
