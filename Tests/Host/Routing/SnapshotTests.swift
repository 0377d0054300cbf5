import SluiceBase
import SluiceRouting
import Testing

/// What workers read beside the match: actions, shares, pools, endpoints; and what stays equal.
struct SnapshotTests {
    @Test func `shares follow the weights and weight 0 receives none`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            rules: """
                {"backends":[{"status":201,"weight":7},{"status":202,"weight":0},
                 {"status":203,"weight":2},{"status":204}]}
                """
        )
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let view = snapshot.view
        var counts: [UInt16: Int] = [:]
        for step in 0..<1_000 as Range<UInt64> {
            guard
                case .status(let status) = view.pick(action: 0, random: step * (.max / 999)).target
            else { continue }
            counts[status, default: 0] += 1
        }
        #expect(counts[202] == nil)
        for (status, share) in [(201, 700), (203, 200), (204, 100)] as [(UInt16, Int)] {
            #expect(abs(counts[status, default: 0] - share) <= 1, "\(status)")
        }
    }

    @Test(arguments: [#"{}"#, #"{"backends":[]}"#, #"{"backends":[{"status":200,"weight":0}]}"#])
    func `a rule that sends nobody anywhere answers 500`(rule: String) throws {
        var test = TestWorld()
        try test.listener()
        try test.route("r", rules: rule)
        #expect(test.compile().status("a.test", "/") == 500)
    }

    @Test func `an action has its route's name and time limits`() throws {
        var test = TestWorld()
        try test.listener()
        try test.route(
            "r",
            rules:
                """
                {"timeouts":{"request":"1m30s","backend":"500ms"}},{},
                {"timeouts":{"request":"0s","backend":"0s"}}
                """
        )
        test.world.requestTimeoutNanoseconds = 7
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let actions = (0..<3).map { snapshot.view.action(Int32($0)) }
        let never = Clock.never
        #expect(actions.map(\.requestTimeoutNanoseconds) == [90_000_000_000, 7, never])
        #expect(actions.map(\.backendTimeoutNanoseconds) == [500_000_000, never, never])
        #expect(actions.first?.routeName.text == "r")
    }

    @Test func `a pool holds its ready endpoints with addresses as the kernel wants them`() throws {
        var test = TestWorld()
        try test.put(
            .pool,
            "p",
            """
            {"endpoints":[{"address":"10.1.2.3","port":258},{"address":"::1","port":80},
             {"address":"10.0.0.9","port":1,"ready":false}],"idleTimeout":"2s"}
            """
        )
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let pool = try snapshot.view.pool(slot: 0)
        #expect(pool.endpointCount == 2)
        #expect(pool.idleTimeoutNanoseconds == 2_000_000_000)
        let endpoints = (0..<2).map { snapshot.view.endpoint(pool.endpoint(at: $0).slot) }
        #expect(endpoints.map(\.authority.text) == ["10.1.2.3:258", "[::1]:80"])
        let four: [UInt8] = [2, 0, 1, 2, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(endpoints[0].socketAddress.array == four)
        #expect(endpoints[1].socketAddress.count == 28)
        #expect(endpoints[1].socketAddress.array.prefix(4) == [10, 0, 0, 80])
        #expect(endpoints[1].socketAddress[23] == 1)
    }

    @Test func `endpoints that serve while terminating are used when none is ready`() throws {
        var test = TestWorld()
        let leaving =
            #"{"address":"10.0.0.1","port":1,"ready":false,"serving":true,"terminating":true}"#
        try test.put(
            .pool,
            "p",
            #"{"endpoints":[\#(leaving),{"address":"10.0.0.2","port":1}]}"#
        )
        try test.put(
            .pool,
            "q",
            #"{"endpoints":[\#(leaving),{"address":"10.0.0.2","port":1,"ready":false}]}"#
        )
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let names = try (0..<2 as Range<UInt32>).map { number in
            let pool = try snapshot.view.pool(slot: number)
            return (0..<pool.endpointCount).map {
                snapshot.view.endpoint(pool.endpoint(at: $0).slot).authority.text
            }
        }
        #expect(names == [["10.0.0.2:1"], ["10.0.0.1:1"]])
    }

    @Test func `endpoints are drawn by weight and two draws differ`() throws {
        var test = TestWorld()
        try test.put(
            .pool,
            "even",
            #"{"endpoints":[{"address":"10.0.0.1","port":1},{"address":"10.0.0.2","port":1}]}"#
        )
        try test.put(
            .pool,
            "uneven",
            """
            {"endpoints":[{"address":"10.0.0.1","port":1,"weight":3},
             {"address":"10.0.0.3","port":1,"weight":0},{"address":"10.0.0.2","port":1}]}
            """
        )
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let draws = (0..<400 as Range<UInt64>).map { $0 * (.max / 399) }
        let even = try snapshot.view.pool(slot: 0)
        #expect(abs(draws.count { even.draw(random: $0) == 0 } - 200) <= 1)
        let pairs = draws.map { even.drawTwo($0, $0) }
        #expect(pairs.allSatisfy { $0.0 != $0.1 && $0.0 < 2 && $0.1 < 2 })
        let uneven = try snapshot.view.pool(slot: 1)
        #expect(uneven.endpointCount == 2)
        #expect(abs(draws.count { uneven.draw(random: $0) == 0 } - 300) <= 1)
    }

    @Test func `an endpoint keeps its slot across changes and a reused slot is a new generation`()
        throws
    {
        var test = TestWorld()
        let snapshots = Snapshots()
        defer { withExtendedLifetime(snapshots) {} }
        func next(_ generation: UInt64) -> RoutingView { snapshots.next(test, generation) }
        try test.pool("a", port: 1)
        try test.pool("b", port: 2)
        let first = next(1)
        let a = try first.pool(slot: 0).endpoint(at: 0)
        let b = try first.pool(slot: 1).endpoint(at: 0)
        test.world.remove(DocumentKey(instance: "routes", kind: .pool, name: "a"))
        let second = next(2)
        #expect(try second.pool(slot: 1).endpoint(at: 0) == b)
        #expect(second.endpoint(a.slot).generation == 0)
        try test.pool("c", port: 3)
        let third = try next(3).pool(slot: 2).endpoint(at: 0)
        #expect(third.slot != a.slot, "a worker may still use a's slot")
        snapshots.compiler.released(generation: 2)
        try test.pool("d", port: 4)
        let fourth = next(4)
        #expect(try fourth.pool(slot: 1).endpoint(at: 0) == b)
        let reused = EndpointReference(slot: a.slot, generation: a.generation + 1)
        let pool = PoolReference(slot: 0, generation: 2)
        #expect(fourth.pool(pool)?.endpoint(at: 0) == reused)
    }

    @Test func `endpoints beyond the limit are left out and reported`() throws {
        var test = TestWorld()
        try test.pool("a", port: 1)
        try test.pool("b", port: 2)
        let compilation = test.compile(Compiler(endpointsMax: 1))
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.words == ["pool b too-many /endpoints/0"])
        #expect(try compilation.snapshot.view.pool(slot: 1).endpointCount == 0)
    }

    @Test func `equal worlds have equal hashes whatever the order of their making`() throws {
        func world(reversed: Bool) throws -> TestWorld {
            var test = TestWorld()
            let names = ["a", "b", "c", "d"]
            try test.listener()
            for name in reversed ? names.reversed() : names {
                try test.route(name, hosts: ["\(name).test"], rules: "{}")
                try test.pool(name)
            }
            return test
        }
        let one = try world(reversed: false).compile()
        var test = try world(reversed: true)
        let other = test.compile(generation: 9)
        #expect(one.contentHash == other.contentHash)
        #expect(one.problems == other.problems)
        try test.pool("a", port: 3001)
        #expect(test.compile().contentHash != one.contentHash)
    }

    @Test func `the private key of a certificate is not shown but changes the hash`() throws {
        var test = TestWorld()
        var hashes: Set<UInt64> = []
        for key in ["sesame", "open"] {
            try test.put(.certificate, "c", #"{"chain":"public","key":"\#(key)"}"#)
            let document = try #require(test.world.documents.values.first)
            hashes.insert(document.hash)
            let text = String(decoding: document.text, as: UTF8.self)
            #expect(text == #"{"chain":"public","key":"redacted"}"#)
        }
        #expect(hashes.count == 2)
    }
}
