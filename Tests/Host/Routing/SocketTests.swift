import SluiceBase
import SluiceConfig
import SluiceRouting
import Testing

/// What workers ask of sockets, listeners and pools.
struct SocketTests {
    private static let second = Clock.nanosecondsPerSecond

    @Test func `a listener's terms are those of its document, else the defaults`() throws {
        var test = TestWorld()
        test.world.halfClosedNanoseconds = 7
        try test.listener("plain")
        let documents = [
            "keys": #""mergeSlashes":false,"escapedSlashes":"reject","publicPort":80"#,
            "now": #""halfClosed":"0s","restartTrace":true"#, "long": #""halfClosed":"1m30s""#,
            "never": #""halfClosed":"never""#,
        ]
        for (name, members) in documents {
            try test.put(
                .listener,
                name,
                #"{"port":8080,"protocol":"HTTP","hostname":"\#(name).test",\#(members)}"#
            )
        }
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.problems == [])
        let view = compilation.snapshot.view
        func terms(_ host: String) -> ListenerTerms {
            host.withBytes { view.terms(listener: view.listener(binding: 0, host: $0)) }
        }
        func expected(
            merges: Bool = true,
            rejects: Bool = false,
            restarts: Bool = false,
            port: UInt16 = 0,
            halfClosed: UInt64 = 7
        ) -> ListenerTerms {
            ListenerTerms(
                mergesSlashes: merges,
                rejectsEscapedSlashes: rejects,
                restartsTrace: restarts,
                publicPort: port,
                halfClosedNanoseconds: halfClosed
            )
        }
        #expect(terms("other.test") == expected())
        #expect(terms("keys.test:8080") == expected(merges: false, rejects: true, port: 80))
        #expect(terms("now.test") == expected(restarts: true, halfClosed: 0))
        #expect(terms("long.test") == expected(halfClosed: 90 * SocketTests.second))
        #expect(terms("never.test") == expected(halfClosed: Clock.never))
    }

    @Test func `a host without a listener and a socket that is gone have none`() throws {
        var test = TestWorld()
        try test.listener(hostname: "a.test")
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        let view = compilation.snapshot.view
        func listener(_ binding: Int32, _ host: String) -> Int32 {
            host.withBytes { view.listener(binding: binding, host: $0) }
        }
        #expect(listener(0, "a.test") >= 0)
        #expect(listener(0, "b.test") == -1)
        #expect(listener(1, "a.test") == -1)
        #expect(listener(-1, "a.test") == -1)
        #expect(view.isBound(binding: 0))
        #expect(!view.isBound(binding: 1) && !view.isBound(binding: -1))
    }

    @Test func `a connection belongs to the most specific socket of its address and port`() throws {
        var test = TestWorld()
        let compiler = Compiler()
        let sockets = [
            ("all", 80, "::"), ("four", 80, "127.0.0.1"), ("six", 80, "::1"),
            ("any4", 81, "0.0.0.0"),
            ("mapped", 82, "::ffff:10.0.0.1"),
        ]
        for (name, port, address) in sockets {
            try test.put(
                .listener,
                name,
                #"{"port":\#(port),"protocol":"HTTP","address":"\#(address)"}"#
            )
        }
        let first = test.compile(compiler)
        defer { withExtendedLifetime(first) {} }
        let numbers = Dictionary(
            uniqueKeysWithValues: first.snapshot.bindings.map { ($0.listeners[0].name, $0.index) }
        )
        let expected: [(String, UInt16, String?)] = [
            ("127.0.0.1", 80, "four"), ("::ffff:127.0.0.1", 80, "four"), ("::1", 80, "six"),
            ("10.0.0.1", 80, "all"), ("2001:db8::1", 80, "all"), ("10.0.0.1", 81, "any4"),
            ("::1", 81, nil), ("10.0.0.1", 82, "mapped"), ("10.0.0.2", 82, nil),
            ("127.0.0.1", 83, nil),
        ]
        for (address, port, name) in expected {
            let number = name.flatMap { numbers[$0] } ?? -1
            #expect(try first.snapshot.view.binding(address, port) == number, "\(address) \(port)")
        }
        test.world.remove(DocumentKey(instance: "routes", kind: .listener, name: "four"))
        let second = test.compile(compiler, generation: 2)
        defer { withExtendedLifetime(second) {} }
        #expect(try second.snapshot.view.binding("127.0.0.1", 80) == numbers["all"])
        let four = try #require(numbers["four"])
        #expect(!second.snapshot.view.isBound(binding: four))
    }

    @Test func `a thousand sockets are each found`() throws {
        var test = TestWorld()
        for port in 1...1_000 {
            try test.put(
                .listener,
                "l\(port)",
                #"{"port":\#(port),"protocol":"HTTP","address":"10.0.0.\#(port % 7)"}"#
            )
        }
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        for binding in snapshot.bindings {
            let found = try snapshot.view.binding(binding.address.description, binding.port)
            #expect(found == binding.index)
        }
        #expect(try snapshot.view.binding("10.0.0.9", 1) == -1)
    }
}

