internal import SluiceShared

extension Draft {
    /// The TLS settings of a listener, or nil when it has no certificate that could be used.
    mutating func terminate(
        _ tls: JSONValue,
        _ listener: inout ListenerDraft,
        _ gateway: ManifestObject
    ) -> JSON? {
        let passage = Passage("/tls", "\(listener.passage.object)/tls")
        listener.trail.note(passage, tls)
        var settings = options(
            tls,
            of: gateway,
            TLSOption.ofListener,
            at: passage,
            &listener.trail
        )
        let forward = settings.removeValue(forKey: "forward")
        let own = settings.removeValue(forKey: "certificates")
        let mode = tls.text("mode") ?? "Terminate"
        settings["mode"] = .string(mode)
        if mode == "Terminate" {
            let names = certificates(tls, ofHost: own, &listener, gateway, passage)
            guard !names.isEmpty else { return nil }
            settings["certificates"] = .array(names.map(JSON.string))
            if var validation = clientValidation(&listener, gateway) {
                validation["forward"] = forward
                settings["clientValidation"] = .object(validation)
            }
        }
        // A listener that must check its clients and cannot is not served without the check.
        guard listener.rejected == nil else { return nil }
        if forward != nil, settings["clientValidation"] == nil {
            let text =
                "\(Group.sluice)/forward-client-certificate has no effect: the Gateway's "
                + "tls.frontend requires no client certificate on port \(listener.port)"
            report(.warning, gateway, at: tls["options"] ?? tls, "option-unused", text)
        }
        return .object(settings)
    }

    /// Names of the certificates that resolve, and behind them those of the host that the option
    /// names; each that does not resolve is reported for itself.
    private mutating func certificates(
        _ tls: JSONValue,
        ofHost own: JSON?,
        _ listener: inout ListenerDraft,
        _ gateway: ManifestObject,
        _ passage: Passage
    ) -> [String] {
        var names: [String] = []
        for (place, reference) in tls.list("certificateRefs").enumerated() {
            switch certificate(reference, for: gateway, invalid: "InvalidCertificateRef") {
            case .found(let name):
                let part = "certificates/\(names.count)"
                let place = passage.inside(part, "certificateRefs/\(place)")
                listener.trail.note(place, reference)
                names.append(name)
            case .failed(let refusal):
                listener.unresolved = listener.unresolved ?? refusal
                report(.object, gateway, at: reference, refusal.reason, refusal.text)
            }
        }
        if case .array(let words) = own {
            for case .string(let word) in words { names.append("(host)/\(word)") }
        }
        if names.isEmpty, listener.unresolved == nil {
            let text =
                "the listener has no certificate; name a Secret in tls.certificateRefs, or a "
                + "certificate of the host in the option \(Group.sluice)/certificate"
            listener.unresolved = Refusal("InvalidCertificateRef", text)
            report(.object, gateway, at: tls, "InvalidCertificateRef", text)
        }
        return names
    }

    /// The client certificate check that the Gateway requires on the listener's port; nil: none,
    /// or none that could be made, which rejects the listener.
    private mutating func clientValidation(
        _ listener: inout ListenerDraft,
        _ gateway: ManifestObject
    ) -> [String: JSON]? {
        guard listener.protocol == "HTTPS",
            let frontend = gateway.spec["tls"]?.present("frontend")
        else { return nil }
        let port = listener.port
        let perPort = frontend.list("perPort")
        let own = perPort.firstIndex { $0.integer("port") == port && $0.present("tls") != nil }
        let scope = own.flatMap { perPort[$0].present("tls") } ?? frontend.present("default")
        guard let validation = scope?.present("validation") else { return nil }
        let source = own.map { "perPort/\($0)/tls" } ?? "default"
        let passage = Passage("/tls/clientValidation", "/spec/tls/frontend/\(source)/validation")
        listener.trail.note(passage, validation)
        var names: [JSON] = []
        for (place, reference) in validation.list("caCertificateRefs").enumerated() {
            switch authority(reference, for: gateway, badKind: "InvalidCACertificateKind") {
            case .found(let name):
                let place = passage.inside("trust/\(names.count)", "caCertificateRefs/\(place)")
                listener.trail.note(place, reference)
                names.append(.string(name))
            case .failed(let refusal):
                listener.unresolved = listener.unresolved ?? refusal
                report(.object, gateway, at: reference, refusal.reason, refusal.text)
            }
        }
        guard !names.isEmpty else {
            let text =
                "none of the caCertificateRefs for port \(port) resolves; the listener is not "
                + "served without its check of clients"
            listener.rejected = Refusal(Refusal.noValidAuthority, text)
            return nil
        }
        return [
            "trust": .array(names),
            "mode": .string(validation.text("mode") ?? "AllowValidOnly"),
        ]
    }
}

extension JSONValue {
    /// Whether a Gateway's `tls.frontend` lets clients in unchecked somewhere.
    var allowsInsecureFallback: Bool {
        let scopes = [present("default")] + list("perPort").map { $0.present("tls") }
        return scopes.contains { $0?["validation"]?.text("mode") == "AllowInsecureFallback" }
    }
}
