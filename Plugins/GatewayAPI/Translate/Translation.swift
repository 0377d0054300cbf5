public import SluiceShared

/// What a routing document describes; the raw values are the host's names for the kinds.
public enum DocumentKind: String, Sendable, CaseIterable {
    case listener, certificate, trust, pool, endpoints, route
}

/// What names a routing document inside one source.
public struct DocumentName: Hashable, Sendable {
    /// The kind.
    public let kind: DocumentKind
    /// Free text, for example `default/web/http`.
    public let name: String

    /// Names a document.
    public init(_ kind: DocumentKind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

extension DocumentName: Comparable {
    /// References come before what refers to them: listeners and pools before endpoints and routes.
    public static func < (left: DocumentName, right: DocumentName) -> Bool {
        (left.rank, left.name) < (right.rank, right.name)
    }

    private var rank: Int { DocumentKind.allCases.firstIndex(of: kind) ?? 0 }
}

/// One routing document and the object it was made from.
public struct RoutingDocument: Hashable, Sendable {
    /// The document, in the shape of its published JSON Schema.
    public let content: JSON
    /// The object whose owner hears of problems with the document.
    public let origin: ObjectKey
    /// `file:line` of that object, or of the part that the document is made from.
    public let place: String
    /// Where its parts come from, as far as they come from a place of their own.
    public let origins: [Origin]
}

/// The world in routing documents, and what became of each object on the way.
public struct Translation: Sendable {
    /// Everything the host is asked to serve.
    public internal(set) var documents: [DocumentName: RoutingDocument] = [:]
    /// What is wrong, in the order of the files.
    public internal(set) var problems: [ObjectProblem] = []
    /// Status of Gateway classes, Gateways, routes and policies, as if the host carries every
    /// document.
    public internal(set) var statuses: [ObjectKey: ObjectStatus] = [:]

    /// An empty world.
    public init() {}
}

/// Translates Gateway API objects into routing documents: a pure function.
public enum Translator {
    /// Translates a whole world.
    ///
    /// Equal objects give equal documents, in any order of the input. `faulty` are
    /// BackendTLSPolicies that are not in force: nothing is sent to their targets in the clear.
    public static func translate(
        _ objects: some Sequence<ManifestObject>,
        faulty: [ManifestObject] = []
    ) -> Translation {
        var draft = Draft(ObjectIndex(objects), faulty: faulty)
        draft.translateClasses()
        for gateway in draft.index.all(Kind.gateway) { draft.translateGateway(gateway) }
        for policy in draft.policyIndex.all { draft.translatePolicy(policy) }
        for route in draft.index.all(Kind.httpRoute) { draft.translateRoute(route) }
        draft.finishPolicies()
        draft.finishGateways()
        // A route is translated once for each client certificate, and says the same each time.
        draft.result.problems = Set(draft.result.problems).sorted()
        return draft.result
    }
}

/// The translation while it is being made.
struct Draft {
    let index: ObjectIndex
    var result = Translation()
    /// Our Gateways by `namespace/name`.
    var gateways: [String: GatewayDraft] = [:]
    /// Names of the Gateway classes that this controller serves.
    var classes: Set<String> = []
    /// What became of each pool, by its backend and the client certificate it presents.
    var pools: [String: Resolution] = [:]
    /// Which policy takes precedence where.
    let policyIndex: PolicyIndex
    /// Every policy, judged before the first pool is made.
    var policies: [ObjectKey: PolicyDraft] = [:]
    /// Gateways, by `namespace/name`, with an accepted route to a port of an object.
    var reached: [ObjectKey: [Int64?: Set<String>]] = [:]

    init(_ index: ObjectIndex, faulty: [ManifestObject]) {
        self.index = index
        policyIndex = PolicyIndex(index, faulty: faulty)
    }

    mutating func put(
        _ kind: DocumentKind,
        _ name: String,
        _ content: JSON,
        from object: ManifestObject,
        at value: JSONValue? = nil,
        _ trail: Trail = Trail()
    ) {
        let value = value ?? object.value
        result.documents[DocumentName(kind, name)] = RoutingDocument(
            content: content,
            origin: object.key,
            place: "\(value.source):\(value.mark.line)",
            origins: trail.origins
        )
    }

    mutating func report(
        _ severity: ObjectProblem.Severity,
        _ object: ManifestObject,
        at value: JSONValue,
        _ code: String,
        _ text: String
    ) {
        result.problems.append(
            ObjectProblem(
                severity,
                of: object.key,
                pointer: pointer(to: value, in: object.value),
                source: value.source,
                line: value.mark.line,
                code: code,
                text: text
            )
        )
    }
}

/// What a reference leads to: the name of a document, or the reason why it leads nowhere.
enum Resolution {
    case found(String)
    case failed(Refusal)
}

/// Why a reference or an attachment was refused, in the words of the Gateway API.
struct Refusal: Error, Hashable {
    /// No certificate authority is left to check a peer with, so nothing may pass.
    static let noValidAuthority = "NoValidCACertificate"
    /// A policy says that a backend must not be spoken to in the clear, and not readably how else.
    static let faultyPolicy = "InvalidBackendTLSPolicy"

    /// A Gateway has a client certificate to present, and it cannot be found.
    static let noClientCertificate = "NoClientCertificate"

    let reason: String
    let text: String

    /// Whether the fault is that of a policy or a Gateway: the reference that met it resolves for
    /// itself.
    var isOfAnother: Bool {
        [Self.noValidAuthority, Self.faultyPolicy, Self.noClientCertificate].contains(reason)
    }

    init(_ reason: String, _ text: String) {
        self.reason = reason
        self.text = text
    }
}
