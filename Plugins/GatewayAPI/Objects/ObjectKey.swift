/// What names an object for ever: its kind, its namespace and its name.
///
/// Two manifests with one key are one object in two places. Cluster-scoped kinds have the
/// empty namespace.
public struct ObjectKey: Hashable, Sendable {
    /// The API group; empty for the core kinds.
    public let group: String
    /// The kind, for example `HTTPRoute`.
    public let kind: String
    /// The namespace; empty for cluster-scoped kinds.
    public let namespace: String
    /// The name inside the namespace.
    public let name: String

    /// Names one object.
    public init(group: String, kind: String, namespace: String, name: String) {
        self.group = group
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or the bare name of a cluster-scoped object.
    public var path: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

extension ObjectKey: CustomStringConvertible {
    /// `HTTPRoute default/shop`: what every report calls the object.
    public var description: String { "\(kind) \(path)" }
}

extension ObjectKey: Comparable {
    /// Orders by kind, then namespace, then name, so that listings are stable.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.kind, left.group, left.namespace, left.name)
            < (right.kind, right.group, right.namespace, right.name)
    }
}
