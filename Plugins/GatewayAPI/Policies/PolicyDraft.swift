internal import SluiceShared

/// One BackendTLSPolicy while pools and its status are made from it.
struct PolicyDraft {
    /// One targetRef and why the policy does not apply there; nil: it applies.
    struct Target {
        let target: PolicyTarget
        let refusal: Refusal?
    }

    let object: ManifestObject
    /// Its targets that exist.
    var targets: [Target] = []
    /// The content of `tls()`.
    var settings: [String: JSON] = [:]
    /// Where the parts of that content come from.
    var trail = Trail()
    /// Whether a certificate authority is left to check backends with.
    var hasAuthority = false
    /// What of its references does not resolve.
    var unresolved: Refusal?

    /// The conditions at a Gateway whose routes reach the targets.
    func conditions(_ reached: [Target]) -> [Condition] {
        let resolved =
            unresolved.map { Condition("ResolvedRefs", .no, $0.reason, $0.text) }
            ?? Condition("ResolvedRefs", .yes, "ResolvedRefs")
        let refusal = reached.lazy.compactMap(\.refusal).first ?? noAuthority
        let accepted =
            refusal.map { Condition("Accepted", .no, $0.reason, $0.text) }
            ?? Condition("Accepted", .yes, "Accepted")
        return [accepted, resolved]
    }

    /// The `tls` member of its pools; throws when they must not be spoken to.
    func tls() throws(Refusal) -> [String: JSON] {
        if let noAuthority { throw noAuthority }
        return settings
    }

    /// Why nothing may be sent to its targets; nil: backends can be checked.
    private var noAuthority: Refusal? {
        guard !hasAuthority else { return nil }
        return Refusal(
            Refusal.noValidAuthority,
            "none of the caCertificateRefs of \(object.key) resolves, so its backends cannot be "
                + "checked and are sent nothing"
        )
    }
}

extension Draft {
    /// Entries in the status of one policy (Gateway API, PolicyStatus).
    private static let ancestorsMax = 16

    /// Writes the status of the policies, when all routes have been attached.
    ///
    /// Nothing is written for a policy whose targets no route of ours reaches.
    mutating func finishPolicies() {
        for policy in policies.values {
            var reached: [String: [PolicyDraft.Target]] = [:]
            for target in policy.targets {
                for gateway in gateways(reaching: target.target) {
                    reached[gateway, default: []].append(target)
                }
            }
            let names = reached.keys.sorted()
            guard !names.isEmpty else { continue }
            if names.count > Self.ancestorsMax {
                let text =
                    "\(names.count) Gateways reach its targets; the status names the first "
                    + "\(Self.ancestorsMax) of them, which is as many as it may hold"
                report(.warning, policy.object, at: policy.object.value, "too-many", text)
            }
            var status = ObjectStatus(policy.object)
            status.ancestors = names.prefix(Self.ancestorsMax).compactMap { name in
                gateways[name].map { gateway in
                    AncestorStatus(gateway.object.key, policy.conditions(reached[name] ?? []))
                }
            }
            result.statuses[status.key] = status
        }
    }

    /// The Gateways, by `namespace/name`, with a route to what the policy targets.
    private func gateways(reaching target: PolicyTarget) -> Set<String> {
        let ports = reached[target.object] ?? [:]
        let named = index.object(target.object.kind, target.object.path)?.spec.list("ports")
            .first { $0.text("name") == target.section }?
            .integer("port")
        // A section that no port has concerns every route to the object.
        let fitting = ports.filter { target.section.isEmpty || named == nil || $0.key == named }
        return fitting.values.reduce(into: []) { $0.formUnion($1) }
    }
}
