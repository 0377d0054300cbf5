import SluiceConfig
import SluiceRouting
import Testing

/// Several listeners of one socket.
struct ConflictTests {
    @Test func `the instance that comes earlier keeps a hostname`() throws {
        var test = TestWorld()
        test.instance = "other"
        try test.listener("theirs", hostname: "a.test")
        try test.route(
            "theirs",
            listeners: ["theirs"],
            rules: TestWorld.rule("prefix", "/", 202)
        )
        test.instance = "routes"
        try test.listener("ours", hostname: "a.test")
        try test.route("ours", listeners: ["ours"], rules: TestWorld.rule("prefix", "/", 201))
        let compilation = test.compile()
        #expect(compilation.words == ["listener theirs hostname-conflict /hostname"])
        #expect(compilation.status("a.test", "/") == 201)
        test.world.instanceOrder = ["other", "routes"]
        #expect(test.compile().words == ["listener ours hostname-conflict /hostname"])
        #expect(test.compile().status("a.test", "/") == 202)
    }

    @Test func `instances share a socket and different hostnames merge`() throws {
        var test = TestWorld()
        try test.listener("ours", hostname: "a.test")
        try test.route("ours", listeners: ["ours"], rules: TestWorld.rule("prefix", "/", 201))
        test.instance = "other"
        try test.listener("theirs", hostname: "b.test")
        try test.route(
            "theirs",
            listeners: ["theirs"],
            rules: TestWorld.rule("prefix", "/", 202)
        )
        let compilation = test.compile()
        #expect(compilation.problems == [])
        #expect(compilation.snapshot.bindings.count == 1)
        #expect(compilation.status("a.test", "/") == 201)
        #expect(compilation.status("b.test", "/") == 202)
    }

    @Test func `of two without an address on one port the older serves`() throws {
        var test = TestWorld()
        for (name, year) in [("a", 2021), ("b", 2020)] {
            let order = #"{"created":"\#(year)-01-01T00:00:00Z"}"#
            try test.put(.listener, name, #"{"port":80,"protocol":"HTTP","order":\#(order)}"#)
        }
        let compilation = test.compile()
        #expect(compilation.words == ["listener a port-in-use /port"])
        #expect(compilation.problems.first?.severity == .object)
        #expect(compilation.snapshot.bindings.map(\.listeners.first?.name) == ["b"])
    }

    @Test func `a socket keeps its number and never gets another's`() throws {
        var test = TestWorld()
        let compiler = Compiler()
        try test.put(.listener, "a", #"{"port":80,"protocol":"HTTP"}"#)
        try test.put(.listener, "b", #"{"port":81,"protocol":"HTTP","address":"127.0.0.1"}"#)
        let first = test.compile(compiler).snapshot.bindings
        #expect(first.map(\.port) == [80, 81])
        try test.put(.listener, "a", #"{"port":82,"protocol":"HTTP"}"#)
        let second = test.compile(compiler, generation: 2).snapshot
        #expect(second.bindings.map(\.index) == [1, 2])
        #expect(second.bindings.map(\.port) == [81, 82])
        #expect(second.bindings.first?.address.description == "127.0.0.1")
        let empty = TestWorld().compile(compiler, generation: 3)
        #expect(empty.snapshot.bindings == [])
        #expect(empty.status("a.test", "/", binding: 1) == 404)
    }
}
