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

    @Test(
        arguments: [
            ("/%61b", "/ab"), ("/a//b", "/a/b"), ("/x/%2e%2E/a", "/a"), ("/%2e/a", "/a"),
            ("/a%2fb", "/a%2Fb"), ("/%7Ea/%c3%a9", "/~a/%C3%A9"), ("//", "/"), ("/a//", "/a/"),
        ]
    )
    func `paths are matched in their canonical form`(written: String, canonical: String) throws {
        for kind in ["exact", "prefix"] {
            var test = TestWorld()
            try test.listener()
            try test.route("r", rules: TestWorld.rule(kind, written, 201))
            let compilation = test.compile()
            #expect(compilation.status("a.test", canonical) == 201, "\(kind)")
            #expect(compilation.words.isEmpty)
        }
    }

    @Test func `paths with one canonical form are one path, and the older route wins it`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route("a", created: 21, rules: TestWorld.rule("prefix", "/ab", 201))
        try test.route("b", created: 20, rules: TestWorld.rule("prefix", "/%61b", 202))
        #expect(test.compile().status("a.test", "/ab/c") == 202)
    }

    @Test func `a listener that keeps slashes has other paths than one that merges them`() throws {
        var test = TestWorld()
        try test.listener()
        try test.listener("kept", port: 8_081, #","mergeSlashes":false"#)
        try test.route(
            "r",
            listeners: ["web", "kept"],
            rules: TestWorld.rule("exact", "/%61//b", 201)
        )
        let compilation = test.compile()
        let merging = try compilation.snapshot.view.binding("127.0.0.1", 8_080)
        let keeping = try compilation.snapshot.view.binding("127.0.0.1", 8_081)
        #expect(compilation.status("a.test", "/a/b", binding: merging) == 201)
        #expect(compilation.status("a.test", "/a//b", binding: merging) == 404)
        #expect(compilation.status("a.test", "/a/b", binding: keeping) == 404)
        #expect(compilation.status("a.test", "/a//b", binding: keeping) == 201)
    }

    @Test(arguments: ["/%2e%2e/a", "/%00", "/a/..;b", "/a%2f%2e%2e/b", "/a/%2e%2e/%2e%2e"])
    func `a path that no request has is left out and reported`(path: String) throws {
        var test = TestWorld()
        try test.listener()
        let both =
            #"{"matches":[{"path":{"exact":"/good"}},{"path":{"prefix":"\#(path)"}}],"#
            + #""backends":[{"status":201}]}"#
        try test.route("r", rules: both + "," + TestWorld.rule("exact", path, 202))
        let compilation = test.compile()
        #expect(compilation.status("a.test", "/good") == 201)
        for other in ["/", "/a", "/b", path] {
            #expect(compilation.status("a.test", other) == 404, "\(other)")
        }
        #expect(
            compilation.words == [
                "route r bad-path /rules/0/matches/1/path",
                "route r bad-path /rules/1/matches/0/path",
            ]
        )
        #expect(compilation.problems.allSatisfy { $0.severity == .warning })
        let text = try #require(compilation.problems.first).text
        #expect(text.contains("\"\(path)\"") && text.contains("\"web\""))
    }

    @Test func `a path with an escaped slash is left out where a listener rejects it`() throws {
        var test = TestWorld()
        try test.listener()
        try test.listener("strict", port: 8_081, #","escapedSlashes":"reject""#)
        try test.route(
            "r",
            listeners: ["web", "strict"],
            rules: TestWorld.rule("exact", "/a%2fb", 201)
        )
        let compilation = test.compile()
        let keeping = try compilation.snapshot.view.binding("127.0.0.1", 8_080)
        #expect(compilation.status("a.test", "/a%2Fb", binding: keeping) == 201)
        #expect(compilation.words == ["route r bad-path /rules/0/matches/0/path"])
        #expect(try #require(compilation.problems.first).text.contains("\"strict\""))
    }
}
