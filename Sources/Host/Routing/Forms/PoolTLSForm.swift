// Alone because: it is to a pool what `ListenerTLSForm` is to a listener.

internal import SluiceShared
internal import SluiceTLS

/// How a pool's document wants TLS to be spoken to its endpoints.
struct PoolTLSForm: Sendable {
    let terms: ClientTerms
    /// Names of trust documents that certificates of endpoints must chain to, one at least.
    let trust: [DocumentName]
    /// The certificate document to present when an endpoint requests one; nil: none.
    let clientCertificate: DocumentName?

    /// Reads `tls` of the document; nil when it has another shape, which is reported.
    init?(_ tls: JSONValue, _ reading: inout Reading) {
        guard let name = tls["sni"]?.string else {
            reading.shape(tls["sni"] ?? tls, "the server name to send")
            return nil
        }
        trust = DocumentName.all(tls["trust"])
        guard !trust.isEmpty else {
            reading.shape(tls["trust"] ?? tls, "the names of trust documents")
            return nil
        }
        var terms = ClientTerms(serverName: name)
        terms.handshake = reading.handshake(tls)
        terms.acceptedNames = PoolTLSForm.acceptedNames(tls["subjectAltNames"])
        self.terms = terms
        clientCertificate = tls["clientCertificate"].flatMap(DocumentName.init)
    }

    private static func acceptedNames(_ list: JSONValue?) -> [AcceptedName] {
        guard let list, list.kind == .array else { return [] }
        return list.elements.compactMap { value in
            if let name = value["hostname"]?.string { return .hostname(name) }
            return value["uri"]?.string.map(AcceptedName.uri)
        }
    }
}
