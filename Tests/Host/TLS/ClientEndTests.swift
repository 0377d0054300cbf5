import CTLS
import SluiceTLS
import Testing

/// No session outlives the certificate of its client.
@Suite struct ClientEndTests {
    private let root = TestAuthority.root()
    private let server: Context
    private let ring: TicketRing

    init() throws {
        ring = try .fresh()
        let tickets = Tickets()
        tickets.replace(with: ring.keys.flatMap(\.bytes))
        server = try TestContexts.server(
            root.leaf(),
            clients: .required,
            trust: root,
            tickets: tickets
        )
    }

    /// A client whose certificate expires so many seconds from now.
    private func client(ends: Int) -> TestAuthority {
        var terms = TestTerms.named("client.test")
        terms.ends = ends
        return root.leaf(terms)
    }

    @Test(arguments: [TLSVersion.v12, .v13], [true, false])
    func `it resumes until the certificate expires`(
        version: TLSVersion,
        takesTickets: Bool
    ) throws {
        for (ends, isResumed) in [(3_600, true), (2, false)] {
            let own = client(ends: ends)
            let end = ctls_seconds() + Int64(ends)
            func peer(_ session: TestSession? = nil) throws -> TestPeer {
                try TestPeer(
                    server,
                    version,
                    resuming: session,
                    own: own,
                    takesTickets: takesTickets
                )
            }
            let first = try peer()
            #expect(first.run())
            let session = try first.session()
            let early = try peer(session)
            #expect(early.run() && early.server.isResumed)
            if !isResumed { awaitEnd(of: end) }
            let late = try peer(session)
            late.run()
            #expect(late.server.isResumed == isResumed)
        }
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `a ticket says when the certificate expires`(version: TLSVersion) throws {
        let peer = try TestPeer(server, version, own: client(ends: 600))
        #expect(peer.run())
        let lifetime = try peer.session().lifetime
        #expect(lifetime > 500 && lifetime <= 600)
    }
}