/// The PROXY protocol, in by socket and out by pool.
struct ProxyProtocolTests {
    private static func listener(_ members: String, port: Int = 8080) -> String {
        #"{"port":\#(port),"protocol":"HTTP"\#(members)}"#
    }

    @Test func `a socket has the versions and the trusted peers of its listeners`() throws {
        var test = TestWorld()
        let documents = [
            "",
            #","proxyProtocol":{}"#,
            #","proxyProtocol":{"versions":[2],"required":false,"trusted":["10.0.0.0/8","::1"]}"#,
            #","proxyProtocol":{"versions":[1],"trusted":["192.0.2.1"]}"#,
        ]
        for (index, members) in documents.enumerated() {
            let port = 8000 + index
            try test.put(.listener, "l\(index)", Self.listener(members, port: port))
        }
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.problems == [])
        let view = compilation.snapshot.view
        #expect(view.proxyTerms(binding: 0) == nil)
        #expect(view.proxyTerms(binding: 1) == ProxyTerms(versions: 3, isRequired: true))
        #expect(view.proxyTerms(binding: 2) == ProxyTerms(versions: 2, isRequired: false))
        #expect(view.proxyTerms(binding: 3) == ProxyTerms(versions: 1, isRequired: true))
        #expect(view.proxyTerms(binding: 4) == nil)
        let expected: [(Int32, String, Bool)] = [
            (1, "203.0.113.9", true), (1, "::1", true), (2, "10.1.2.3", true), (2, "::1", true),
            (2, "11.0.0.1", false), (2, "::2", false), (2, "192.0.2.1", false),
            (3, "192.0.2.1", true), (3, "10.1.2.3", false), (4, "192.0.2.1", false),
        ]
        for (binding, peer, isTrusted) in expected {
            #expect(try view.trusts(binding, peer) == isTrusted, "\(binding) \(peer)")
        }
    }

    @Test func `of listeners of one socket that disagree the younger is left out`() throws {
        var test = TestWorld()
        let old = #","order":{"created":"2020-01-01T00:00:00Z"}"#
        let young = #","order":{"created":"2021-01-01T00:00:00Z"}"#
        let proxy = #","proxyProtocol":{"versions":[2]}"#
        try test.put(.listener, "b", Self.listener(proxy + old))
        try test.put(.listener, "a", Self.listener(#","hostname":"a.test""# + young))
        try test.put(.listener, "c", Self.listener(#","hostname":"c.test""# + proxy + young))
        let compilation = test.compile()
        #expect(compilation.words == ["listener a protocol-conflict "])
        #expect(compilation.problems.first?.severity == .object)
        #expect(compilation.snapshot.bindings.map { $0.listeners.map(\.name) } == [["c", "b"]])
    }

    @Test func `a trusted peer that is no network leaves the listener out`() throws {
        var test = TestWorld()
        let proxy = #","proxyProtocol":{"trusted":["10.0.0.0/99"]}"#
        try test.put(.listener, "l", Self.listener(proxy))
        #expect(test.compile().words == ["listener l bad-address /proxyProtocol/trusted/0"])
    }

    @Test func `pools share an endpoint only when they send the same header`() throws {
        var test = TestWorld()
        for (name, proxy) in [("a", ""), ("b", ""), ("c", "1"), ("d", "2")] {
            let member = proxy.isEmpty ? "" : #","proxyProtocol":{"version":\#(proxy)}"#
            try test.put(
                .pool,
                name,
                #"{"endpoints":[{"address":"127.0.0.1","port":3000}]\#(member)}"#
            )
        }
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let pools = try (0..<4 as Range<UInt32>).map { try snapshot.view.pool(slot: $0) }
        #expect(pools.map(\.proxyVersion) == [0, 0, 1, 2])
        let slots = pools.map { $0.endpoint(at: 0).slot }
        #expect(slots[0] == slots[1])
        #expect(Set(slots).count == 3)
    }
}

/// Pools from one snapshot to the next.
struct PoolTests {
    @Test func `an older snapshot's pool is found in a newer one with its present endpoints`()
        throws
    {
        var test = TestWorld()
        let snapshots = Snapshots()
        defer { withExtendedLifetime(snapshots) {} }
        func next(_ generation: UInt64) -> RoutingView { snapshots.next(test, generation) }
        try test.listener()
        try test.pool("m", port: 1)
        try test.route("r", rules: #"{"backends":[{"pool":"m"}]}"#)
        guard case .pool(let reference) = next(1).pick(action: 0, random: 0).target else {
            Issue.record("the rule has a pool")
            return
        }
        try test.pool("a", port: 2)
        try test.pool("m", port: 3)
        let second = next(2)
        let pool = try #require(second.pool(reference))
        #expect(pool.reference == reference)
        #expect(pool.name.text == "m")
        #expect(second.endpoint(pool.endpoint(at: 0).slot).authority.text == "127.0.0.1:3")
        #expect(second.poolCount == 2)
        test.world.remove(DocumentKey(instance: "routes", kind: .pool, name: "m"))
        #expect(next(3).pool(reference) == nil)
        snapshots.compiler.released(generation: 2)
        try test.pool("z", port: 4)
        let fourth = next(4)
        let reused = PoolReference(slot: reference.slot, generation: reference.generation + 1)
        #expect(fourth.pool(reference) == nil, "a reused slot is another pool")
        #expect(fourth.pool(reused)?.name.text == "z")
        #expect(fourth.pool(PoolReference(slot: 9, generation: 1)) == nil)
        #expect(fourth.pool(PoolReference(slot: 0, generation: 0)) == nil)
    }

    @Test func `a pool of the same name in another instance is another pool`() throws {
        var test = TestWorld()
        try test.pool("p", port: 1)
        test.instance = "other"
        try test.pool("p", port: 2)
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let names = try (0..<2 as Range<UInt32>).map { try snapshot.view.pool(slot: $0).name.text }
        #expect(names == ["p", "p"])
    }

    @Test(
        arguments: [
            ("", nil, nil), (#","connectTimeout":"2s","idleTimeout":"1m""#, 2, 60),
            (#","connectTimeout":"0s","idleTimeout":"0s""#, UInt64.max, UInt64.max),
        ] as [(String, UInt64?, UInt64?)]
    )
    func `a pool's timeouts are absent, a time or none`(
        members: String,
        connect: UInt64?,
        idle: UInt64?
    ) throws {
        var test = TestWorld()
        try test.put(.pool, "p", #"{"endpoints":[]\#(members)}"#)
        let snapshot = test.compile().snapshot
        defer { withExtendedLifetime(snapshot) {} }
        let pool = try snapshot.view.pool(slot: 0)
        func seconds(_ nanoseconds: UInt64?) -> UInt64? {
            nanoseconds.map { $0 == Clock.never ? $0 : $0 / Clock.nanosecondsPerSecond }
        }
        #expect(seconds(pool.connectTimeoutNanoseconds) == connect)
        #expect(seconds(pool.idleTimeoutNanoseconds) == idle)
    }
}
