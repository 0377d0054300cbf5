import SluiceBase
import SluiceRouting
import Testing

/// Random tables, each asked many questions, against the rules written down naively.
struct ReferenceTests {
    @Test(arguments: 0..<16 as Range<UInt64>)
    func `a random table matches as the reference does`(seed: UInt64) throws {
        var random = Random(state: seed &* 0x1234_5678_9abc_def1 &+ 1)
        for _ in 0..<125 {
            let table = RandomTable(&random)
            let compilation = try table.compile()
            for _ in 0..<60 {
                let (host, path) = (RandomTable.host(&random), RandomTable.path(&random))
                #expect(
                    compilation.status(host, path) == table.reference(host, path),
                    "seed \(seed): \(host) \(path) in \(table)"
                )
            }
        }
    }
}

/// SplitMix64.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
}

/// A few listeners and routes over few names, so that everything collides with everything.
struct RandomTable: CustomStringConvertible {
    struct Match {
        let isExact: Bool
        let path: String
    }

    struct Route {
        let listeners: [Int]
        let hosts: [String]
        let year: Int
        /// One match for each rule.
        let matches: [Match]
    }

    /// The hostname of each listener; empty is none.
    let listeners: [String]
    let routes: [Route]

    static let labels = ["a", "b", "test"]
    static let segments = ["x", "y", "", "x%2Fy"]

    init(_ random: inout Random) {
        var names: [String] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let name = random.pick(["", RandomTable.pattern(&random)])
            if !names.contains(name) { names.append(name) }
        }
        listeners = names
        routes = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            Route(
                listeners: names.indices.shuffled(using: &random).dropLast(
                    Int.random(in: 0..<names.count, using: &random)
                ),
                hosts: (0..<Int.random(in: 0...2, using: &random)).map { _ in
                    RandomTable.pattern(&random)
                },
                year: Int.random(in: 20...22, using: &random),
                matches: (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    Match(
                        isExact: Bool.random(using: &random),
                        path: RandomTable.path(&random)
                    )
                }
            )
        }
    }

    static func host(_ random: inout Random) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in random.pick(labels) }
            .joined(separator: ".")
    }

    static func pattern(_ random: inout Random) -> String {
        random.pick(["", "*."]) + host(&random)
    }

    static func path(_ random: inout Random) -> String {
        "/"
            + (0..<Int.random(in: 0...3, using: &random)).map { _ in random.pick(segments) }
            .joined(separator: "/")
    }

    /// The status of rule `rule` of route `route`.
    static func status(_ route: Int, _ rule: Int) -> Int { 201 + route * 10 + rule }

    func compile() throws -> Compilation {
        var test = TestWorld()
        for (index, hostname) in listeners.enumerated() {
            let name = hostname.isEmpty ? nil : hostname
            // The reference compares paths as they are.
            try test.listener("l\(index)", hostname: name, #","mergeSlashes":false"#)
        }
        for (index, route) in routes.enumerated() {
            let rules = route.matches.enumerated().map { number, match in
                TestWorld.rule(
                    match.isExact ? "exact" : "prefix",
                    match.path,
                    RandomTable.status(index, number)
                )
            }
            try test.route(
                "r\(index)",
                listeners: route.listeners.map { "l\($0)" },
                hosts: route.hosts,
                created: route.year,
                rules: rules.joined(separator: ",")
            )
        }
        return test.compile()
    }

    var description: String {
        "listeners \(listeners) routes "
            + routes.map { "\($0.listeners) \($0.hosts) \($0.year) \($0.matches)" }
            .joined(separator: "; ")
    }
}

/// The rules as the Gateway API states them, one after the other.
extension RandomTable {
    func reference(_ host: String, _ path: String) -> Int {
        let chosen = listeners.indices.filter { covers(listeners[$0], host) }
            .max { specificity(listeners[$0]) < specificity(listeners[$1]) }
        guard let chosen else { return 404 }
        var best: (key: [Int], status: Int)?
        for (index, route) in routes.enumerated() where route.listeners.contains(chosen) {
            for pattern in route.hosts.isEmpty ? [""] : route.hosts where covers(pattern, host) {
                for (rule, match) in route.matches.enumerated() where matches(match, path) {
                    let key = [
                        specificity(pattern), match.isExact ? 1 : 0, match.path.utf8.count,
                        -route.year, -index, -rule,
                    ]
                    if let known = best, !known.key.lexicographicallyPrecedes(key) { continue }
                    best = (key, RandomTable.status(index, rule))
                }
            }
        }
        return best?.status ?? 404
    }

    private func covers(_ pattern: String, _ host: String) -> Bool {
        if pattern.isEmpty || pattern == host { return true }
        return pattern.hasPrefix("*.") && host.hasSuffix(pattern.dropFirst())
            && host.utf8.count > pattern.utf8.count - 1
    }

    /// Exact names first, then the longest.
    private func specificity(_ pattern: String) -> Int {
        if pattern.isEmpty { return 0 }
        return pattern.utf8.count + (pattern.hasPrefix("*.") ? 0 : 1_000)
    }

    private func matches(_ match: Match, _ path: String) -> Bool {
        if match.isExact { return match.path == path }
        let prefix = match.path.hasSuffix("/") ? String(match.path.dropLast()) : match.path
        return path == prefix || path.hasPrefix(prefix + "/")
    }
}
