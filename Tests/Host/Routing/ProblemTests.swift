import SluiceRouting
import Testing

/// A problem has its place, and nothing else suffers.
struct ProblemTests {
    @Test func `one bad object leaves the good ones serving`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route("good", rules: TestWorld.rule("prefix", "/good", 201))
        try test.put(.route, "bad", #"{"listeners":["web"],"rules":[{"matchs":[]}]}"#)
        try test.put(.pool, "bad", #"{"endpoints":[{"address":"127.0.0.1","port":70000}]}"#)
        let compilation = test.compile()
        #expect(compilation.status("a.test", "/good") == 201)
        #expect(Set(compilation.problems.map(\.code)) == ["schema"])
        #expect(Set(compilation.problems.map(\.name)) == ["bad"])
        #expect(compilation.problems.allSatisfy { $0.severity == .object })
        let pool = try #require(compilation.problems.first { $0.kind == .pool })
        #expect(pool.pointer == "/endpoints/0/port")
        #expect(pool.where == "bad.json:1")
    }

    @Test func `a problem is told with the origin of the nearest value around it`() throws {
        var test = TestWorld()
        try test.listener()
        try test.put(
            .route,
            "r",
            #"{"listeners":["none","web"],"rules":[{"backends":[{"pool":"a"},{"pool":"b"}]}]}"#,
            origins: Origins([
                Origin(pointer: "/rules/0", where: "r.yaml:7", source: "/spec/rules/0"),
                Origin(
                    pointer: "/rules/0/backends/1",
                    where: "r.yaml:9",
                    source: "/spec/rules/0/backendRefs/1"
                ),
                Origin(pointer: "/listeners", source: "/spec/parentRefs"),
            ])
        )
        let problems = test.compile().problems
        #expect(problems.map(\.where) == ["r.json:1", "r.yaml:7", "r.yaml:9"])
        #expect(
            problems.map(\.source) == [
                "/spec/parentRefs", "/spec/rules/0", "/spec/rules/0/backendRefs/1",
            ]
        )
    }

    @Test func `a place that has moved is told, and nothing else has changed`() throws {
        var test = TestWorld()
        let compiler = Compiler()
        let route = #"{"listeners":["none"],"rules":[{}]}"#
        try test.put(.route, "r", route, origins: Origins([]))
        let before = test.compile(compiler)
        let moved = Origin(pointer: "/listeners/0", where: "r.yaml:8", source: "/spec/parentRefs/0")
        try test.put(.route, "r", route, origins: Origins([moved]))
        let after = test.compile(compiler, generation: 2)
        #expect(before.contentHash == after.contentHash)
        #expect(before.problems.map(\.where) == ["r.json:1"])
        #expect(after.problems.map(\.where) == ["r.yaml:8"])
    }

