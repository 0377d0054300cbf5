internal import SluiceShared

/// The objects of the world, found by what refers to them.
struct ObjectIndex {
    private var objects: [String: [String: ManifestObject]] = [:]
    private var slices: [String: [ManifestObject]] = [:]
    private var grants: [String: [ManifestObject]] = [:]

    /// The label by which an EndpointSlice names its Service.
    static let serviceLabel = "kubernetes.io/service-name"
    /// The label that every namespace has without saying so.
    static let namespaceLabel = "kubernetes.io/metadata.name"

    init(_ objects: some Sequence<ManifestObject>) {
        for object in objects {
            let key = object.key
            self.objects[key.kind, default: [:]][key.path] = object
            switch key.kind {
            case Kind.endpointSlice:
                guard let service = object.labels[Self.serviceLabel] else { continue }
                slices["\(key.namespace)/\(service)", default: []].append(object)
            case Kind.referenceGrant: grants[key.namespace, default: []].append(object)
            default: break
            }
        }
    }

    /// The object of a kind by `namespace/name`, or by its name when it has no namespace.
    func object(_ kind: String, _ path: String) -> ManifestObject? { objects[kind]?[path] }

    /// All objects of a kind, by name.
    func all(_ kind: String) -> [ManifestObject] {
        (objects[kind] ?? [:]).values.sorted { $0.key < $1.key }
    }

    /// The slices of a Service, by name.
    func slices(of service: String) -> [ManifestObject] {
        (slices[service] ?? []).sorted { $0.key < $1.key }
    }

    /// The labels of a namespace, given or not.
    func labels(ofNamespace name: String) -> [String: String] {
        var labels = object(Kind.namespace, name)?.labels ?? [:]
        labels[Self.namespaceLabel] = name
        return labels
    }

    /// Whether a ReferenceGrant of the target's namespace lets the reference pass.
    func isGranted(from: ObjectKey, to: ObjectKey) -> Bool {
        if from.namespace == to.namespace { return true }
        return (grants[to.namespace] ?? []).contains { grant in
            let allowsFrom = grant.spec.list("from").contains { entry in
                entry.text("group") == from.group && entry.text("kind") == from.kind
                    && entry.text("namespace") == from.namespace
            }
            return allowsFrom
                && grant.spec.list("to").contains { entry in
                    entry.text("group") == to.group && entry.text("kind") == to.kind
                        && (entry.text("name") ?? to.name) == to.name
                }
        }
    }
}
