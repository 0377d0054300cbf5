internal import SluiceShared

extension Draft {
    /// The TLS settings of a listener, or nil when it has no certificate that could be used.
    mutating func terminate(
        _ tls: JSONValue,
        _ listener: inout ListenerDraft,
        _ gateway: ManifestObject
    ) -> JSON? {
        let mode = tls.text("mode") ?? "Terminate"
        var settings: [String: JSON] = ["mode": .string(mode)]
        if mode == "Terminate" {
            let names = certificates(tls, &listener, gateway)
            guard !names.isEmpty else { return nil }
            settings["certificates"] = .array(names.map(JSON.string))
        }
        for (key, value) in tls.map("options") where key.hasPrefix("\(Group.sluice)/") {
            apply(key, value, tls, gateway, to: &settings)
        }
        if mode == "Terminate" {
            validateClients(&settings, &listener, gateway)
        }
        return .object(settings)
    }

    /// Names of the certificates that resolve; each that does not is reported for itself.
    private mutating func certificates(
        _ tls: JSONValue,
        _ listener: inout ListenerDraft,
        _ gateway: ManifestObject
    ) -> [String] {
        var names: [String] = []
        for reference in tls.list("certificateRefs") {
            switch certificate(reference, for: gateway) {
            case .found(let name): names.append(name)
            case .failed(let refusal):
                listener.unresolved = listener.unresolved ?? refusal
                report(.object, gateway, at: reference, refusal.reason, refusal.text)
            }
        }
        if names.isEmpty, listener.unresolved == nil {
            let text = "the listener has no certificate; name a Secret in tls.certificateRefs"
            listener.unresolved = Refusal("InvalidCertificateRef", text)
            report(.object, gateway, at: tls, "InvalidCertificateRef", text)
        }
        return names
    }

    /// Our own TLS options, by the part of their key behind `sluice.dev/`.
    private static let options = [
        "min-version", "max-version", "ciphersuites", "groups", "session-tickets", "alpn",
    ]

    private mutating func apply(
        _ key: String,
        _ value: String,
        _ tls: JSONValue,
        _ gateway: ManifestObject,
        to settings: inout [String: JSON]
    ) {
        let words = value.split { ":, ".contains($0) }.map { JSON.string(String($0)) }
        let option = String(key.dropFirst(Group.sluice.utf8.count + 1))
        switch option {
        case "min-version": settings["minVersion"] = .string(value)
        case "max-version": settings["maxVersion"] = .string(value)
        case "ciphersuites": settings["cipherSuites"] = .array(words)
        case "groups": settings["groups"] = .array(words)
        case "session-tickets": settings["tickets"] = .bool(value != "false")
        case "alpn": settings["alpn"] = .array(words)
        default:
            var text = "unknown TLS option \(quoted(key))"
            if let near = nearest(option, among: Self.options) {
                text += "; did you mean \"\(Group.sluice)/\(near)\"?"
            }
            report(.warning, gateway, at: tls["options"] ?? tls, "unknown-option", text)
        }
    }

    /// Adds the client certificate check that the Gateway requires on the listener's port.
    private mutating func validateClients(
        _ settings: inout [String: JSON],
        _ listener: inout ListenerDraft,
        _ gateway: ManifestObject
    ) {
        guard listener.protocol == "HTTPS",
            let frontend = gateway.spec["tls"]?.present("frontend")
        else { return }
        let port = listener.port
        let own = frontend.list("perPort").first { $0.integer("port") == port }
        let scope = own?.present("tls") ?? frontend.present("default")
        guard let validation = scope?.present("validation") else { return }
        var names: [JSON] = []
        for reference in validation.list("caCertificateRefs") {
            switch authority(reference, for: gateway) {
            case .found(let name): names.append(.string(name))
            case .failed(let refusal):
                listener.unresolved = listener.unresolved ?? refusal
                report(.object, gateway, at: reference, refusal.reason, refusal.text)
            }
        }
        // Without a certificate authority nobody could be let in, and nobody may be let in
        // unchecked: the listener is not served.
        if names.isEmpty {
            listener.rejected = Refusal(
                "NoValidCACertificate",
                "none of the caCertificateRefs resolves"
            )
            return
        }
        settings["clientValidation"] = [
            "trust": .array(names),
            "mode": .string(validation.text("mode") ?? "AllowValidOnly"),
        ]
    }
}
