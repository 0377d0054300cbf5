import SluiceBase
import SluiceConfig
import SluiceRouting
import SluiceTLS
import Testing

/// Which context a handshake gets, and what stays equal from snapshot to snapshot.
struct ContextTests {
    static let pair = ["ecdsa a.test", "rsa a.test *.a.test"]

    @Test(arguments: [
        ("a.test", pair), ("A.Test", pair), ("a.test.", pair),
        ("y.a.test", ["ecdsa *.a.test", "rsa a.test *.a.test"]),
        ("x.a.test", ["ecdsa x.a.test", "rsa a.test *.a.test"]),
        ("b.test", ["ecdsa b.test c.test"]), ("c.test", ["ecdsa b.test c.test"]),
        // A wildcard covers one label, and no less.
        ("z.y.a.test", pair), (".a.test", pair), ("test", pair), ("other.test", pair), ("", pair),
        (String(repeating: "x", count: 300), pair),
    ])
    func `a server name selects certificates of both kinds`(
        name: String,
        expected: [String]
    ) throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.certificate("wild", ["*.a.test"])
        try test.certificate("x", ["x.a.test"])
        try test.certificate("b", ["b.test", "c.test"])
        try test.certificate("late", ["a.test", "b.test"])
        try test.example(.certificate, "rsa", "certificate-rsa")
        try test.secured(presenting: ["a", "wild", "x", "b", "rsa", "late"])
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.problems == [])
        #expect(compilation.snapshot.view.presented(name) == expected)
        // a and rsa, wild and rsa, x and rsa, b.
        #expect(compilation.snapshot.view.contextSlotCount == 4)
    }

    @Test func `the first certificate is the default, with one of the other kind for its name`()
        throws
    {
        var test = TestWorld()
        try test.example(.certificate, "rsa", "certificate-rsa")
        try test.certificate("b", ["b.test"])
        try test.certificate("a", ["a.test"])
        try test.secured(presenting: ["b", "rsa", "a"], hostname: "b.test")
        try test.secured("other", presenting: ["rsa", "b", "a"], hostname: "a.test")
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        let view = compilation.snapshot.view
        #expect(view.presented("", host: "b.test") == ["ecdsa b.test"])
        #expect(view.presented("", host: "a.test") == ContextTests.pair)
    }

    @Test func `a session of one listener is not resumed under another`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.secured("one", presenting: ["a"], hostname: "*.test")
        try test.secured("two", presenting: ["a"], hostname: "a.test")
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        let view = compilation.snapshot.view
        #expect(view.context("a.test", host: "a.test") != view.context("a.test", host: "b.test"))
        #expect(view.serverTerms(host: "a.test")?.audience == "a.test routes/two")
        #expect(view.serverTerms(host: "b.test")?.audience == "*.test routes/one")
    }

    @Test func `a listener's terms are those of its document, else the defaults`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.trust("clients")
        try test.secured("plain", presenting: ["a"])
        try test.secured(
            "full",
            presenting: ["a"],
            hostname: "a.test",
            tls: #","minVersion":"1.3","maxVersion":"1.3","cipherSuites":["#
                + #""TLS_AES_128_GCM_SHA256","TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],"#
                + #""groups":["P-384","secp256r1"],"tickets":false,"alpn":["h2","http/1.1"],"#
                + #""clientValidation":{"trust":["clients"],"forward":true}"#,
            #","detectMisdirected":false"#
        )
        try test.secured(
            "fallback",
            presenting: ["a"],
            hostname: "b.test",
            tls: #","clientValidation":{"trust":["clients"],"mode":"AllowInsecureFallback"}"#
        )
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.problems == [])
        let view = compilation.snapshot.view
        var plain = ServerTerms()
        plain.protocols = ["http/1.1"]
        plain.audience = "* routes/plain"
        #expect(view.serverTerms() == plain)
        var full = ServerTerms()
        full.handshake.minVersion = .v13
        full.handshake.cipherSuites = [
            "TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        ]
        full.handshake.groups = ["P-384", "P-256"]
        full.usesTickets = false
        full.protocols = ["http/1.1"]
        full.clients = .required
        full.audience = "a.test routes/full"
        #expect(view.serverTerms(host: "a.test") == full)
        #expect(view.serverTerms(host: "b.test")?.clients == .insecureFallback)
        #expect(view.recipe(view.context(""))?.recipe.authorities == nil)
        #expect(view.recipe(view.context("", host: "a.test"))?.recipe.authorities != nil)
        func terms(_ host: String) -> ListenerTerms {
            host.withBytes { view.terms(listener: view.listener(binding: 0, host: $0)) }
        }
        let words = ["", "a.test", "b.test"].map { host in
            [terms(host).isSecured, terms(host).detectsMisdirected, terms(host).forwardsIdentity]
        }
        #expect(words == [[true, true, false], [true, false, true], [true, true, false]])
    }

    @Test func `only sockets of HTTPS listeners begin with a handshake`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.listener("clear")
        try test.secured("tls", presenting: ["a"])
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        let view = compilation.snapshot.view
        let ports = compilation.snapshot.bindings.filter { view.isSecured(binding: $0.index) }
            .map(\.port)
        #expect(ports == [8_443])
        #expect(!view.isSecured(binding: -1))
        #expect(!view.isSecured(binding: 2))
    }
}

