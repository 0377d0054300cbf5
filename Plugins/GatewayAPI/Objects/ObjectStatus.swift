public import SluiceShared

/// One status condition as the Gateway API defines it.
public struct Condition: Hashable, Sendable {
    /// What a condition says about its type.
    public enum Truth: String, Sendable {
        /// The condition holds.
        case yes = "True"
        /// The condition does not hold.
        case no = "False"
        /// Nobody knows yet.
        case unknown = "Unknown"
    }

    /// For example `Accepted`.
    public let type: String
    /// Whether it holds.
    public let truth: Truth
    /// A word of the Gateway API, for example `NoMatchingParent`.
    public let reason: String
    /// A sentence for people; may be empty when all is well.
    public let message: String

    init(_ type: String, _ truth: Truth, _ reason: String, _ message: String = "") {
        self.type = type
        self.truth = truth
        self.reason = reason
        self.message = message
    }

    func json(generation: Int64) -> JSON {
        [
            "type": .string(type), "status": .string(truth.rawValue), "reason": .string(reason),
            "message": .string(message), "observedGeneration": .integer(generation),
        ]
    }
}

/// What became of one listener of a Gateway.
public struct ListenerStatus: Hashable, Sendable {
    /// The listener's name inside its Gateway.
    public let name: String
    /// The route kinds that may attach; empty when the listener can carry none.
    public internal(set) var supportedKinds: [String]
    /// How many routes this listener accepted.
    public internal(set) var attachedRoutes: Int
    /// Accepted, Programmed, ResolvedRefs and Conflicted.
    public internal(set) var conditions: [Condition]
}

/// What became of a route at one of its parents.
public struct ParentStatus: Hashable, Sendable {
    /// The reference as the route wrote it, with group and kind filled in.
    public let reference: JSON
    /// Accepted and ResolvedRefs.
    public internal(set) var conditions: [Condition]
}

/// What became of a policy at one Gateway whose routes reach its targets.
public struct AncestorStatus: Hashable, Sendable {
    /// The reference to the Gateway.
    public let reference: JSON
    /// Accepted and ResolvedRefs.
    public let conditions: [Condition]

    init(_ gateway: ObjectKey, _ conditions: [Condition]) {
        reference = [
            "group": .string(gateway.group), "kind": .string(gateway.kind),
            "namespace": .string(gateway.namespace), "name": .string(gateway.name),
        ]
        self.conditions = conditions
    }
}

/// The status of one object: plain values, written to no place by this module.
public struct ObjectStatus: Hashable, Sendable {
    /// The object.
    public let key: ObjectKey
    /// The generation the conditions speak of.
    public let generation: Int64
    /// Conditions of the object itself; empty for routes and policies.
    public internal(set) var conditions: [Condition] = []
    /// Listeners in the order of the Gateway; empty for other kinds.
    public internal(set) var listeners: [ListenerStatus] = []
    /// Parents in the order of the route; empty for other kinds.
    public internal(set) var parents: [ParentStatus] = []
    /// Gateways that a policy concerns, by name; empty for other kinds.
    public internal(set) var ancestors: [AncestorStatus] = []

    init(_ object: ManifestObject) {
        key = object.key
        generation = object.generation
    }

    /// The `status` member as the Gateway API writes it.
    public var json: JSON {
        var status: [String: JSON] = [:]
        if !conditions.isEmpty { status["conditions"] = list(conditions) }
        if !listeners.isEmpty { status["listeners"] = .array(listeners.map(listener)) }
        if key.kind == Kind.httpRoute { status["parents"] = .array(parents.map(parent)) }
        if key.kind == Kind.backendTLSPolicy {
            status["ancestors"] = .array(ancestors.map(ancestor))
        }
        return .object(status)
    }

    private func list(_ conditions: [Condition]) -> JSON {
        .array(conditions.map { $0.json(generation: generation) })
    }

    private func listener(_ listener: ListenerStatus) -> JSON {
        let kinds = listener.supportedKinds.map { kind -> JSON in
            ["group": .string(Group.gateway), "kind": .string(kind)]
        }
        return [
            "name": .string(listener.name), "supportedKinds": .array(kinds),
            "attachedRoutes": .integer(Int64(listener.attachedRoutes)),
            "conditions": list(listener.conditions),
        ]
    }

    private func parent(_ parent: ParentStatus) -> JSON {
        [
            "parentRef": parent.reference, "controllerName": .string(Controller.name),
            "conditions": list(parent.conditions),
        ]
    }

    private func ancestor(_ ancestor: AncestorStatus) -> JSON {
        [
            "ancestorRef": ancestor.reference, "controllerName": .string(Controller.name),
            "conditions": list(ancestor.conditions),
        ]
    }
}
