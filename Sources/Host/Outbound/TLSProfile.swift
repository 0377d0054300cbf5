/// How a client speaks TLS to some of its peers; a value, all in memory.
///
/// Two calls share a connection only when their profiles are equal in all that TLS sees, the
/// server name included. TLS 1.2 is the oldest version.
package struct TLSProfile: Sendable, Equatable {
    /// Certificates in PEM that are trusted instead of those of the system; empty: those.
    package var authorities: [UInt8]
    /// The client's certificate in PEM, with its chain; empty: none.
    package var certificate: [UInt8]
    /// The key of the certificate, in PEM.
    package var key: [UInt8]
    /// The name that is asked for and must be in the peer's certificate, instead of the URL's host.
    package var serverName: String?
    /// Trusts whoever answers.
    package var isInsecure: Bool

    /// Throws a sentence when a text cannot be PEM, or a certificate has no key.
    package init(
        authorities: [UInt8] = [],
        certificate: [UInt8] = [],
        key: [UInt8] = [],
        serverName: String? = nil,
        isInsecure: Bool = false
    ) throws(OutboundRefusal) {
        for (what, text) in [("ca", authorities), ("certificate", certificate), ("key", key)]
        where !text.isEmpty && !Self.isPEM(text) {
            throw .invalid("tls profile: \(what) is not PEM text")
        }
        guard certificate.isEmpty == key.isEmpty else {
            throw .invalid("tls profile: a certificate and its key are given together")
        }
        if let serverName, !URLForm.isHost(serverName) {
            throw .invalid("tls profile: server name \"\(serverName)\" is not a host name")
        }
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
        self.isInsecure = isInsecure
    }

    /// What OpenSSL makes of the content is told by the first call that uses it.
    private static func isPEM(_ text: [UInt8]) -> Bool {
        String(decoding: text, as: UTF8.self).contains("-----BEGIN ")
    }
}