/// References over changes.
struct ContextReferenceTests {
    @Test func `a context keeps its reference while what it is made of is equal`() throws {
        var test = TestWorld()
        let snapshots = Snapshots()
        defer { withExtendedLifetime(snapshots) {} }
        try test.certificate("a", ["a.test"])
        try test.certificate("b", ["b.test"])
        try test.secured(presenting: ["a", "b"])
        let first = snapshots.next(test, 1)
        let (a, b) = (first.context("a.test"), first.context("b.test"))
        #expect(a != b)
        try test.pool("p")
        try test.route("r", rules: TestWorld.rule("prefix", "/", 201))
        let second = snapshots.next(test, 2)
        #expect(second.context("a.test") == a && second.context("b.test") == b)

        try test.certificate("a", ["a.test"])
        let third = snapshots.next(test, 3)
        let changed = third.context("a.test")
        #expect(changed.slot != a.slot, "a worker may still use the slot")
        #expect(third.context("b.test") == b)
        #expect(third.recipe(a) == nil && third.contextGeneration(slot: a.slot) == 0)
        #expect(second.recipe(a)?.recipe.certificates.first?.names == ["a.test"])
        #expect(third.contextGeneration(slot: 99) == 0)

        snapshots.compiler.released(generation: 2)
        try test.certificate("a", ["a.test"])
        let fourth = snapshots.next(test, 4)
        let reused = ContextReference(slot: a.slot, generation: a.generation + 1)
        #expect(fourth.context("a.test") == reused)
        #expect(fourth.recipe(a) == nil && fourth.recipe(reused) != nil)
    }

    @Test func `pools share connections only under equal TLS`() throws {
        var test = TestWorld()
        try test.trust("one")
        try test.trust("two")
        try test.certificate("own", ["gateway.test"])
        try test.pool("0-clear")
        let documents = [
            #""sni":"a.test","trust":["one"]"#, #""sni":"b.test","trust":["one"]"#,
            #""sni":"a.test","trust":["two"]"#, #""sni":"a.test","trust":["one","two"]"#,
            #""sni":"a.test","trust":["one"],"clientCertificate":"own""#,
            #""sni":"a.test","trust":["one"],"subjectAltNames":[{"hostname":"a.test"}]"#,
            #""sni":"a.test","trust":["one"],"subjectAltNames":[{"uri":"spiffe://a/b"}]"#,
            #""sni":"a.test","trust":["one"],"minVersion":"1.3""#,
            #""sni":"a.test","trust":["one"],"groups":["P-256"]"#,
        ]
        for (number, tls) in documents.enumerated() {
            try test.securedPool("\(number + 1)", tls)
        }
        let same = [#""sni":"a.test","trust":["one"]"#, #""sni":"a.test","trust":["two","one"]"#]
        for (number, tls) in same.enumerated() { try test.securedPool("same\(number)", tls) }
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.problems == [])
        let view = compilation.snapshot.view
        let pools = try (0..<12 as Range<UInt32>).map { try view.pool(slot: $0) }
        let endpoints = pools.map { $0.endpoint(at: 0).slot }
        #expect(Set(endpoints.prefix(10)).count == 10)
        #expect(endpoints[10] == endpoints[1] && pools[10].context == pools[1].context)
        #expect(endpoints[11] == endpoints[4] && pools[11].context == pools[4].context)
        #expect(pools[0].context == nil)
        let own = try #require(pools[5].context.flatMap(view.recipe)?.recipe)
        #expect(own.certificates.map(\.names) == [["gateway.test"]])
        var terms = ClientTerms(serverName: "a.test")
        terms.acceptedNames = [.uri("spiffe://a/b")]
        let uri = try #require(pools[7].context.flatMap(view.recipe)?.recipe)
        #expect(uri.side == .client(terms))
    }
}
