import SluiceRouting
import SluiceShared
import Synchronization
import Testing

/// Configurations as a plugin host would make them: what a text is, the text says.
private final class Configurations: RouteConfigurations {
    private struct State {
        var claims: [String: UInt64] = [:]
        var holds: [UInt64: Int] = [:]
    }

    private let state = Mutex(State())

    /// Holds by claim that were not given back.
    var holds: [UInt64: Int] { state.withLock { $0.holds.filter { $0.value > 0 } } }

    func prepare(filter: UInt16, _ json: [UInt8]) {}

    func resolve(filter: UInt16, _ json: [UInt8]) -> RouteConfiguration {
        let text = String(decoding: json, as: UTF8.self)
        if text.contains("late") { return .pending }
        if text.contains("bad") { return .refused(text: "it is bad", pointer: "/what") }
        return state.withLock { state in
            let key = "\(filter) \(text)"
            let claim = state.claims[key] ?? UInt64(16 + state.claims.count)
            state.claims[key] = claim
            state.holds[claim, default: 0] += 1
            return .ready(value: 1_000 + claim, claim: claim)
        }
    }

    func retain(_ claim: UInt64) { state.withLock { $0.holds[claim, default: 0] += 1 } }
    func release(_ claim: UInt64) { state.withLock { $0.holds[claim, default: 0] -= 1 } }
    func sweep() {}
}

/// Filters of rules and backends: chains, what they were configured with, and what is wrong.
struct FilterTests {
    private let configurations = Configurations()

    private func world(_ rule: String) throws -> TestWorld {
        var test = TestWorld()
        test.world.filters = [
            "one": ExposedService(slot: 1, namespaces: ["*"]),
            "two": ExposedService(slot: 2, namespaces: ["*"]),
            "own": ExposedService(slot: 3, namespaces: ["elsewhere"]),
        ]
        try test.listener()
        try test.route("r", rules: rule)
        return test
    }

    private func compile(_ rule: String) throws -> Compilation {
        try world(rule).compile(Compiler(configurations: configurations))
    }

    @Test func `filters of the rule come before those of the backend`() throws {
        let compilation = try compile(
            #"""
            {"filters":[{"plugin":"one"},{"plugin":"two","config":{"a":1}}],
             "backends":[{"status":201,"filters":[{"plugin":"one","config":{"b":2}}]}]}
            """#
        )
        let chain = compilation.snapshot.view.pick(action: 0, random: 0).chain
        #expect(compilation.words.isEmpty)
        #expect((0..<chain.count).map { chain[$0].index } == [1, 2, 1])
        #expect(Set((0..<chain.count).map { chain[$0].configuration }).count == 3)
    }

    @Test func `equal texts are one configuration, and chains give back what they hold`() throws {
        let compilation = try compile(
            #"""
            {"filters":[{"plugin":"one"}],"backends":[{"status":201},{"status":202},
             {"status":203,"filters":[{"plugin":"one","config":{}}]}]}
            """#
        )
        #expect(configurations.holds == [16: 4])
        var chains = FilterChains()
        chains.retire(compilation.snapshot.chains)
        chains.release(configurations)
        #expect(chains.count == 0)
        #expect(configurations.holds.isEmpty)
    }

    @Test func `a chain that an exchange holds stays`() throws {
        let compilation = try compile(
            #"{"filters":[{"plugin":"one"}],"backends":[{"status":201}]}"#
        )
        let chain = compilation.snapshot.view.pick(action: 0, random: 0).chain
        chain.pin()
        var chains = FilterChains()
        chains.retire(compilation.snapshot.chains)
        chains.release(configurations)
        #expect(chains.count == 1 && configurations.holds == [16: 1])
        #expect(chain.unpin())
        chains.release(configurations)
        #expect(chains.count == 0)
    }

    @Test func `filters of a rule without backends have their requests`() throws {
        let compilation = try compile(#"{"filters":[{"plugin":"one"}]}"#)
        let pick = compilation.snapshot.view.pick(action: 0, random: 0)
        #expect(pick.target == .status(500) && pick.chain.count == 1)
    }

    @Test(arguments: [
        (#"{"plugin":"none"}"#, "unknown-plugin", "/plugin"),
        (#"{"plugin":"own"}"#, "not-permitted", "/plugin"),
        (#"{"plugin":"one","config":{"late":1}}"#, "filter-pending", "/plugin"),
        (#"{"plugin":"one","config":{"bad":1}}"#, "bad-filter", "/config/what"),
    ])
    func `a rule with a filter that cannot serve answers 500`(
        filter: String,
        code: String,
        pointer: String
    ) throws {
        let compilation = try compile(
            #"{"filters":[{"plugin":"two"},\#(filter)],"backends":[{"status":201}]}"#
        )
        #expect(compilation.words == ["route r \(code) /rules/0/filters/1\(pointer)"])
        let pick = compilation.snapshot.view.pick(action: 0, random: 0)
        #expect(pick.target == .status(500) && pick.chain.isEmpty)
        #expect(configurations.holds.isEmpty)
    }

    @Test func `a backend with a filter that cannot serve loses its share alone`() throws {
        let compilation = try compile(
            #"""
            {"backends":[{"status":201},{"status":202,"filters":[{"plugin":"none"}]}]}
            """#
        )
        let view = compilation.snapshot.view
        #expect(view.pick(action: 0, random: 0).target == .status(201))
        #expect(view.pick(action: 0, random: .max).target == .status(500))
    }

    @Test func `too many filters answer 500`() throws {
        let many = Array(repeating: #"{"plugin":"one"}"#, count: 33).joined(separator: ",")
        let compilation = try compile(#"{"filters":[\#(many)],"backends":[{"status":201}]}"#)
        #expect(compilation.words == ["route r too-many /rules/0"])
        #expect(compilation.snapshot.view.pick(action: 0, random: 0).target == .status(500))
        #expect(configurations.holds.isEmpty)
    }

    @Test func `what a filter is configured with is a part of the content`() throws {
        let rule = { (text: String) in
            #"{"filters":[{"plugin":"one","config":{\#(text)}}],"backends":[{"status":201}]}"#
        }
        let compiler = Compiler(configurations: configurations)
        let hashes = try [#""a":1"#, #""a":1"#, #""a":2"#].map {
            try world(rule($0)).compile(compiler).contentHash
        }
        #expect(hashes[0] == hashes[1] && hashes[1] != hashes[2])
    }
}
