internal import SluiceShared

extension Draft {
    /// Judges one BackendTLSPolicy: what it applies to, and what backends are checked with.
    mutating func translatePolicy(_ object: ManifestObject) {
        var policy = PolicyDraft(object: object)
        for reference in object.spec.list("targetRefs") {
            judge(reference, of: &policy)
        }
        let validation = object.spec["validation"] ?? object.spec
        let passage = Passage("/tls", "/spec/validation")
        policy.trail.note(passage, validation)
        policy.settings = options(
            object.spec,
            of: object,
            TLSOption.common,
            at: Passage("/tls", "/spec"),
            &policy.trail
        )
        policy.trail.note(passage.inside("sni", "hostname"), validation["hostname"])
        policy.settings["sni"] = validation.text("hostname").map(JSON.string)
        let names = validation.list("subjectAltNames").map(Self.subjectAltName)
        policy.trail.note(passage.inside("subjectAltNames"), validation["subjectAltNames"])
        if !names.isEmpty { policy.settings["subjectAltNames"] = .array(names) }
        let trust = authorities(validation, at: passage, of: &policy)
        policy.settings["trust"] = .array(trust.map(JSON.string))
        policy.hasAuthority = !trust.isEmpty
        policies[object.key] = policy
    }

    /// Finds out whether the policy applies to one of its targets; a missing one is reported only.
    private mutating func judge(_ reference: JSONValue, of policy: inout PolicyDraft) {
        let target = PolicyTarget(reference, of: policy.object)
        var refusal: Refusal?
        switch (target.object.group, target.object.kind) {
        case (Group.core, Kind.service), (Group.sluice, Kind.backend):
            if let object = index.object(target.object.kind, target.object.path) {
                refusal = self.refusal(of: policy.object, at: target, object)
                policy.targets.append(PolicyDraft.Target(target: target, refusal: refusal))
            } else {
                refusal = Refusal("TargetNotFound", "there is no \(target.object)")
            }
        default:
            let found = subject(of: reference, target.object.kind)
            let text = "expected a Service or a Backend as the target, found \(found)"
            refusal = Refusal("TargetNotFound", text)
        }
        guard let refusal else { return }
        report(.object, policy.object, at: reference, refusal.reason, refusal.text)
    }

    /// Why the policy does not apply to an object that exists; nil: it applies.
    private func refusal(
        of policy: ManifestObject,
        at target: PolicyTarget,
        _ object: ManifestObject
    ) -> Refusal? {
        if !target.hasSection(index) {
            let sections = object.spec.list("ports").compactMap { $0.text("name") }
            var text = "\(target.object) has no port named \(quoted(target.section)); "
            if let near = nearest(target.section, among: sections) {
                text += "did you mean \(quoted(near))?"
            } else {
                text += "it has " + (sections.isEmpty ? "none" : sections.joined(separator: ", "))
            }
            return Refusal("TargetNotFound", text)
        }
        guard let winner = policyIndex.winner(target), winner.key != policy.key else { return nil }
        return Refusal(
            "Conflicted",
            "\(winner.key) targets \(target) too and takes precedence, as the older one or the "
                + "first by name; remove one of the two targetRefs"
        )
    }

    /// The names of the trust documents that backends are checked with.
    private mutating func authorities(
        _ validation: JSONValue,
        at passage: Passage,
        of policy: inout PolicyDraft
    ) -> [String] {
        if validation.text("wellKnownCACertificates") == "System" {
            let name = "system"
            let member = "wellKnownCACertificates"
            var trail = Trail()
            trail.note(Passage("", "\(passage.object)/\(member)"), validation[member])
            put(.trust, name, ["system": true], from: policy.object, trail)
            return [name]
        }
        var names: [String] = []
        for (place, reference) in validation.list("caCertificateRefs").enumerated() {
            switch authority(reference, for: policy.object, badKind: "InvalidKind") {
            case .found(let name):
                let part = "trust/\(names.count)"
                let place = passage.inside(part, "caCertificateRefs/\(place)")
                policy.trail.note(place, reference)
                names.append(name)
            case .failed(let refusal):
                policy.unresolved = policy.unresolved ?? refusal
                report(.object, policy.object, at: reference, refusal.reason, refusal.text)
            }
        }
        return names
    }

    private static func subjectAltName(_ name: JSONValue) -> JSON {
        name.text("type") == "URI"
            ? ["uri": .string(name.text("uri") ?? "")]
            : ["hostname": .string(name.text("hostname") ?? "")]
    }
}
