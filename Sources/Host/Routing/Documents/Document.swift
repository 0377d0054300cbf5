internal import SluiceBase
internal import SluiceConfig
package import SluiceShared

/// One parsed document of a source, with the text that `/config` shows and a hash of its content.
package struct Document: Sendable {
    package let key: DocumentKey
    package let value: JSONDocument
    /// Where it came from, as the source said it: `routes/a.yaml:12`; empty when nobody said.
    package let place: String
    /// Where its parts came from.
    package let origins: Origins
    /// Canonical JSON with the private key of a certificate replaced by a word.
    package let text: [UInt8]
    /// A hash of the whole content, private keys included, so that a changed key is a change.
    package let hash: UInt64

    package init(
        key: DocumentKey,
        value: JSONDocument,
        place: String = "",
        origins: Origins = Origins([])
    ) {
        self.key = key
        self.value = value
        self.place = place
        self.origins = origins
        let canonical = value.root.canonical()
        hash = canonical.withBytes { $0.hash(seed: 0) }
        let isMaterial = key.kind == .certificate || key.kind == .trust
        text = isMaterial ? Redaction.text(of: value.root) : canonical
    }
}

extension Document {
    /// Whether it gives TLS to a pool in the clear, of which the older version must not stay then.
    package func secures(_ old: Document) -> Bool {
        key.kind == .pool && value.root["tls"] != nil && old.value.root["tls"] == nil
    }
}

/// The seven kinds of document a source may publish; the raw value is the name in the header.
package enum DocumentKind: String, CaseIterable, Sendable {
    case listener
    case certificate
    case trust
    case pool
    case endpoints
    case route
    case l4route
}

/// The identity of a document: names are scoped by the instance that put it and by its kind.
package struct DocumentKey: Hashable, Sendable, Comparable {
    package let instance: String
    package let kind: DocumentKind
    package let name: String

    package init(instance: String, kind: DocumentKind, name: String) {
        self.instance = instance
        self.kind = kind
        self.name = name
    }

    /// The instance that owns the host's own documents: no name that the configuration allows.
    package static let hostInstance = "(host)"

    /// The certificate that a document of `instance` names: one of its own instance, or, behind
    /// the prefix `(host)/`, one of the host.
    static func certificate(named name: String, in instance: String) -> DocumentKey {
        let prefix = hostInstance + "/"
        guard name.hasPrefix(prefix) else {
            return DocumentKey(instance: instance, kind: .certificate, name: name)
        }
        let own = String(name.dropFirst(prefix.count))
        return DocumentKey(instance: hostInstance, kind: .certificate, name: own)
    }

    /// Orders by instance name, then kind, then name; configuration order is the world's.
    package static func < (left: DocumentKey, right: DocumentKey) -> Bool {
        if left.instance != right.instance { return left.instance < right.instance }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        return left.name < right.name
    }
}

/// Keeps private keys out of everything that is shown, also where one stands by mistake.
enum Redaction {
    /// The member of a certificate document that is secret.
    static let secretMember = "key"

    /// The word in its place.
    private static let word: JSON = "redacted"

    /// The canonical text of a certificate or trust document without keys.
    static func text(of value: JSONValue) -> [UInt8] {
        guard case .object(var members) = value.json() else { return value.canonical() }
        if members[secretMember] != nil { members[secretMember] = word }
        return JSON.object(members.mapValues(withoutKeys)).canonical()
    }

    private static func withoutKeys(_ value: JSON) -> JSON {
        switch value {
        case .string(let text) where text.contains("PRIVATE KEY-----"): word
        case .array(let elements): .array(elements.map(withoutKeys))
        default: value
        }
    }
}

/// A plugin instance that backends or filters may name, and the namespaces whose routes may.
package struct ExposedService: Sendable, Equatable {
    package let slot: UInt16
    /// `*` is all.
    ///
    /// A route's namespace is the part before the `/` in its order's name.
    package let namespaces: [String]

    package init(slot: UInt16, namespaces: [String]) {
        self.slot = slot
        self.namespaces = namespaces
    }

    func admits(namespace: String) -> Bool {
        namespaces.contains("*") || namespaces.contains(namespace)
    }
}

/// Everything the compiler needs to know: the documents of all instances and what they refer to.
package struct World: Sendable {
    package var documents: [DocumentKey: Document]
    /// Plugin instances as the configuration lists them; the earlier one wins a conflict.
    package var instanceOrder: [String]
    /// The services by plugin instance.
    package var services: [String: ExposedService]
    /// The filters by plugin instance.
    package var filters: [String: ExposedService]
    /// The time limit of an exchange whose rule names none; `Clock.never` is none.
    package var requestTimeoutNanoseconds: UInt64
    /// The time of a half-closed client where its listener names none; `Clock.never` is no limit.
    package var halfClosedNanoseconds: UInt64

    package init(
        documents: [DocumentKey: Document] = [:],
        instanceOrder: [String] = [],
        services: [String: ExposedService] = [:],
        filters: [String: ExposedService] = [:],
        requestTimeoutNanoseconds: UInt64 = Limits.span(Limits().requestTimeoutNanoseconds),
        halfClosedNanoseconds: UInt64 = Limits.span(Limits().halfClosedNanoseconds)
    ) {
        self.documents = documents
        self.instanceOrder = instanceOrder
        self.services = services
        self.filters = filters
        self.requestTimeoutNanoseconds = requestTimeoutNanoseconds
        self.halfClosedNanoseconds = halfClosedNanoseconds
    }

    package mutating func put(_ document: Document) { documents[document.key] = document }

    package mutating func remove(_ key: DocumentKey) { documents[key] = nil }

    /// Removes what an instance has besides `listed`.
    package mutating func sweep(instance: String, except listed: Set<DocumentKey>) {
        documents = documents.filter { $0.key.instance != instance || listed.contains($0.key) }
    }
}
