import Testing

/// The forms of text, tried through the fields that use them.
@Suite struct FormTests {
    struct Row: CustomTestStringConvertible {
        let field: String
        let right: [String]
        let wrong: [String]
        var testDescription: String { field }
    }

    static let rows: [Row] = [
        Row(
            field: "timeouts: {request: \"@\"}",
            right: ["0s", "10s", "500ms", "1h30m", "99999h99999m99999s99999ms"],
            wrong: ["", "10", "s", "1.5s", "100000s", "1d", "-1s", "1h1h1h1h1h", "1 s"]
        ),
        Row(
            field: "matches: [{headers: [{name: \"@\", value: v}]}]",
            right: ["x-a", "X_A", "a.b", "!#$%&'*+-.^_`|~09azAZ"],
            wrong: ["", "a b", "a:b", "é"]
        ),
        Row(
            field: "name: \"@\"",
            right: ["a", "a-1.b"],
            wrong: ["", "A", "-a", "a-", "a..b", ".a", "a_b"]
        ),
        Row(
            field: "filters: [{type: CORS, cors: {allowOrigins: [\"@\"]}}]",
            right: ["*", "https://a.test", "http://*.a.test:8080"],
            wrong: ["", "a.test", "https://", "https://a.test/x", "https://a:port", "//a.test"]
        ),
        Row(
            field: "filters: [{type: URLRewrite, urlRewrite: {hostname: \"@\"}}]",
            right: ["a.test", "a"],
            wrong: ["*.a.test", "A.test", "10.0.0.1", "a.test:80"]
        ),
        Row(
            field:
                "filters: [{type: URLRewrite, urlRewrite: {path: "
                + "{type: ReplaceFullPath, replaceFullPath: \"@\"}}}]",
            right: ["/", "/a/%20b"],
            wrong: ["", "a", "/a b", "/%2", "/?a"]
        ),
    ]

    @Test(arguments: rows)
    func `a text is taken in its form and refused in any other`(row: Row) throws {
        for (texts, isRight) in [(row.right, true), (row.wrong, false)] {
            for text in texts {
                let rule = row.field.split(separator: "@").joined(separator: text)
                let world = try World(
                    """
                    apiVersion: gateway.networking.k8s.io/v1
                    kind: HTTPRoute
                    metadata: {name: r}
                    spec: {rules: [{\(rule)}]}
                    """
                )
                #expect(world.refused.isEmpty == isRight, "\(text)")
            }
        }
    }

    @Test(arguments: [
        ("10.0.0.1", true), ("0.0.0.0", true), ("255.255.255.255", true), ("::", true),
        ("::1", true), ("fd00::1:2", true), ("1:2:3:4:5:6:7:8", true), ("::ffff:10.0.0.1", true),
        ("256.0.0.1", false), ("1.2.3", false), ("01.2.3.4", false), ("1.2.3.4.5", false),
        ("", false), (":", false), ("1::2::3", false), ("1:2:3:4:5:6:7:8:9", false),
        ("12345::", false), ("g::", false), ("1:2:3:4:5:6:7::", true), ("1:2:3:4:5:6:7::8", false),
        ("a.test", false),
    ])
    func `addresses are told from other texts`(text: String, isAddress: Bool) throws {
        let world = try World(
            """
            apiVersion: sluice.dev/v1alpha1
            kind: Backend
            metadata: {name: b}
            spec: {endpoints: [{ip: "\(text)", port: 1}]}
            """
        )
        #expect(world.refused.isEmpty == isAddress)
    }
}
