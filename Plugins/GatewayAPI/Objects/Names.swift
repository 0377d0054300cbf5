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
