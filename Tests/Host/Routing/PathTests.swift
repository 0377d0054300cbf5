import SluiceRouting
import Testing

/// The core tables of the Gateway API's conformance tests, paths.
struct PathTests {
    @Test func `a prefix matches by whole segments`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            rules: [TestWorld.rule("prefix", "/", 201), TestWorld.rule("prefix", "/v2", 202)]
                .joined(separator: ",")
        )
        let compilation = test.compile()
        for path in ["/", "/example", "/v2example", "/foo/v2/example", "/v", "//v2"] {
            #expect(compilation.status("a.test", path) == 201, "\(path)")
        }
        for path in ["/v2", "/v2/", "/v2/example", "/v2//x"] {
            #expect(compilation.status("a.test", path) == 202, "\(path)")
        }
    }

    @Test func `an exact path beats the prefixes and the longer prefix beats the shorter`() throws {
        var test = TestWorld()
        try test.listener()
        let rules = [
            TestWorld.rule("exact", "/match", 201), TestWorld.rule("exact", "/match/exact", 202),
            TestWorld.rule("exact", "/match/exact/one", 203),
            TestWorld.rule("prefix", "/match/", 203),
            TestWorld.rule("prefix", "/match/prefix/", 201),
            TestWorld.rule("prefix", "/match/prefix/one", 202),
        ]
        for order in [rules, rules.reversed()] {
            try test.route("r", rules: order.joined(separator: ","))
            let compilation = test.compile()
            let expected = [
                "/match": 201, "/match/exact": 202, "/match/exact/one": 203,
                "/match/prefix": 201, "/match/prefix/": 201, "/match/prefix/one/any": 202,
                "/match/prefix/any": 201, "/match/any": 203, "/match/": 203, "/other": 404,
            ]
            for (path, status) in expected {
                #expect(compilation.status("a.test", path) == status, "\(path)")
            }
        }
    }

    @Test func `an exact path matches byte for byte`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            rules: [TestWorld.rule("exact", "/one", 201), TestWorld.rule("exact", "/two", 202)]
                .joined(separator: ",")
        )
        let compilation = test.compile()
        #expect(compilation.status("a.test", "/one") == 201)
        #expect(compilation.status("a.test", "/two") == 202)
        for path in ["/", "/one/example", "/two/", "/Two", "", "*", "one"] {
            #expect(compilation.status("a.test", path) == 404, "\(path)")
        }
    }

    @Test func `a match tells how much of the path it took`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            rules: [
                TestWorld.rule("prefix", "/", 201), TestWorld.rule("prefix", "/a/b/", 202),
                TestWorld.rule("exact", "/a/b/c", 203),
            ].joined(separator: ",")
        )
        let compilation = test.compile()
        let lengths = ["/x": 0, "/a/b": 4, "/a/b/": 4, "/a/b/d": 4, "/a/b/c": 6]
        for (path, length) in lengths {
            guard case .found(_, let prefixLength) = compilation.match("a.test", path) else {
                Issue.record("\(path) is not found")
                continue
            }
            #expect(Int(prefixLength) == length, "\(path)")
        }
    }

    @Test func `a rule without matches takes every path`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route("r", rules: #"{"matches":[],"backends":[{"status":201}]}"#)
        #expect(test.compile().status("a.test", "/any/thing") == 201)
        try test.route("r", rules: #"{"matches":[{}],"backends":[{"status":202}]}"#)
        #expect(test.compile().status("a.test", "/any/thing") == 202)
    }

    @Test func `of equal matches the older route wins, then the first name, then the first rule`()
        throws
    {
        var test = TestWorld()
        try test.listener()
        try test.route("b", created: 20, rules: TestWorld.rule("prefix", "/x", 201))
        try test.route("a", created: 21, rules: TestWorld.rule("prefix", "/x", 202))
        try test.route("0", rules: TestWorld.rule("prefix", "/x", 203))
        #expect(test.compile().status("a.test", "/x") == 201)
        try test.route("a", created: 20, rules: TestWorld.rule("prefix", "/x", 202))
        #expect(test.compile().status("a.test", "/x") == 202)
        try test.route(
            "a",
            created: 19,
            rules: TestWorld.rule("prefix", "/x", 204) + "," + TestWorld.rule("prefix", "/x", 205)
        )
        #expect(test.compile().status("a.test", "/x") == 204)
    }

    @Test func `a path of thousands of segments costs no more than its length`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route("r", rules: TestWorld.rule("prefix", "/a", 201))
        let compilation = test.compile()
        let path = String(repeating: "/a", count: 4_000)
        #expect(compilation.match("a.test", path) == .found(action: 0, prefixLength: 2))
    }
}
