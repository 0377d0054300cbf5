internal import SluiceShared

extension KindTable {
    static let gatewayClass = KindTable(
        group: Group.gateway,
        kind: Kind.gatewayClass,
        versions: ["v1", "v1beta1"],
        isNamespaced: false,
        name: .subdomain,
        body: ObjectShape([
            Field(
                "spec",
                .object(
                    ObjectShape([
                        Field("controllerName", .text(.controller), required: true),
                        Field("description", .text(.free(64))),
                        Field("parametersRef", .object(parameters)),
                    ])
                ),
                required: true
            )
        ])
    )

    static let gateway = KindTable(
        group: Group.gateway,
        kind: Kind.gateway,
        versions: ["v1", "v1beta1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape([Field("spec", .object(gatewaySpec), required: true)])
    )

    private static let parameters = ObjectShape([
        Field("group", .text(.group), required: true),
        Field("kind", .text(.kind), required: true),
        Field("name", .text(.free(253, least: 1)), required: true),
        Field("namespace", .text(.label)),
    ])

    private static let gatewaySpec = ObjectShape(
        [
            Field("gatewayClassName", .text(.free(253, least: 1)), required: true),
            Field(
                "listeners",
                .list(.object(listener), count: 1...64),
                required: true
            ),
            Field("addresses", .list(.object(address), count: 0...16)),
            Field("infrastructure", .object(infrastructure)),
            Field("allowedListeners", .object(allowedListeners)),
            Field("tls", .object(gatewayTLS)),
            Field("defaultScope", .word(["All", "None"])),
        ],
        rules: Rules.gateway
    )

    private static let listener = ObjectShape(
        [
            Field("name", .text(.subdomain), required: true),
            Field("hostname", .text(.hostname)),
            Field("port", Tables.port, required: true),
            Field("protocol", .text(.protocolName), required: true),
            Field("tls", .object(listenerTLS)),
            Field("allowedRoutes", .object(allowedRoutes)),
        ],
        rules: Rules.listener
    )

    private static let listenerTLS = ObjectShape(
        [
            Field("mode", .word(["Terminate", "Passthrough"])),
            Field("certificateRefs", .list(References.secret, count: 0...64)),
            Field("options", .map(.text(.free(4096)), keys: .labelKey, most: 16)),
        ],
        rules: Rules.listenerTLS
    )

    private static let allowedRoutes = ObjectShape([
        Field(
            "namespaces",
            .object(
                ObjectShape([
                    Field("from", .word(["All", "Selector", "Same"])),
                    Field("selector", Tables.selector),
                ])
            )
        ),
        Field(
            "kinds",
            .list(
                .object(
                    ObjectShape([
                        Field("group", .text(.group)),
                        Field("kind", .text(.kind), required: true),
                    ])
                ),
                count: 0...8
            )
        ),
    ])

    private static let address = ObjectShape([
        Field("type", .text(.addressType)),
        Field("value", .text(.free(253))),
    ])

    private static let infrastructure = ObjectShape([
        Field("labels", .map(.text(.labelValue), keys: .labelKey, most: 16)),
        Field("annotations", .map(.text(.free(4096)), keys: .labelKey, most: 16)),
        Field(
            "parametersRef",
            .object(
                ObjectShape([
                    Field("group", .text(.group), required: true),
                    Field("kind", .text(.kind), required: true),
                    Field("name", .text(.free(253, least: 1)), required: true),
                ])
            )
        ),
    ])

    private static let allowedListeners = ObjectShape([
        Field(
            "namespaces",
            .object(
                ObjectShape([
                    Field("from", .word(["All", "Selector", "Same", "None"])),
                    Field("selector", Tables.selector),
                ])
            )
        )
    ])

    private static let gatewayTLS = ObjectShape([
        Field(
            "backend",
            .object(ObjectShape([Field("clientCertificateRef", References.secret)]))
        ),
        Field(
            "frontend",
            .object(
                ObjectShape([
                    Field("default", .object(frontend), required: true),
                    Field("perPort", .list(.object(perPort), count: 0...64, unique: ["port"])),
                ])
            )
        ),
    ])

    private static let perPort = ObjectShape([
        Field("port", Tables.port, required: true),
        Field("tls", .object(frontend), required: true),
    ])

    private static let frontend = ObjectShape([
        Field(
            "validation",
            .object(
                ObjectShape([
                    Field(
                        "caCertificateRefs",
                        .list(References.authority, count: 1...16),
                        required: true
                    ),
                    Field("mode", .word(["AllowValidOnly", "AllowInsecureFallback"])),
                ])
            )
        )
    ])
}

extension TextRule {
    /// A controller's name: a domain, a slash and a path.
    static let controller = TextRule(
        "a domain-prefixed path such as sluice.dev/gateway",
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/"
            + "[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$",
        1...253
    ) { text in
        guard let cut = text.firstIndex(of: slash) else { return false }
        return isSubdomain(text[..<cut]) && text.index(after: cut) < text.endIndex
    }

    static let protocolName = TextRule(
        "a protocol such as HTTP or HTTPS",
        "^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]([-a-z0-9]*[a-z0-9]"
            + ")?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9]+$",
        1...255
    ) { text in
        text.allSatisfy { isAlphanumeric($0) || $0 == dash || $0 == dot || $0 == slash }
    }

    static let addressType = TextRule(
        "an address type such as IPAddress",
        "^Hostname|IPAddress|NamedAddress|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a"
            + "-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$",
        1...253
    ) { text in
        !text.isEmpty
    }
}
