internal import SluiceShared

extension KindTable {
    /// Endpoints without a Service, for a world without a cluster.
    static let backend = KindTable(
        group: Group.sluice,
        kind: Kind.backend,
        versions: ["v1alpha1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape([
            Field(
                "spec",
                .object(
                    ObjectShape([
                        Field(
                            "endpoints",
                            .list(.object(backendEndpoint), count: 1...1000),
                            required: true
                        )
                    ])
                ),
                required: true
            )
        ])
    )

    private static let backendEndpoint = ObjectShape(
        [
            Field("ip", .text(.address)),
            Field("host", .text(.preciseHostname)),
            Field("unix", .text(.absolutePath)),
            Field("port", Tables.port),
        ],
        rules: Rules.backendEndpoint
    )

    /// A plugin filter with its configuration, which a route names by ExtensionRef.
    static let filter = KindTable(
        group: Group.sluice,
        kind: Kind.filter,
        versions: ["v1alpha1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape([
            Field(
                "spec",
                .object(
                    ObjectShape([
                        Field("plugin", .text(.free(253, least: 1)), required: true),
                        Field("config", .map(.anything, keys: .any, most: 1024)),
                    ])
                ),
                required: true
            )
        ])
    )
}

extension TextRule {
    static let address = TextRule("an IP address", "", 2...45) { isAddress(String($0)) }
}
