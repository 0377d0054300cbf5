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

extension PolicyTarget {
    /// The Service or Backend that is meant, though its kind or group may be misspelt.
    ///
    /// Nil: the object of another system. No group of another system is without a dot.
    var meant: ObjectKey? {
        let kind = object.kind.lowercased()
        if object.group == Group.sluice || kind == "backend" {
            return key(Group.sluice, Kind.backend)
        }
        guard kind == "service" || !object.group.contains(".") else { return nil }
        return key(Group.core, Kind.service)
    }

    private func key(_ group: String, _ kind: String) -> ObjectKey {
        ObjectKey(group: group, kind: kind, namespace: object.namespace, name: object.name)
    }

    /// Whether it is a port of the Service, or no port is named.
    func hasSection(_ index: ObjectIndex) -> Bool {
        section.isEmpty
            || index.object(object.kind, object.path)?.spec.list("ports")
                .contains { $0.text("name") == section } == true
    }
}

extension PolicyTarget: CustomStringConvertible {
    var description: String { section.isEmpty ? "\(object)" : "port \(section) of \(object)" }
}

/// The BackendTLSPolicies by what they target.
///
/// What a policy targets is never spoken to in the clear, also while the policy is faulty.
struct PolicyIndex {
    private struct Entry {
        let policy: ManifestObject
        let isFaulty: Bool
    }

    /// Every policy in force, in the order of precedence.
    let all: [ManifestObject]
    private var winners: [PolicyTarget: Entry] = [:]
    /// Policies that name an object by a port that it does not have or by a misspelt kind.
    private var astray: [ObjectKey: ManifestObject] = [:]
    /// Policies with a target that has no name, by namespace.
    private var unnamed: [String: ManifestObject] = [:]

    /// `faulty` are policies that are not in force.
    init(_ index: ObjectIndex, faulty: [ManifestObject]) {
        all = index.all(Kind.backendTLSPolicy).sorted { Self.precedence($0) < Self.precedence($1) }
        let entries =
            all.map { Entry(policy: $0, isFaulty: false) }
            + faulty.map { Entry(policy: $0, isFaulty: true) }
        for entry in entries.sorted(by: { Self.precedence($0.policy) < Self.precedence($1.policy) })
        {
            add(entry, index)
        }
    }

    private mutating func add(_ entry: Entry, _ index: ObjectIndex) {
        let policy = entry.policy
        let namespace = policy.key.namespace
        // Where another version of a faulty policy is in force, that one is followed.
        let version = entry.isFaulty ? index.object(Kind.backendTLSPolicy, policy.key.path) : nil
        let kept = version.map { Set(Self.targets($0).compactMap(\.meant)) } ?? []
        let targets = Self.targets(policy)
        if version == nil, targets.isEmpty || targets.contains(where: { $0.object.name.isEmpty }) {
            unnamed[namespace] = unnamed[namespace] ?? policy
        }
        for target in targets {
            guard let meant = target.meant, !kept.contains(meant) else { continue }
            if meant == target.object, target.hasSection(index) {
                winners[target] = winners[target] ?? entry
            } else {
                astray[meant] = astray[meant] ?? policy
            }
        }
    }

    /// The targets of a policy, also of one whose table they do not fit.
    private static func targets(_ policy: ManifestObject) -> [PolicyTarget] {
        let members = ["targetRefs", "targetRef"].compactMap { policy.spec.present($0) }
        return members.flatMap { $0.kind == .array ? Array($0.elements) : [$0] }
            .map { PolicyTarget($0, of: policy) }
    }

    /// The policy that takes precedence among those with exactly this target.
    func winner(_ target: PolicyTarget) -> ManifestObject? { winners[target]?.policy }

    /// The policy for a port: one for that port comes before one for the whole object.
    ///
    /// Throws when a faulty one comes first; nil: none names the port or the object.
    func policy(_ object: ObjectKey, section: String) throws(Refusal) -> ManifestObject? {
        let own = section.isEmpty ? nil : winners[PolicyTarget(object, section: section)]
        if own == nil, let policy = astray[object] { throw Self.fault(policy, object) }
        if let entry = own ?? winners[PolicyTarget(object)] {
            if entry.isFaulty { throw Self.fault(entry.policy, object) }
            return entry.policy
        }
        guard let policy = unnamed[object.namespace] else { return nil }
        throw Refusal(
            Refusal.faultyPolicy,
            "\(policy.key) of \(policy.place) has a target that cannot be read; until that is "
                + "right, nothing is sent to the Services and Backends of namespace "
                + "\(object.namespace) that no other policy targets"
        )
    }

    private static func fault(_ policy: ManifestObject, _ object: ObjectKey) -> Refusal {
        Refusal(
            Refusal.faultyPolicy,
            "\(policy.key) of \(policy.place) targets \(object) and is faulty; until it is right, "
                + "nothing is sent there"
        )
    }

    /// The older comes first, then the name that sorts first.
    ///
    /// Times are compared as they are written: Kubernetes writes all of them in UTC. A policy
    /// without one is younger than those that have one, as it is for the host.
    private static func precedence(_ policy: ManifestObject) -> (String, String) {
        (policy.created.isEmpty ? "~" : policy.created, policy.key.path)
    }
}
