/// The six kinds of document a source may publish; the raw value is the name in the header.
package enum DocumentKind: String, CaseIterable, Sendable {
    case listener
    case certificate
    case trust
    case pool
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

    /// Orders by instance name, then kind, then name; configuration order is the world's.
    package static func < (left: DocumentKey, right: DocumentKey) -> Bool {
        if left.instance != right.instance { return left.instance < right.instance }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        return left.name < right.name
    }
}
