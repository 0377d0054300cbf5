import CTLS
import SluiceBase
import SluiceOutbound
import SluiceTLS
import Testing

/// TLS profiles, and what is said when a handshake fails.
struct SecureTests {
    private static let script = ExchangeTests.echo

    private func run(_ world: World, _ server: TestServer, _ profile: TLSProfile?) throws
        -> Recorder.Record
    {
        var request = OutboundRequest(server.url())
        if let profile {
            try world.client.setProfile("p", profile)
            request.profile = "p"
        }
        return try world.run(request)
    }

    @Test func `a certificate nobody knows is refused`() throws {
        let tls = try TestTLS()
        let (world, server) = (try World(), try TestServer(tls: tls, Self.script))
        let record = try run(world, server, nil)
        #expect(record.failed == .tls && record.end?.mayHaveReceived == false)
        #expect(
            record.detail
                == "tls: certificate verify failed (self-signed certificate) for host 127.0.0.1"
        )
    }

    @Test func `a profile names whom to trust`() throws {
        let tls = try TestTLS()
        let (world, server) = (try World(), try TestServer(tls: tls, Self.script))
        let record = try run(world, server, TLSProfile(authorities: tls.chain))
        #expect(record.status == 200 && record.failed == nil)
        let other = try TestTLS()
        let wrong = try run(world, server, TLSProfile(authorities: other.chain))
        #expect(wrong.failed == .tls, "the kept connection is not used")
        let insecure = try run(world, server, TLSProfile(isInsecure: true))
        #expect(insecure.status == 200)
    }

    @Test func `the name must be in the certificate`() throws {
        let tls = try TestTLS(names: ["server.test"], addresses: ["192.0.2.1"])
        let (world, server) = (try World(), try TestServer(tls: tls, Self.script))
        let wrong = try run(world, server, TLSProfile(authorities: tls.chain))
        #expect(wrong.failed == .tls)
        #expect(
            wrong.detail == "tls: the certificate has no name that matches host 127.0.0.1"
        )
        let named = try run(
            world,
            server,
            TLSProfile(authorities: tls.chain, serverName: "server.test")
        )
        #expect(named.status == 200)
        #expect(named.text.contains("\r\nHost: 127.0.0.1:\(server.port)\r\n"))
        let other = try run(
            world,
            server,
            TLSProfile(authorities: tls.chain, serverName: "other.test")
        )
        #expect(other.detail == "tls: the certificate has no name that matches host other.test")
    }

    @Test func `a client certificate is shown`() throws {
        let client = try SelfSigned.make(names: ["client"], addresses: [], days: 1)
        let tls = try TestTLS(clients: client.chain, newest: TLS1_2_VERSION)
        let (world, server) = (try World(), try TestServer(tls: tls, Self.script))
        let none = try run(world, server, TLSProfile(authorities: tls.chain))
        #expect(none.failed == .tls && none.detail.hasPrefix("tls: "))
        let shown = try run(
            world,
            server,
            TLSProfile(authorities: tls.chain, certificate: client.chain, key: client.key)
        )
        #expect(shown.status == 200, "\(shown.detail)")
    }

    @Test func `TLS 1.1 is refused`() throws {
        let tls = try TestTLS(newest: TLS1_1_VERSION)
        let (world, server) = (try World(), try TestServer(tls: tls, Self.script))
        let record = try run(world, server, TLSProfile(authorities: tls.chain))
        #expect(record.failed == .tls)
    }

    @Test func `a peer that speaks no TLS`() throws {
        let server = try TestServer { connection, _ in
            _ = connection.read()
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        let record = try World().run("https://127.0.0.1:\(server.port)/")
        #expect(record.failed == .tls && record.end?.mayHaveReceived == false)
    }

    @Test func `a profile that is replaced counts for later calls`() throws {
        let tls = try TestTLS()
        let (world, server) = (try World(), try TestServer(tls: tls, Self.script))
        #expect(try run(world, server, TLSProfile(authorities: TestTLS().chain)).failed == .tls)
        #expect(try run(world, server, TLSProfile(authorities: tls.chain)).status == 200)
        #expect(try run(world, server, TLSProfile(authorities: TestTLS().chain)).failed == .tls)
        let broken = Array("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n".utf8)
        #expect(try run(world, server, TLSProfile(authorities: broken)).failed == .tls)
    }

    @Test func `a connection that is lost under TLS is a reset`() throws {
        let tls = try TestTLS()
        let server = try TestServer(tls: tls) { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        }
        let record = try run(World(), server, TLSProfile(authorities: tls.chain))
        #expect(record.failed == .reset)
        #expect(
            record.detail
                == "reset: the connection to 127.0.0.1 was lost after 3 bytes of the body"
        )
    }
}
