internal import SluiceShared

extension KindTable {
    static let namespace = KindTable(
        group: Group.core,
        kind: Kind.namespace,
        versions: ["v1"],
        isNamespaced: false,
        name: .label,
        body: ObjectShape([Field("spec", .anything)])
    )

    static let secret = KindTable(
        group: Group.core,
        kind: Kind.secret,
        versions: ["v1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape(
            [
                Field("type", .text(.free(253))),
                Field("immutable", .boolean),
                Field("data", .map(.text(.secretBase64), keys: .free(253), most: 1024)),
                Field("stringData", .map(.text(.secret), keys: .free(253), most: 1024)),
            ],
            rules: Rules.tlsSecret
        )
    )

    static let configMap = KindTable(
        group: Group.core,
        kind: Kind.configMap,
        versions: ["v1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape([
            Field("immutable", .boolean),
            Field("data", .map(.text(.any), keys: .free(253), most: 1024)),
            Field("binaryData", .map(.text(.any), keys: .free(253), most: 1024)),
        ])
    )

    static let service = KindTable(
        group: Group.core,
        kind: Kind.service,
        versions: ["v1"],
        isNamespaced: true,
        name: .label,
        body: ObjectShape([Field("spec", .object(serviceSpec), required: true)])
    )

    private static let serviceSpec = ObjectShape(
        [
            Field("ports", .list(.object(servicePort), count: 0...250)),
            Field(
                "type",
                .word(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])
            ),
            Field("selector", .map(.text(.labelValue), keys: .labelKey, most: 1024)),
            Field("clusterIP", .text(.any)),
            Field("publishNotReadyAddresses", .boolean),
            Field("sessionAffinity", .word(["None", "ClientIP"])),
        ]
            // What shapes traffic inside a cluster has no meaning here, but it is no mistake.
            + [
                "clusterIPs", "externalIPs", "externalName", "externalTrafficPolicy",
                "internalTrafficPolicy", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy",
                "allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerIP",
                "loadBalancerSourceRanges", "sessionAffinityConfig", "trafficDistribution",
            ].map { Field($0, .anything) },
        rules: Rules.service
    )

    private static let servicePort = ObjectShape([
        Field("name", .text(.label)),
        Field("protocol", .word(["TCP", "UDP", "SCTP"])),
        Field("appProtocol", .text(.free(317))),
        Field("port", Tables.port, required: true),
        Field("targetPort", .integerOrText(1...65535)),
        Field("nodePort", .integer(0...65535)),
    ])

    static let endpointSlice = KindTable(
        group: Group.discovery,
        kind: Kind.endpointSlice,
        versions: ["v1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape(
            [
                Field("addressType", .word(["IPv4", "IPv6", "FQDN"]), required: true),
                Field("endpoints", .list(.object(endpoint), count: 0...1000)),
                Field("ports", .list(.object(endpointPort), count: 0...20000)),
            ],
            rules: Rules.endpointSlice
        )
    )

    private static let endpoint = ObjectShape(
        [
            Field(
                "addresses",
                .list(.text(.free(253, least: 1)), count: 1...100),
                required: true
            ),
            Field(
                "conditions",
                .object(
                    ObjectShape([
                        Field("ready", .boolean),
                        Field("serving", .boolean),
                        Field("terminating", .boolean),
                    ])
                )
            ),
        ]
            + ["hostname", "targetRef", "deprecatedTopology", "nodeName", "zone", "hints"]
            .map { Field($0, .anything) }
    )

    private static let endpointPort = ObjectShape([
        Field("name", .text(.free(63))),
        Field("protocol", .word(["TCP", "UDP", "SCTP"])),
        Field("port", Tables.port),
        Field("appProtocol", .text(.free(317))),
    ])
}
