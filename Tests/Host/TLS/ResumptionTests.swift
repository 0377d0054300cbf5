import SluiceTLS
import Testing

/// Where sessions are resumed, and where not.
@Suite struct ResumptionTests {
    private let root = TestAuthority.root()
    private let leaf: TestAuthority
    private let ring: TicketRing

    init() throws {
        leaf = root.leaf()
        ring = try .fresh()
    }

    /// The tickets of another worker with the same keys.
    private func tickets(_ ring: TicketRing) -> Tickets {
        let tickets = Tickets()
        tickets.replace(with: ring.keys.flatMap(\.bytes))
        return tickets
    }

    private func context(
        _ ring: TicketRing? = nil,
        leaf: TestAuthority? = nil,
        clients: ClientValidation = .none,
        trust: TestAuthority? = nil,
        audience: String = "test"
    ) throws -> Context {
        try TestContexts.server(
            leaf ?? self.leaf,
            clients: clients,
            trust: trust,
            tickets: tickets(ring ?? self.ring)
        ) { $0.audience = audience }
    }

    private func session(_ context: Context, _ version: TLSVersion) throws -> TestSession {
        let peer = try TestPeer(context, version)
        #expect(peer.run() && !peer.server.isResumed)
        let session = try peer.session()
        #expect(session.hasTicket)
        #expect(session.lifetime == 7_200)
        return session
    }

    /// Whether a session of `first` is resumed by `second`.
    private func resumes(
        _ first: Context,
        _ second: Context,
        _ version: TLSVersion
    ) throws -> Bool {
        let peer = try TestPeer(second, version, resuming: session(first, version))
        #expect(peer.run())
        return peer.server.isResumed
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `another worker resumes it`(version: TLSVersion) throws {
        #expect(try resumes(context(), context(), version))
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `where another check would be made it is not resumed`(version: TLSVersion) throws {
        let plain = try context()
        #expect(try !resumes(plain, context(audience: "other"), version))
        #expect(try !resumes(plain, context(leaf: root.leaf()), version))
        #expect(try !resumes(plain, context(.fresh()), version))
        let first = try context(clients: .insecureFallback, trust: root)
        #expect(try !resumes(plain, first, version))
        #expect(try !resumes(first, plain, version))
        let other = TestAuthority.root("Other")
        #expect(try !resumes(first, context(clients: .insecureFallback, trust: other), version))
        #expect(try resumes(first, context(clients: .insecureFallback, trust: root), version))
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `an older key still opens a ticket, which is renewed`(version: TLSVersion) throws {
        var newer = ring
        for _ in 1..<TicketRing.keysMax {
            newer = try newer.rotated()
            #expect(try resumes(context(), context(newer), version))
        }
        let session = try session(context(), version)
        let peer = try TestPeer(context(newer), version, resuming: session)
        #expect(peer.run() && peer.server.isResumed)
        // The renewed ticket is under the newest key alone.
        let renewed = try peer.session()
        newer = try newer.rotated()
        for (ticket, isKnown) in [(session, false), (renewed, true)] {
            let later = try TestPeer(context(newer), version, resuming: ticket)
            #expect(later.run() && later.server.isResumed == isKnown)
        }
        #expect(renewed.lifetime <= 7_200)
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `without keys, or without tickets, there is none`(version: TLSVersion) throws {
        let bare = try TestContexts.server(leaf)
        let off = try TestContexts.server(leaf, tickets: tickets(ring)) { $0.usesTickets = false }
        for context in [bare, off] {
            let peer = try TestPeer(context, version)
            #expect(peer.run())
            #expect(try !peer.session().hasTicket)
        }
    }
}

/// What else is agreed upon in a handshake.
@Suite struct NegotiationTests {
    private let root = TestAuthority.root()

    @Test(arguments: [TLSVersion.v12, .v13])
    func `protocols`(version: TLSVersion) throws {
        let server = try TestContexts.server(root.leaf())
        let cases: [([String], String?)] = [
            ([], ""), (["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"),
            (["h2"], nil), (["http/1.10", "http/1."], nil),
        ]
        for (offered, wanted) in cases {
            let peer = try TestPeer(server, version, protocols: offered)
            #expect(peer.run() == (wanted != nil), "\(offered)")
            if let wanted { #expect(peer.chosenProtocol == wanted) }
            #expect((peer.serverStep == .failed) == (wanted == nil))
        }
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `an OCSP response comes to those who request it`(version: TLSVersion) throws {
        let leaf = root.leaf()
        let response = root.response(for: leaf)
        let server = try TestContexts.server(leaf, ocsp: response)
        for isRequested in [true, false] {
            let peer = try TestPeer(server, version, staples: isRequested)
            #expect(peer.run())
            #expect(peer.staple == (isRequested ? response : []))
        }
        let bare = try TestPeer(TestContexts.server(leaf), version, staples: true)
        #expect(bare.run() && bare.staple.isEmpty)
    }

    @Test func `nobody begins a second handshake`() throws {
        let peer = try TestPeer(TestContexts.server(root.leaf()), .v12)
        #expect(peer.run())
        #expect(!peer.renegotiate())
    }
}
