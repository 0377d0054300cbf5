internal import SluiceShared

/// What rules lead to: one port of a Service, or a Backend, which has no ports.
struct BackendPort: Hashable {
    let target: ObjectKey
    /// Nil for a Backend.
    let port: Int64?

    /// The name of its pool.
    var name: String { "\(target.path)/\(port.map(String.init) ?? "backend")" }
}

/// What a policy may target: a Service or Backend as a whole, or one named port of a Service.
struct PolicyTarget: Hashable {
    let object: ObjectKey
    /// The port's name; empty: the whole object.
    let section: String

    init(_ reference: JSONValue, of policy: ManifestObject) {
        object = ObjectKey(
            group: reference.text("group") ?? Group.core,
            kind: reference.text("kind") ?? Kind.service,
            namespace: policy.key.namespace,
            name: reference.text("name") ?? ""
        )
        section = reference.text("sectionName") ?? ""
    }

    init(_ object: ObjectKey, section: String = "") {
        self.object = object
        self.section = section
    }
}

extension PolicyTarget: CustomStringConvertible {
    var description: String { section.isEmpty ? "\(object)" : "port \(section) of \(object)" }
}

/// The BackendTLSPolicies by what they target.
struct PolicyIndex {
    /// Every policy, in the order of precedence.
    let all: [ManifestObject]
    private var winners: [PolicyTarget: ManifestObject] = [:]

    init(_ policies: [ManifestObject]) {
        all = policies.sorted { Self.precedence($0) < Self.precedence($1) }
        for policy in all {
            for reference in policy.spec.list("targetRefs") {
                let target = PolicyTarget(reference, of: policy)
                winners[target] = winners[target] ?? policy
            }
        }
    }

    /// The policy that takes precedence among those with exactly this target.
    func winner(_ target: PolicyTarget) -> ManifestObject? { winners[target] }

    /// The policy for a port: one for that port comes before one for the whole object.
    func policy(_ object: ObjectKey, section: String) -> ManifestObject? {
        winners[PolicyTarget(object, section: section)] ?? winners[PolicyTarget(object)]
    }

    /// The older comes first, then the name that sorts first.
    ///
    /// Times are compared as they are written: Kubernetes writes all of them in UTC. A policy
    /// without one is younger than those that have one, as it is for the host.
    private static func precedence(_ policy: ManifestObject) -> (String, String) {
        (policy.created.isEmpty ? "~" : policy.created, policy.key.path)
    }
}