    @Test func `an unknown backend takes its share to a 500`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            rules: #"{"backends":[{"pool":"none"}]},{"backends":[{"plugin":"none"}]}"#
        )
        let compilation = test.compile()
        #expect(compilation.status("a.test", "/") == 500)
        #expect(
            compilation.words == [
                "route r unknown-pool /rules/0/backends/0/pool",
                "route r unknown-plugin /rules/1/backends/0/plugin",
            ]
        )
        #expect(compilation.problems.allSatisfy { $0.severity == .warning })
    }

    @Test func `an unknown listener leaves the others and the last one leaves the route out`()
        throws
    {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            listeners: ["web", "none"],
            rules: TestWorld.rule("prefix", "/", 201)
        )
        try test.route("lost", listeners: ["none"], rules: TestWorld.rule("prefix", "/x", 202))
        let compilation = test.compile()
        #expect(compilation.status("a.test", "/x") == 201)
        #expect(
            compilation.words == [
                "route lost unknown-listener /listeners/0", "route r unknown-listener /listeners/1",
            ]
        )
        #expect(compilation.problems.map(\.severity) == [.object, .warning])
    }

    @Test func `a route whose hosts lie outside its listeners is reported`() throws {
        var test = TestWorld()
        try test.listener(hostname: "*.a.test")
        try test.route(
            "r",
            hosts: ["b.test", "a.test"],
            rules: TestWorld.rule("prefix", "/", 201)
        )
        #expect(test.compile().words == ["route r no-matching-hostname /hosts"])
    }

    @Test func `references stay inside one instance`() throws {
        var test = TestWorld()
        try test.listener()
        try test.pool("p")
        test.instance = "other"
        try test.route("r", rules: #"{"backends":[{"pool":"p"}]}"#)
        #expect(test.compile().words == ["route r unknown-listener /listeners/0"])
    }

    @Test(arguments: [
        (#"{"matches":[{"method":"GET"}]}"#, "/rules/0/matches/0/method"),
        (
            #"{"matches":[{"headers":[{"name":"x","exact":"1"}]}]}"#,
            "/rules/0/matches/0/headers"
        ),
        (
            #"{"matches":[{"query":[{"name":"x","exact":"1"}]}]}"#, "/rules/0/matches/0/query"
        ),
        (#"{"matches":[{"path":{"regex":"/a.*"}}]}"#, "/rules/0/matches/0/path/regex"),
        (#"{"filters":[{"setHeaders":{"x":"1"}}]}"#, "/rules/0/filters/0/setHeaders"),
        (
            #"{"backends":[{"status":503,"filters":[{"setHeaders":{"x":"1"}}]}]}"#,
            "/rules/0/backends/0/filters/0/setHeaders"
        ),
    ])
    func `what the host does not support in a rule leaves out that route alone`(
        rule: String,
        pointer: String
    ) throws {
        var test = TestWorld()
        try test.listener()
        try test.route("good", rules: TestWorld.rule("prefix", "/good", 201))
        try test.route("asks", rules: rule)
        let compilation = test.compile()
        #expect(compilation.words == ["route asks not-supported \(pointer)"])
        #expect(compilation.problems.first?.severity == .object)
        #expect(compilation.status("a.test", "/good") == 201)
        #expect(compilation.status("a.test", "/a") == 404)
    }

    @Test func `an empty filter list is no filter`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            rules:
                """
                {"filters":[],"matches":[{"headers":[],"query":[]}],
                 "backends":[{"status":201,"filters":[]}]}
                """
        )
        #expect(test.compile().problems == [])
    }

    @Test func `listeners and kinds that are not supported are reported and the rest serves`()
        throws
    {
        var test = TestWorld()
        try test.listener()
        try test.put(
            .listener,
            "tls",
            #"{"port":443,"protocol":"HTTPS","tls":{"certificates":["c"]}}"#
        )
        try test.route(
            "r",
            listeners: ["tls", "web"],
            rules: TestWorld.rule("prefix", "/", 201)
        )
        let compilation = test.compile()
        #expect(compilation.status("a.test", "/") == 201)
        #expect(Set(compilation.problems.map(\.name)) == ["tls"])
        #expect(compilation.snapshot.bindings.map(\.port) == [8080])
    }

    @Test func `a pool that would be spoken to wrongly is left out and its share answered 500`()
        throws
    {
        var test = TestWorld()
        try test.listener()
        try test.put(
            .pool,
            "h2c",
            #"{"protocol":"h2c","endpoints":[{"address":"127.0.0.1","port":1}]}"#
        )
        try test.route("r", rules: #"{"backends":[{"pool":"h2c"}]}"#)
        let compilation = test.compile()
        #expect(
            compilation.words == [
                "pool h2c not-supported /protocol",
                "route r pool-left-out /rules/0/backends/0/pool",
            ]
        )
        #expect(compilation.status("a.test", "/") == 500)
    }

    @Test func `endpoints that are not supported are left out of their pool`() throws {
        var test = TestWorld()
        try test.put(
            .pool,
            "p",
            """
            {"endpoints":[{"host":"a.test","port":1},{"address":"unix:/run/x"},
             {"address":"::1","port":2},{"address":"999.0.0.1","port":3}]}
            """
        )
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(try compilation.snapshot.view.pool(slot: 0).endpointCount == 1)
        #expect(
            compilation.words == [
                "pool p not-supported /endpoints/0/host",
                "pool p not-supported /endpoints/1/address",
                "pool p bad-address /endpoints/3/address",
            ]
        )
    }

    @Test func `a plugin serves only routes of the namespaces it is exposed to`() throws {
        var test = TestWorld()
        try test.listener()
        test.world.services["echo"] = ExposedService(slot: 7, namespaces: ["shop"])
        try test.route("shop/r", rules: #"{"backends":[{"plugin":"echo"}]}"#)
        let allowed = test.compile()
        defer { withExtendedLifetime(allowed) {} }
        #expect(allowed.snapshot.view.pick(action: 0, random: 0).target == .service(7))
        #expect(allowed.problems == [])
        test.world.services["echo"] = ExposedService(slot: 7, namespaces: [])
        let refused = test.compile()
        defer { withExtendedLifetime(refused) {} }
        #expect(refused.words == ["route shop/r not-permitted /rules/0/backends/0/plugin"])
        #expect(refused.snapshot.view.pick(action: 0, random: 0).target == .status(500))
    }

    @Test func `a document can be checked by itself`() throws {
        var test = TestWorld()
        try test.route("r", rules: #"{"filters":[{"setHeaders":{"x":"1"}}]}"#)
        let document = try #require(test.world.documents.values.first)
        #expect(Compiler.check(document).map(\.code) == ["not-supported"])
        try test.route("r", rules: TestWorld.rule("prefix", "/", 201))
        let good = try #require(test.world.documents.values.first)
        #expect(Compiler.check(good) == [])
    }
}
