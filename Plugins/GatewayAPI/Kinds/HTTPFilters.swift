internal import SluiceShared

/// The filters of an HTTPRoute: one shape, and which member belongs to which type.
enum HTTPFilters {
    /// Each filter type with the member that configures it.
    static let members = [
        ("RequestHeaderModifier", "requestHeaderModifier"),
        ("ResponseHeaderModifier", "responseHeaderModifier"),
        ("RequestMirror", "requestMirror"),
        ("RequestRedirect", "requestRedirect"),
        ("URLRewrite", "urlRewrite"),
        ("CORS", "cors"),
        ("ExternalAuth", "externalAuth"),
        ("ExtensionRef", "extensionRef"),
    ]

    /// Types that may stand once in a list of filters.
    static let onlyOnce = [
        "CORS", "RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite",
    ]

    static let shape = Shape.object(
        ObjectShape(
            [
                Field("type", .word(members.map(\.0)), required: true),
                Field("requestHeaderModifier", .object(headers)),
                Field("responseHeaderModifier", .object(headers)),
                Field("requestMirror", .object(mirror)),
                Field("requestRedirect", .object(redirect)),
                Field("urlRewrite", .object(rewrite)),
                Field("cors", .object(cors)),
                Field("externalAuth", .object(externalAuth)),
                Field("extensionRef", References.local),
            ],
            rules: Rules.filter
        )
    )

    private static let headers = ObjectShape([
        Field("set", .list(.object(header), count: 0...16, unique: ["name"])),
        Field("add", .list(.object(header), count: 0...16, unique: ["name"])),
        Field("remove", .list(.text(.headerName), count: 0...16, unique: ["name"])),
    ])

    private static let header = ObjectShape([
        Field("name", .text(.headerName), required: true),
        Field("value", .text(.headerValue), required: true),
    ])

    private static let mirror = ObjectShape(
        [
            Field("backendRef", References.backend, required: true),
            Field("percent", .integer(0...100)),
            Field(
                "fraction",
                .object(
                    ObjectShape(
                        [
                            Field("numerator", .integer(0...Int64(Int32.max)), required: true),
                            Field("denominator", .integer(1...Int64(Int32.max))),
                        ],
                        rules: Rules.fraction
                    )
                )
            ),
        ],
        rules: Rules.mirror
    )

    private static let path = ObjectShape(
        [
            Field(
                "type",
                .word(["ReplaceFullPath", "ReplacePrefixMatch"]),
                required: true
            ),
            Field("replaceFullPath", .text(.fullPath)),
            Field("replacePrefixMatch", .text(.prefixPath)),
        ],
        rules: Rules.pathModifier
    )

    private static let redirect = ObjectShape([
        Field("scheme", .word(["http", "https"])),
        Field("hostname", .text(.preciseHostname)),
        Field("path", .object(path)),
        Field("port", Tables.port),
        Field("statusCode", .code([301, 302, 303, 307, 308])),
    ])

    private static let rewrite = ObjectShape([
        Field("hostname", .text(.preciseHostname)),
        Field("path", .object(path)),
    ])

    private static let cors = ObjectShape(
        [
            Field("allowOrigins", .list(.text(.origin), count: 0...64)),
            Field("allowCredentials", .boolean),
            Field("allowMethods", .list(.word(KindTable.methods + ["*"]), count: 0...9)),
            Field("allowHeaders", .list(.text(.headerName), count: 0...64)),
            Field("exposeHeaders", .list(.text(.headerName), count: 0...64)),
            Field("maxAge", .integer(1...Int64(Int32.max))),
        ],
        rules: Rules.cors
    )

    private static let externalAuth = ObjectShape(
        [
            Field("protocol", .word(["HTTP", "GRPC"]), required: true),
            Field("backendRef", References.backend, required: true),
            Field("grpc", .object(ObjectShape([allowedHeaders]))),
            Field(
                "http",
                .object(
                    ObjectShape([
                        Field("path", .text(.prefixPath)),
                        allowedHeaders,
                        Field("allowedResponseHeaders", .list(.text(.headerName), count: 0...64)),
                    ])
                )
            ),
            Field(
                "forwardBody",
                .object(ObjectShape([Field("maxSize", .integer(0...65535))]))
            ),
        ],
        rules: Rules.externalAuth
    )

    private static let allowedHeaders = Field(
        "allowedHeaders",
        .list(.text(.headerName), count: 0...64)
    )
}

extension TextRule {
    static let fullPath = TextRule(
        "an absolute path",
        "^/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$",
        1...1024
    ) { $0.first == slash && isPathText(String($0)) }

    static let prefixPath = TextRule(
        "an absolute path or an empty text",
        "^(/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)?$",
        0...1024
    ) { $0.isEmpty || ($0.first == slash && isPathText(String($0))) }

    static let origin = TextRule(
        "\"*\" or an origin such as https://*.example.com",
        "^(\\*|[A-Za-z][-A-Za-z0-9+.]*://[^:/?# ]+(:[0-9]{1,5})?)$",
        1...253,
        isOrigin
    )
}

private func isOrigin(_ text: String.UTF8View) -> Bool {
    if text.elementsEqual("*".utf8) { return true }
    let parts = String(text).split(separator: "://", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = parts[0].utf8.first, isLetter(first) else { return false }
    let place = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    let isPort = place.count == 1 || (1...5).contains(place[1].utf8.count)
    return place.count <= 2 && isPort && !place[0].isEmpty
        && place[0].utf8.allSatisfy { !"/?# ".utf8.contains($0) }
        && place.dropFirst().allSatisfy { $0.utf8.allSatisfy(isDigit) }
}
