internal import SluiceShared

/// What a Gateway presents to the backends that it speaks TLS to.
enum ClientCertificate: Hashable, Comparable {
    case absent
    /// The document of that name.
    case document(String)
    /// Nothing can be presented where something must be: backends under TLS are sent nothing.
    case unresolved

    /// What is behind the names of documents that present it.
    var suffix: String {
        switch self {
        case .absent: ""
        case .document(let name): "@\(name)"
        case .unresolved: "@unresolved"
        }
    }
}

/// One of our Gateways while its routes are being attached.
struct GatewayDraft {
    let object: ManifestObject
    var status: ObjectStatus
    var listeners: [ListenerDraft] = []
    /// What it presents to backends.
    var clientCertificate = ClientCertificate.absent
    /// What of its own references does not resolve.
    var unresolved: Refusal?

    /// The conditions of the Gateway; `refusal` says why nothing of it can be served.
    func conditions(_ refusal: Refusal?) -> [Condition] {
        if let refusal {
            return [
                Condition("Accepted", .no, refusal.reason, refusal.text),
                Condition("Programmed", .no, "Invalid", refusal.text),
            ]
        }
        let bad = listeners.filter { $0.documents.isEmpty }.map(\.name)
        let isServing = bad.count < listeners.count
        let truth: Condition.Truth = isServing ? .yes : .no
        let text = bad.isEmpty ? "" : "listeners not valid: \(bad.joined(separator: ", "))"
        let reason = bad.isEmpty ? "Accepted" : "ListenersNotValid"
        return [
            Condition("Accepted", truth, reason, text),
            Condition("Programmed", truth, isServing ? "Programmed" : "Invalid", text),
            resolved,
        ] + insecure
    }

    private var resolved: Condition {
        if let unresolved {
            return Condition("ResolvedRefs", .no, unresolved.reason, unresolved.text)
        }
        let names = listeners.filter { $0.unresolved != nil }.map(\.name)
        guard !names.isEmpty else { return Condition("ResolvedRefs", .yes, "ResolvedRefs") }
        let text = "references do not resolve: \(names.joined(separator: ", "))"
        return Condition("ResolvedRefs", .no, "ListenersNotResolved", text)
    }

    /// Warns of clients that pass unchecked; absent where none does (Gateway API).
    private var insecure: [Condition] {
        guard object.spec["tls"]?.present("frontend")?.allowsInsecureFallback == true else {
            return []
        }
        let text = "AllowInsecureFallback lets in clients whose certificate is missing or invalid"
        return [Condition("InsecureFrontendValidationMode", .yes, "ConfigurationChanged", text)]
    }
}

/// One listener while it is being judged and routes attach to it.
struct ListenerDraft {
    let value: JSONValue
    /// From the root of a document to the listener of the Gateway.
    let passage: Passage
    /// Where the parts of its documents come from.
    var trail = Trail()
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
    /// Names of HTTPS listeners on the same port that serve some of the same hosts.
    var overlapping: [String] = []

    /// `place` is its place among the Gateway's.
    init(_ value: JSONValue, at place: Int) {
        self.value = value
        passage = Passage("", "/spec/listeners/\(place)")
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
            conditions: [accepted, programmed, resolved, conflict] + overlap
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

    /// Absent where nothing overlaps (Gateway API, OverlappingTLSConfig).
    private var overlap: [Condition] {
        guard !overlapping.isEmpty else { return [] }
        let text =
            "its hosts overlap with those of listeners \(overlapping.joined(separator: ", ")); a "
            + "request on a connection for another listener is answered 421"
        return [Condition("OverlappingTLSConfig", .yes, "OverlappingHostnames", text)]
    }
}
