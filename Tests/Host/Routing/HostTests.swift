import SluiceRouting
import Testing

/// The core tables of the Gateway API's conformance tests, hosts and listeners.
struct HostTests {
    private static let any = TestWorld.rule("prefix", "/", 201)

    @Test func `routes of several listeners are told apart by host`() throws {
        var test = TestWorld()
        let hostnames = ["very.specific.com", "*.wildcard.io", "*.anotherwildcard.io"]
        for (index, hostname) in hostnames.enumerated() {
            try test.listener("l\(index)", hostname: hostname)
        }
        try test.route(
            "specific",
            listeners: ["l0", "l1", "l2"],
            hosts: ["non.matching.com", "*.nonmatchingwildcard.io", "very.specific.com"],
            rules: TestWorld.rule("prefix", "/s1", 201)
        )
        try test.route(
            "wild",
            listeners: ["l0", "l1", "l2"],
            hosts: ["*.specific.com"],
            rules: TestWorld.rule("prefix", "/s3", 203)
        )
        try test.route(
            "wildcard",
            listeners: ["l0", "l1", "l2"],
            hosts: ["*.wildcard.io", "foo.bar.com"],
            rules: TestWorld.rule("prefix", "/s2", 202)
        )
        let compilation = test.compile()
        #expect(compilation.problems == [])
        let expected: [(String, String, Int)] = [
            ("very.specific.com", "/s1", 201), ("very.specific.com:1234", "/s1", 201),
            ("non.matching.com", "/s1", 404), ("foo.nonmatchingwildcard.io", "/s1", 404),
            ("very.specific.com", "/s3", 203), ("foo.specific.com", "/s3", 404),
            ("foo.wildcard.io", "/s2", 202), ("foo.bar.wildcard.io", "/s2", 202),
            ("wildcard.io", "/s2", 404), ("foo.bar.com", "/s2", 404),
            ("foo.anotherwildcard.io", "/s2", 404), ("very.specific.com", "/s2", 404),
        ]
        for (host, path, status) in expected {
            #expect(compilation.status(host, path) == status, "\(host)\(path)")
        }
    }

    @Test func `the most specific listener answers for its hosts`() throws {
        var test = TestWorld()
        let hostnames = ["bar.com", "foo.bar.com", "*.bar.com", "*.foo.com"]
        for (index, hostname) in hostnames.enumerated() {
            try test.listener("l\(index)", hostname: hostname)
            try test.route(
                "r\(index)",
                listeners: ["l\(index)"],
                rules: TestWorld.rule("prefix", "/", 201 + index)
            )
        }
        let compilation = test.compile()
        let expected = [
            "bar.com": 201, "foo.bar.com": 202, "baz.bar.com": 203, "boo.bar.com": 203,
            "multiple.prefixes.bar.com": 203, "multiple.prefixes.foo.com": 204, "foo.com": 404,
            "no.matching.host": 404, "": 404,
        ]
        for (host, status) in expected {
            #expect(compilation.status(host, "/") == status, "\(host)")
        }
    }

    @Test func `only the routes of the most specific listener count unless it is not isolated`()
        throws
    {
        var test = TestWorld()
        try test.listener("any")
        try test.listener("wide", hostname: "*.example.com")
        try test.listener("narrow", hostname: "*.foo.example.com")
        for (index, name) in ["any", "wide", "narrow"].enumerated() {
            try test.route(
                name,
                listeners: [name],
                rules: TestWorld.rule("prefix", "/\(name)", 201 + index)
            )
        }
        let isolated = test.compile()
        #expect(isolated.status("a.foo.example.com", "/narrow") == 203)
        #expect(isolated.status("a.foo.example.com", "/wide") == 404)
        #expect(isolated.status("a.foo.example.com", "/any") == 404)
        #expect(isolated.status("other.test", "/any") == 201)
        try test.put(
            .listener,
            "narrow",
            #"{"port":8080,"protocol":"HTTP","hostname":"*.foo.example.com","isolation":false}"#
        )
        let open = test.compile()
        #expect(open.status("a.foo.example.com", "/wide") == 202)
        #expect(open.status("a.foo.example.com", "/any") == 404)
    }

    @Test func `a path that the exact host lacks is asked of the wildcard and then of any`() throws
    {
        var test = TestWorld()
        try test.listener()
        try test.route("any", rules: TestWorld.rule("prefix", "/any", 201))
        try test.route(
            "short",
            hosts: ["*.test"],
            rules: TestWorld.rule("prefix", "/short", 202)
        )
        try test.route(
            "long",
            hosts: ["*.b.test"],
            rules: TestWorld.rule("prefix", "/long", 203)
        )
        try test.route(
            "exact",
            hosts: ["a.b.test"],
            rules: TestWorld.rule("prefix", "/exact", 204)
        )
        let compilation = test.compile()
        let paths = ["/any": 201, "/short": 202, "/long": 203, "/exact": 204, "/none": 404]
        for (path, status) in paths {
            #expect(compilation.status("a.b.test", path) == status, "\(path)")
        }
        #expect(compilation.status("b.test", "/long") == 404)
        #expect(compilation.status("b.test", "/short") == 202)
        #expect(compilation.status("x.c.test", "/long") == 404)
    }

    @Test func `a route with the exact host comes before an older one with a wildcard`() throws {
        var test = TestWorld()
        try test.listener(hostname: "very.specific.com")
        try test.route(
            "wild",
            hosts: ["*.specific.com"],
            created: 20,
            rules: TestWorld.rule("exact", "/x", 202)
        )
        try test.route(
            "exact",
            hosts: ["very.specific.com"],
            created: 21,
            rules: TestWorld.rule("prefix", "/x", 201)
        )
        #expect(test.compile().status("very.specific.com", "/x") == 201)
    }

    @Test func `routes with one host merge and a host of one route alone is its own`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "one",
            hosts: ["example.com", "example.net"],
            rules: TestWorld.rule("prefix", "/", 201)
        )
        try test.route(
            "two",
            hosts: ["example.com"],
            rules: TestWorld.rule("prefix", "/v2", 202)
        )
        let compilation = test.compile()
        #expect(compilation.status("example.net", "/v2") == 201)
        #expect(compilation.status("example.com", "/v2") == 202)
        #expect(compilation.status("example.com", "/") == 201)
        #expect(compilation.status("example.org", "/") == 404)
    }

    @Test(arguments: [
        "a.b.test", "A.B.Test", "a.b.test:80", "A.b.TEST:65535", "a.b.test.", "a.b.test.:8080",
    ])
    func `case, port and trailing dot of a host have no meaning`(host: String) throws {
        var test = TestWorld()
        try test.listener()
        try test.route("r", hosts: ["a.b.test"], rules: Self.any)
        #expect(test.compile().status(host, "/") == 201)
        try test.route("r", hosts: ["*.b.test"], rules: Self.any)
        #expect(test.compile().status(host, "/") == 201)
    }

    @Test(arguments: [
        "", ".", "..", ":", ":80", "b.test", ".b.test", "[::1]", "[::1]:80", "[", "a.b.testx",
        "a@b.test", "xb.test", "a.b.test..", String(repeating: "a.", count: 4_000),
    ])
    func `a strange or other host finds no named route`(host: String) throws {
        var test = TestWorld()
        try test.listener()
        try test.route("r", hosts: ["*.b.test"], rules: Self.any)
        #expect(test.compile().status(host, "/") == 404)
        try test.route("r", rules: Self.any)
        #expect(test.compile().status(host, "/") == 201)
    }
}
