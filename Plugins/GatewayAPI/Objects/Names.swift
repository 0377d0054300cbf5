/// The API groups whose objects are read.
enum Group {
    static let core = ""
    static let gateway = "gateway.networking.k8s.io"
    static let discovery = "discovery.k8s.io"
    static let sluice = "sluice.dev"
}

/// Who this implementation is among the controllers of a cluster.
public enum Controller {
    /// The controller name that a GatewayClass gives to be served here.
    public static let name = "sluice.dev/gateway"
    /// The class that needs no GatewayClass object.
    public static let builtInClass = "sluice"
    /// The namespace of a manifest that names none.
    public static let defaultNamespace = "default"
}

/// Kinds that the translation looks up by name.
enum Kind {
    static let gatewayClass = "GatewayClass"
    static let gateway = "Gateway"
    static let httpRoute = "HTTPRoute"
    static let backendTLSPolicy = "BackendTLSPolicy"
    static let service = "Service"
    static let endpointSlice = "EndpointSlice"
    static let namespace = "Namespace"
    static let secret = "Secret"
    static let configMap = "ConfigMap"
    static let referenceGrant = "ReferenceGrant"
    static let backend = "Backend"
    static let filter = "Filter"
    static let plugin = "Plugin"
}

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
