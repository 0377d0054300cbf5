internal import SluiceShared

extension KindTable {
    static let httpRoute = KindTable(
        group: Group.gateway,
        kind: Kind.httpRoute,
        versions: ["v1", "v1beta1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape([Field("spec", .object(httpRouteSpec), required: true)])
    )

    private static let httpRouteSpec = ObjectShape(
        [
            Field("parentRefs", .list(References.parent, count: 0...32)),
            Field("useDefaultGateways", .word(["All", "None"])),
            Field("hostnames", .list(.text(.hostname), count: 0...16)),
            Field("rules", .list(.object(httpRule), count: 1...16)),
        ],
        rules: Rules.httpRoute
    )

    private static let httpRule = ObjectShape(
        [
            Field("name", .text(.subdomain)),
            Field("matches", .list(.object(match), count: 0...64)),
            Field("filters", .list(HTTPFilters.shape, count: 0...16)),
            Field("backendRefs", .list(.object(backendRef), count: 0...16)),
            Field("timeouts", .object(timeouts)),
            Field("retry", .object(retry)),
            Field("sessionPersistence", .object(session)),
        ],
        rules: Rules.httpRule
    )

    private static let match = ObjectShape([
        Field("path", .object(path)),
        Field("headers", .list(.object(header), count: 0...16, unique: ["name"])),
        Field("queryParams", .list(.object(query), count: 0...16, unique: ["name"])),
        Field("method", .word(methods)),
    ])

    static let methods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ]

    private static let path = ObjectShape(
        [
            Field("type", .word(["Exact", "PathPrefix", "RegularExpression"])),
            Field("value", .text(.free(1024))),
        ],
        rules: Rules.path
    )

    private static let header = ObjectShape([
        Field("type", .word(["Exact", "RegularExpression"])),
        Field("name", .text(.headerName), required: true),
        Field("value", .text(.free(4096, least: 1)), required: true),
    ])

    private static let query = ObjectShape([
        Field("type", .word(["Exact", "RegularExpression"])),
        Field("name", .text(.headerName), required: true),
        Field("value", .text(.free(1024, least: 1)), required: true),
    ])

    private static let backendRef = ObjectShape(
        References.backendFields + [
            Field("weight", .integer(0...1_000_000)),
            Field("filters", .list(HTTPFilters.shape, count: 0...16)),
        ],
        rules: Rules.backendRef
    )

    private static let timeouts = ObjectShape(
        [
            Field("request", .text(.duration)),
            Field("backendRequest", .text(.duration)),
        ],
        rules: Rules.timeouts
    )

    private static let retry = ObjectShape([
        Field("codes", .list(.integer(400...599), count: 0...64, unique: ["code"])),
        Field("attempts", .integer(1...100)),
        Field("backoff", .text(.duration)),
    ])

    private static let session = ObjectShape(
        [
            Field("sessionName", .text(.headerName)),
            Field("absoluteTimeout", .text(.duration)),
            Field("type", .word(["Cookie", "Header"])),
            Field(
                "cookieConfig",
                .object(
                    ObjectShape([Field("lifetimeType", .word(["Permanent", "Session"]))])
                )
            ),
        ],
        rules: Rules.session
    )
}
