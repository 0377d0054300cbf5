import CTLS
import SluiceBase
import SluiceTLS
import Testing

/// Connections between two ends that are the host's own.
@Suite struct SecuredTests {
    private let root = TestAuthority.root()

    private func pair(
        _ version: TLSVersion,
        lent: Int = 1 << 16
    ) throws -> SecuredPair {
        let client = try TestContexts.client(root) {
            $0.handshake.minVersion = version
            $0.handshake.maxVersion = version
        }
        let server = try TestContexts.server(root.leaf())
        defer {
            client.free()
            server.free()
        }
        return try SecuredPair(client, server, lent: lent)
    }

    @Test(arguments: [TLSVersion.v12, .v13], [1, 7, 100, 1 << 16])
    func `bytes pass both ways, however little memory is lent`(
        version: TLSVersion,
        lent: Int
    ) throws {
        let pair = try pair(version, lent: lent)
        #expect(pair.shake() == (.done(0), .done(0)))
        #expect(pair.client.isComplete && pair.server.isComplete)
        #expect(pair.client.verification == .none)
        #expect(pair.server.serverName.text == "leaf.test")
        #expect(!pair.server.isResumed)
        let text = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        #expect(pair.write(.client, text) == .done(text.count))
        #expect(pair.read(.server) == (text, .wantsInput))
        #expect(pair.write(.server, text) == .done(text.count))
        #expect(pair.read(.client) == (text, .wantsInput))
        #expect(!pair.client.hasPending && !pair.server.hasPending)
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `each side ends its stream and still reads`(version: TLSVersion) throws {
        let pair = try pair(version)
        pair.shake()
        _ = pair.write(.client, [1, 2, 3])
        pair.end(.client)
        #expect(pair.read(.server) == ([1, 2, 3], .ended))
        #expect(pair.read(.server) == ([], .ended))
        #expect(pair.write(.server, [4, 5]) == .done(2))
        pair.end(.server)
        #expect(pair.read(.client) == ([4, 5], .ended))
        #expect(pair.write(.client, [6]) == .failed)
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `part of a record is no end`(version: TLSVersion) throws {
        let pair = try pair(version)
        pair.shake()
        _ = pair.read(.client)
        _ = pair.write(.server, [1, 2, 3])
        let whole = pair.toClient
        for count in 0..<whole.count {
            pair.toClient = [whole[count]]
            let isLast = count == whole.count - 1
            #expect(pair.read(.client) == (isLast ? [1, 2, 3] : [], .wantsInput))
        }
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `a record that was changed ends the connection with an alert`(
        version: TLSVersion
    ) throws {
        let pair = try pair(version)
        pair.shake()
        _ = pair.read(.client)
        _ = pair.write(.client, [1, 2, 3])
        pair.toServer[pair.toServer.count - 1] ^= 1
        #expect(pair.read(.server) == ([], .failed))
        #expect(!pair.toClient.isEmpty)
        #expect(pair.read(.client) == ([], .failed))
        #expect(pair.write(.server, [1]) == .failed)
    }

    @Test func `what is no handshake ends one at once`() throws {
        let alert: [UInt8] = [0x15, 3, 3, 0, 2, 2, 0x28]
        let cases: [([UInt8], Secured.Step)] = [
            (Array("HTTP/1.1 400 Bad Request\r\n".utf8), .failed), (alert, .failed),
            ([0x15, 3, 3, 0, 2, 1, 0], .ended), ([0x16, 3, 3, 0, 1, 9], .wantsInput),
            ([0x17, 3, 3, 0, 1, 9], .failed),
        ]
        for (bytes, wanted) in cases {
            let pair = try pair(.v13)
            #expect(pair.run(.client) { $0.shake() } == .wantsInput)
            pair.toClient = bytes
            #expect(pair.run(.client) { $0.shake() } == wanted, "\(bytes)")
            #expect(!pair.client.isComplete)
        }
    }

    @Test func `versions without a common one`() throws {
        let server = try TestContexts.server(root.leaf()) { $0.handshake.minVersion = .v13 }
        let client = try TestContexts.client(root) { $0.handshake.maxVersion = .v12 }
        let pair = try SecuredPair(client, server)
        #expect(pair.shake() == (.failed, .failed))
    }
}

/// Whom each side believes.
@Suite struct VerificationTests {
    private let root = TestAuthority.root()

    private func outcome(
        _ leaf: TestAuthority,
        trust: TestAuthority? = nil,
        name: String = "leaf.test",
        _ change: (inout ClientTerms) -> Void = { _ in }
    ) throws -> Verification? {
        let client = try TestContexts.client(trust ?? root, name: name, change)
        let pair = try SecuredPair(client, TestContexts.server(leaf))
        let last = pair.shake()
        guard last.client == .failed else { return nil }
        // The server learns why.
        #expect(last.server == .failed || pair.read(.server).then == .failed)
        return pair.client.verification
    }

    @Test func `certificates that are not accepted have a reason`() throws {
        #expect(try outcome(root.leaf()) == nil)
        #expect(try outcome(root.leaf(.named("other.test"))) == .wrongName)
        #expect(try outcome(root.leaf(), trust: .root("Other")) == .unknownAuthority)
        var expired = TestTerms()
        expired.ends = -60
        #expect(try outcome(root.leaf(expired)) == .expired)
        var early = TestTerms()
        early.starts = 600
        #expect(try outcome(root.leaf(early)) == .notYetValid)
        let wild = root.leaf(.named("*.b.test", "x*.c.test"))
        #expect(try outcome(wild, name: "a.b.test") == nil)
        for name in ["a.a.b.test", "b.test", "xy.c.test"] {
            #expect(try outcome(wild, name: name) == .wrongName)
        }
    }

    @Test func `accepted names stand for the server's name`() throws {
        var terms = TestTerms.named("Other.test", "*.b.test")
        terms.extensions = []
        let leaf = root.leaf(terms)
        func accepts(_ names: AcceptedName...) throws -> Bool {
            try outcome(leaf) { $0.acceptedNames = names } == nil
        }
        #expect(try accepts(.hostname("other.test")))
        #expect(try accepts(.hostname("x.b.test")))
        #expect(try accepts(.hostname("*.b.test")))
        #expect(try accepts(.uri("a:b"), .hostname("other.test")))
        #expect(try !accepts(.hostname("x.y.b.test")))
        #expect(try !accepts(.hostname("b.test")))
        #expect(try !accepts(.hostname("leaf.test")))
        #expect(try !accepts(.uri("other.test")))
        let refused = try outcome(leaf) { $0.acceptedNames = [.hostname("leaf.test")] }
        #expect(refused == .wrongName)
    }

    @Test func `a URI is compared byte for byte`() throws {
        var terms = TestTerms()
        terms.names = nil
        terms.extensions = [(NID_subject_alt_name, "URI:spiffe://a.test/x")]
        let leaf = root.leaf(terms)
        for (uri, isRight) in [("spiffe://a.test/x", true), ("spiffe://A.test/x", false)] {
            let refused = try outcome(leaf) { $0.acceptedNames = [.uri(uri)] }
            #expect((refused == nil) == isRight, "\(uri)")
        }
    }

    /// The result for the server, and what it found.
    private func client(
        _ validation: ClientValidation,
        _ version: TLSVersion,
        _ own: TestAuthority?
    ) throws -> (step: Secured.Step, found: Verification) {
        let server = try TestContexts.server(root.leaf(), clients: validation, trust: root)
        let client = try TestContexts.client(root, own: own) { $0.handshake.maxVersion = version }
        let pair = try SecuredPair(client, server)
        let last = pair.shake()
        // In TLS 1.3 the client's handshake is complete before the server judges.
        if last.server == .failed, last.client != .failed {
            #expect(pair.read(.client).then == .failed)
        }
        return (last.server, pair.server.verification)
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `certificates of clients`(version: TLSVersion) throws {
        let known = root.leaf(.named("client.test"))
        let unknown = TestAuthority.root("Other").leaf(.named("client.test"))
        #expect(try client(.required, version, known) == (.done(0), .none))
        #expect(try client(.required, version, nil).step == .failed)
        let refused = try client(.required, version, unknown)
        #expect(refused == (.failed, .unknownAuthority))
        #expect(try client(.insecureFallback, version, known) == (.done(0), .none))
        #expect(try client(.insecureFallback, version, nil) == (.done(0), .none))
        let taken = try client(.insecureFallback, version, unknown)
        #expect(taken == (.done(0), .unknownAuthority))
        #expect(try client(.optional, version, known) == (.done(0), .none))
        #expect(try client(.optional, version, nil) == (.done(0), .none))
        #expect(try client(.optional, version, unknown) == (.failed, .unknownAuthority))
        #expect(try client(.none, version, unknown) == (.done(0), .none))
    }
}
