internal import SluiceShared

/// All kinds that are read, by group and kind.
enum Tables {
    static let all: [KindTable] = [
        .gatewayClass, .gateway, .httpRoute, .backendTLSPolicy, .referenceGrant, .service,
        .endpointSlice, .namespace, .secret, .configMap, .backend, .filter,
    ]

    /// Kinds of the Gateway API that exist but are not translated: known, so that a manifest
    /// with one is answered with the truth rather than with a guess at a spelling mistake.
    static let notSupported: Set<String> = [
        "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "ListenerSet", "XBackend",
        "XBackendTrafficPolicy", "XMesh",
    ]

    static func table(group: String, kind: String) -> KindTable? { index["\(group)/\(kind)"] }

    private static let index: [String: KindTable] = {
        var index: [String: KindTable] = [:]
        for table in all { index["\(table.group)/\(table.kind)"] = table }
        return index
    }()

    /// `metadata` of every kind.
    static func metadata(name: TextRule) -> ObjectShape {
        ObjectShape([
            Field("name", .text(name), required: true),
            Field("generateName", .text(.any)),
            Field("namespace", .text(.label)),
            Field("labels", .map(.text(.labelValue), keys: .labelKey, most: 1024)),
            Field("annotations", .map(.text(.any), keys: .labelKey, most: 1024)),
            Field("creationTimestamp", .text(.timestamp)),
            Field("generation", .integer(0...Int64.max)),
            Field("uid", .text(.any)),
            Field("resourceVersion", .text(.any)),
            Field("selfLink", .text(.any)),
            Field("deletionTimestamp", .text(.timestamp)),
            Field("deletionGracePeriodSeconds", .integer(0...Int64.max)),
            Field("finalizers", .list(.text(.any), count: 0...1024)),
            Field("ownerReferences", .anything),
            Field("managedFields", .anything),
        ])
    }

    /// Label selector of Kubernetes.
    static let selector = Shape.object(
        ObjectShape([
            Field("matchLabels", .map(.text(.labelValue), keys: .labelKey, most: 1024)),
            Field("matchExpressions", .list(.object(expression), count: 0...1024)),
        ])
    )

    private static let expression = ObjectShape([
        Field("key", .text(.labelKey), required: true),
        Field("operator", .word(["In", "NotIn", "Exists", "DoesNotExist"]), required: true),
        Field("values", .list(.text(.labelValue), count: 0...1024)),
    ])

    static let port = Shape.integer(1...65535)
}
