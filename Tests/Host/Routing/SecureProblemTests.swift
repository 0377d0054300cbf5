import SluiceBase
import SluiceRouting
import SluiceShared
import SluiceTLS
import Testing

/// What is wrong with TLS is reported at its place, and nothing else suffers.
struct SecureProblemTests {
    @Test(arguments: [
        (#","cipherSuites":["TLS_AES_128_GCM_SHA255"]"#, "bad-cipher-suite /tls/cipherSuites/0"),
        (
            #","cipherSuites":["TLS_AES_128_GCM_SHA256","NULL-SHA256"]"#,
            "bad-cipher-suite /tls/cipherSuites/1"
        ),
        (
            #","maxVersion":"1.2","cipherSuites":["TLS_AES_128_GCM_SHA256"]"#,
            "bad-cipher-suite /tls/cipherSuites"
        ),
        (
            #","minVersion":"1.3","cipherSuites":["ECDHE-RSA-AES128-GCM-SHA256"]"#,
            "bad-cipher-suite /tls/cipherSuites"
        ),
        (#","groups":["P-256","P-257"]"#, "bad-group /tls/groups/1"),
        (#","minVersion":"1.3","maxVersion":"1.2""#, "bad-version /tls/minVersion"),
        (#","alpn":["h2"]"#, "not-supported /tls/alpn"),
        (
            #","clientValidation":{"trust":["none"]}"#,
            "unknown-trust /tls/clientValidation/trust/0"
        ),
        (
            #","clientValidation":{"trust":["good","none"]}"#,
            "unknown-trust /tls/clientValidation/trust/1"
        ),
    ])
    func `a listener with terms that nothing can have is left out alone`(
        tls: String,
        expected: String
    ) throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.trust("good")
        try test.secured("good", presenting: ["a"])
        try test.secured("bad", presenting: ["a"], hostname: "a.test", tls: tls)
        let compilation = test.compile()
        #expect(compilation.words == ["listener bad \(expected)"])
        #expect(compilation.problems.first?.severity == .object)
        #expect(compilation.snapshot.bindings.map { $0.listeners.map(\.name) } == [["good"]])
    }

    @Test func `a misspelt name comes with the nearest known one`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.secured(
            presenting: ["a"],
            tls: #","groups":["X25518"],"cipherSuites":["ECDHE-RSA-AES128-GCM-SHA255"]"#
        )
        let texts = test.compile().problems.map(\.text)
        #expect(texts.count == 2)
        #expect(texts.first?.contains("did you mean \"ECDHE-RSA-AES128-GCM-SHA256\"?") == true)
        #expect(texts.last?.contains("did you mean \"X25519\"?") == true)
    }

    @Test func `protocols that the host does not speak are left out`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.secured(presenting: ["a"], tls: #","alpn":["h2","other/1","http/1.1"]"#)
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.words == ["listener web not-supported /tls/alpn/1"])
        #expect(compilation.problems.first?.severity == .warning)
        #expect(compilation.snapshot.view.serverTerms()?.protocols == ["http/1.1"])
    }

    @Test func `a listener serves with the certificates that are good`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.put(
            .certificate,
            "bad",
            #"{"chain":\#(Broken.block),"key":\#(Broken.key)}"#
        )
        try test.secured(presenting: ["none", "a", "bad"])
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(
            compilation.words == [
                "certificate bad bad-certificate /chain",
                "listener web unknown-certificate /tls/certificates/0",
                "listener web unknown-certificate /tls/certificates/2",
            ]
        )
        #expect(compilation.problems.map(\.severity) == [.object, .warning, .warning])
        #expect(compilation.snapshot.view.presented("x.test") == ["ecdsa a.test"])
        let texts = compilation.problems.map(\.text)
        #expect(texts[1].hasPrefix("there is no certificate \"none\""))
        #expect(texts[2].hasPrefix("certificate \"bad\" is left out"))
    }

