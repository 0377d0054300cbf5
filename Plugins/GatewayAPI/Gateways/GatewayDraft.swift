internal import SluiceShared

/// One of our Gateways while its routes are being attached.
struct GatewayDraft {
    let object: ManifestObject
    var status: ObjectStatus
    var listeners: [ListenerDraft] = []
}

/// One listener while it is being judged and routes attach to it.
struct ListenerDraft {
    let value: JSONValue
    let name: String
    let port: Int64
    let `protocol`: String
    /// Empty when the listener serves every host.
    let hostname: String
    /// The route kinds that may attach.
    var supportedKinds: [String] = []
    /// Names of the documents that serve it; none when it is not served.
    var documents: [String] = []
    var attachedRoutes = 0

    /// Why the listener is not accepted.
    var rejected: Refusal?
    /// Why it conflicts with another one.
    var conflicted: Refusal?
    /// What of its references does not resolve.
    var unresolved: Refusal?

    init(_ value: JSONValue) {
        self.value = value
        name = value.text("name") ?? ""
        port = value.integer("port") ?? 0
        self.protocol = value.text("protocol") ?? ""
        hostname = value.text("hostname") ?? ""
    }

    var isUsable: Bool { rejected == nil && conflicted == nil }

    /// What the listener speaks below HTTP: two different things cannot share one port.
    var transport: String {
        switch self.protocol {
        case "HTTPS", "TLS": "TLS"
        default: self.protocol
        }
    }

    var status: ListenerStatus {
        ListenerStatus(
            name: name,
            supportedKinds: supportedKinds,
            attachedRoutes: attachedRoutes,
            conditions: [accepted, programmed, resolved, conflict]
        )
    }

    private var accepted: Condition {
        guard let reason = rejected ?? conflicted else {
            return Condition("Accepted", .yes, "Accepted")
        }
        return Condition("Accepted", .no, reason.reason, reason.text)
    }

    private var programmed: Condition {
        guard documents.isEmpty else { return Condition("Programmed", .yes, "Programmed") }
        let cause = rejected ?? conflicted ?? unresolved
        return Condition("Programmed", .no, "Invalid", cause?.text ?? "the Gateway is not accepted")
    }

    private var resolved: Condition {
        guard let unresolved else { return Condition("ResolvedRefs", .yes, "ResolvedRefs") }
        return Condition("ResolvedRefs", .no, unresolved.reason, unresolved.text)
    }

    private var conflict: Condition {
        guard let conflicted else { return Condition("Conflicted", .no, "NoConflicts") }
        return Condition("Conflicted", .yes, conflicted.reason, conflicted.text)
    }
}
