internal import SluiceShared
internal import SluiceTLS

/// What a listener's document says about the TLS that ends on it.
struct ListenerTLSForm: Sendable {
    /// Names of certificate documents, one at least.
    let certificates: [DocumentName]
    /// Names of trust documents that certificates of clients must chain to.
    let trust: [DocumentName]
    /// Whether the verified identity of a client is sent to origins.
    let forwardsIdentity: Bool
    let detectsMisdirected: Bool
    /// All but the audience, which belongs to the listener.
    let terms: ServerTerms

    /// The application protocols that the host speaks under TLS.
    private static let spoken = ["http/1.1"]

    /// Reads the document of an HTTPS listener; nil when it has another shape, which is reported.
    init?(_ reading: inout Reading) {
        guard let tls = reading.root["tls"], tls.kind == .object else {
            reading.shape(reading.root["tls"], "an object with certificates")
            return nil
        }
        certificates = DocumentName.all(tls["certificates"])
        guard !certificates.isEmpty else {
            reading.shape(tls["certificates"] ?? tls, "the names of certificates")
            return nil
        }
        var terms = ServerTerms()
        terms.handshake = reading.handshake(tls)
        terms.usesTickets = tls["tickets"]?.bool ?? true
        terms.protocols = ListenerTLSForm.protocols(tls["alpn"], &reading)
        let validation = tls["clientValidation"]
        if let validation {
            terms.clients =
                switch validation["mode"]?.string {
                case "AllowMissing": .optional
                case "AllowInsecureFallback": .insecureFallback
                default: .required
                }
        }
        self.terms = terms
        trust = DocumentName.all(validation?["trust"])
        forwardsIdentity = validation?["forward"]?.bool ?? false
        detectsMisdirected = reading.root["detectMisdirected"]?.bool ?? true
    }

    /// The protocols to negotiate: those of the document that the host speaks.
    ///
    /// `h2` may be beside them, as sources write both for every host.
    private static func protocols(_ alpn: JSONValue?, _ reading: inout Reading) -> [String] {
        guard let alpn, alpn.kind == .array else { return spoken }
        let usable = alpn.elements.compactMap(\.string).filter(spoken.contains)
        guard !usable.isEmpty else {
            reading.report(
                .notSupported,
                at: alpn,
                "none of these protocols is supported by this build: the listener is left out; "
                    + "add \"http/1.1\""
            )
            return []
        }
        for value in alpn.elements {
            guard let name = value.string, name != "h2", !spoken.contains(name) else { continue }
            reading.report(
                .notSupported,
                .warning,
                at: value,
                "protocol \"\(name)\" is not supported by this build: the listener serves without "
                    + "it; remove it"
            )
        }
        return usable
    }
}

extension ListenerTLSForm {
    /// The terms under a listener: its sessions are resumed under no other one.
    func terms(hostname: HostPattern, key: DocumentKey) -> ServerTerms {
        var terms = terms
        terms.audience = "\(hostname.text) \(key.instance)/\(key.name)"
        return terms
    }
}