    @Test func `a listener without a good certificate is left out and claims nothing`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        try test.secured("1-lost", presenting: ["none"])
        try test.secured("2-good", presenting: ["a"])
        let compilation = test.compile()
        #expect(compilation.words == ["listener 1-lost unknown-certificate /tls/certificates/0"])
        #expect(compilation.problems.first?.severity == .object)
        #expect(compilation.snapshot.bindings.map { $0.listeners.map(\.name) } == [["2-good"]])
    }

    @Test(arguments: [
        (#""sni":"a.test","trust":["none"]"#, "unknown-trust /tls/trust/0"),
        (#""sni":"a.test","trust":["good","bad"]"#, "unknown-trust /tls/trust/1"),
        (
            #""sni":"a.test","trust":["good"],"clientCertificate":"none""#,
            "unknown-certificate /tls/clientCertificate"
        ),
        (#""sni":"a.test","trust":["good"],"groups":["P-1"]"#, "bad-group /tls/groups/0"),
        (
            #""sni":"a.test","trust":["good"],"minVersion":"1.3","maxVersion":"1.2""#,
            "bad-version /tls/minVersion"
        ),
    ])
    func `a pool that cannot be spoken to as it wants is left out`(
        tls: String,
        expected: String
    ) throws {
        var test = TestWorld()
        try test.listener()
        try test.trust("good")
        try test.put(.trust, "bad", #"{"certificates":[\#(Broken.block)]}"#)
        try test.securedPool("p", tls)
        try test.route("r", rules: #"{"backends":[{"pool":"p"}]}"#)
        let compilation = test.compile()
        #expect(
            compilation.words == [
                "pool p \(expected)", "route r pool-left-out /rules/0/backends/0/pool",
                "trust bad bad-trust /certificates/0",
            ]
        )
        #expect(compilation.status("a.test", "/") == 500)
    }

    @Test func `a listener of any instance may present the host's certificates`() throws {
        var test = TestWorld()
        test.instance = DocumentKey.hostInstance
        try test.certificate("self-signed", ["host.test"])
        test.instance = "routes"
        try test.certificate("self-signed", ["routes.test"])
        try test.secured(presenting: ["(host)/self-signed", "self-signed"])
        test.instance = "other"
        try test.secured("other", presenting: ["self-signed"], hostname: "other.test")
        let compilation = test.compile()
        defer { withExtendedLifetime(compilation) {} }
        #expect(compilation.words == ["listener other unknown-certificate /tls/certificates/0"])
        #expect(compilation.snapshot.view.presented("host.test") == ["ecdsa host.test"])
        #expect(compilation.snapshot.view.presented("routes.test") == ["ecdsa routes.test"])
    }

    @Test func `of HTTP and HTTPS on one socket the older serves`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"])
        let order = #","order":{"created":"2020-01-01T00:00:00Z"}"#
        try test.secured("tls", presenting: ["a"], port: 8_080, order)
        try test.listener("clear")
        try test.listener("named", hostname: "b.test")
        let compilation = test.compile()
        #expect(
            compilation.words == [
                "listener clear protocol-conflict /protocol",
                "listener named protocol-conflict /protocol",
            ]
        )
        #expect(compilation.snapshot.bindings.map { $0.listeners.map(\.name) } == [["tls"]])
        #expect(compilation.snapshot.view.isSecured(binding: 0))
    }
}

/// Certificates: their dates, their parts, and what nobody may see of them.
struct CertificateDocumentTests {
    @Test(arguments: [
        (DocumentKind.certificate, "certificate-ecdsa"), (.certificate, "certificate-rsa"),
        (.certificate, "certificate-ocsp"), (.trust, "trust-ca"), (.trust, "trust-system"),
    ])
    func `the published examples can be used`(kind: DocumentKind, file: String) throws {
        var test = TestWorld()
        try test.example(kind, "example", file)
        let document = try #require(test.world.documents.values.first)
        #expect(Compiler.check(document) == [])
    }

    @Test func `a certificate outside its dates is reported and serves`() throws {
        var test = TestWorld()
        try test.certificate("a", ["a.test"], days: 1)
        try test.secured(presenting: ["a"])
        let now = Clock.unixSecond()
        let compiler = Compiler()
        func words(_ second: Int64) -> [String] {
            let compilation = compiler.compile(test.world, generation: 1, now: second)
            #expect(compilation.snapshot.bindings.count == 1)
            #expect(compilation.problems.allSatisfy { $0.severity == .warning })
            #expect(compilation.contentHash == test.compile().contentHash)
            return compilation.words
        }
        #expect(words(now) == [])
        #expect(words(now + 172_800) == ["certificate a certificate-expired /chain"])
        #expect(words(now - 172_800) == ["certificate a certificate-not-yet-valid /chain"])
        #expect(words(now) == [])
        let late = compiler.compile(test.world, generation: 1, now: .max)
        #expect(late.problems.first?.text.contains(" GMT: it is still presented") == true)
    }

    @Test(arguments: [
        ("certificate-ecdsa", "certificate-rsa"), ("certificate-rsa", "certificate-ecdsa"),
    ])
    func `a pair that does not fit is reported at its key`(
        chain: String,
        key: String
    ) throws {
        var test = TestWorld()
        try test.example(.certificate, "chain", chain)
        try test.example(.certificate, "key", key)
        let chain = try test.member("chain", of: "chain")
        let key = try test.member("key", of: "key")
        test.world = World()
        try test.put(.certificate, "c", #"{"chain":\#(chain),"key":\#(key)}"#)
        let problems = test.compile().problems
        #expect(problems.map(\.code) == ["bad-certificate"])
        #expect(problems.map(\.pointer) == ["/key"])
        #expect(problems.first?.severity == .object)
        let document = try #require(test.world.documents.values.first)
        #expect(Compiler.check(document).map(\.pointer) == ["/key"])
    }

    @Test(arguments: ["", "AAAA", "AAAAA", "-----BEGIN", "MAMKAQM="])
    func `a certificate serves without a response that cannot be used`(response: String) throws {
        var test = TestWorld()
        try test.example(.certificate, "whole", "certificate-ecdsa")
        let chain = try test.member("chain", of: "whole")
        let key = try test.member("key", of: "whole")
        test.world = World()
        let text = #"{"chain":\#(chain),"key":\#(key),"ocsp":"\#(response)"}"#
        try test.put(.certificate, "c", text)
        try test.secured(presenting: ["c"])
        let compilation = test.compile()
        #expect(compilation.words == ["certificate c bad-ocsp /ocsp"])
        #expect(compilation.problems.first?.severity == .warning)
        #expect(compilation.problems.first?.text.contains("presented without it") == true)
        #expect(compilation.snapshot.bindings.count == 1)
    }

    @Test func `a response that counts no more is reported`() throws {
        var test = TestWorld()
        try test.example(.certificate, "c", "certificate-ocsp")
        let late = Compiler().compile(test.world, generation: 1, now: 1 << 40)
        let words = ["certificate c bad-ocsp /ocsp", "certificate c certificate-expired /chain"]
        #expect(Set(late.words) == Set(words))
        #expect(late.problems.allSatisfy { $0.severity == .warning })
    }

    @Test func `intermediates and authorities that have expired are reported`() throws {
        let made = try SelfSigned.make(names: ["a.test"], addresses: [], days: 365)
        let old = try SelfSigned.make(names: ["old.test"], addresses: [], days: 1)
        let both = JSONText.of(made.chain + old.chain)
        var test = TestWorld()
        let text = #"{"chain":\#(both),"key":\#(JSONText.of(made.key))}"#
        try test.put(.certificate, "c", text)
        try test.put(.trust, "some", #"{"certificates":[\#(both)]}"#)
        try test.put(.trust, "whole", #"{"certificates":[\#(JSONText.of(old.chain))]}"#)
        #expect(test.compile().words == [])
        let now = Clock.unixSecond() + 172_800
        let late = Compiler().compile(test.world, generation: 1, now: now)
        #expect(
            late.words == [
                "certificate c certificate-expired /chain",
                "trust some certificate-expired /certificates",
                "trust whole certificate-expired /certificates",
            ]
        )
        #expect(late.problems.allSatisfy { $0.severity == .warning })
        #expect(late.problems.allSatisfy { $0.text.contains("CN=old.test") })
        #expect(late.problems[1].text.hasPrefix("1 of 2 have expired"))
        #expect(late.problems[2].text.hasPrefix("all authorities have expired"))
    }

    @Test func `a response to staple is shown and makes another certificate`() throws {
        var test = TestWorld()
        try test.example(.certificate, "c", "certificate-ecdsa")
        try test.secured(presenting: ["c"])
        let snapshots = Snapshots()
        defer { withExtendedLifetime(snapshots) {} }
        let plain = snapshots.next(test, 1).context("a.test")
        try test.example(.certificate, "c", "certificate-ocsp")
        #expect(snapshots.next(test, 2).context("a.test") != plain)
        #expect(test.compile().problems == [])
        let document = try #require(test.world.documents.values.first { $0.key.name == "c" })
        let text = String(decoding: document.text, as: UTF8.self)
        #expect(text.contains(#""ocsp":"MII"#))
        #expect(text.contains(#""key":"redacted""#) && !text.contains("PRIVATE"))
    }

    @Test func `no problem quotes a key`() throws {
        var test = TestWorld()
        try test.put(
            .certificate,
            "c",
            #"{"chain":\#(Broken.block),"key":\#(Broken.key)}"#
        )
        try test.put(
            .certificate,
            "swapped",
            #"{"chain":\#(Broken.key),"key":\#(Broken.block)}"#
        )
        let problems = test.compile().problems
        #expect(!problems.isEmpty)
        #expect(!problems.contains { $0.text.contains("c2VjcmV0") })
    }
}

/// PEM with nothing in it that can be used.
enum Broken {
    private static let body =
        #"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"#
    static let block = #""-----BEGIN CERTIFICATE-----\n\#(body)\n-----END CERTIFICATE-----\n""#
    static let key = #""-----BEGIN PRIVATE KEY-----\n\#(body)\n-----END PRIVATE KEY-----\n""#
}

extension TestWorld {
    /// A member of a certificate document, as JSON.
    func member(_ member: String, of name: String) throws -> String {
        let key = DocumentKey(instance: instance, kind: .certificate, name: name)
        let value = try #require(world.documents[key]?.value.root[member])
        return String(decoding: value.canonical(), as: UTF8.self)
    }
}
