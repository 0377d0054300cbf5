import SluiceBase
import SluiceOutbound
import Testing

/// Raw bytes in both directions after 101.
struct UpgradeTests {
    /// Answers 101 and sends back what comes, up to the end of the stream.
    private static let echo: TestServer.Script = { connection, _ in
        let head = connection.head()
        guard head.contains("Connection: Upgrade\r\n"), head.contains("Upgrade: raw\r\n"),
            !head.contains("Transfer-Encoding"), !head.contains("Content-Length")
        else { return }
        connection.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: Upgrade\r\n\r\nhello"
        )
        while true {
            let bytes = connection.read()
            guard !bytes.isEmpty else { return }
            connection.send(bytes)
        }
    }

    private func request(_ server: TestServer) -> OutboundRequest {
        var request = OutboundRequest(server.url("/raw"))
        request.speaks = .upgrade
        request.fields = [OutboundField("Upgrade", "raw")]
        return request
    }

    private func exchange(_ world: World, _ request: OutboundRequest) throws -> Recorder.Record {
        let recorder = try Recorder()
        let call = try world.client.send(request, to: recorder)
        _ = world.client.write(call, Array(" early".utf8))
        #expect(recorder.wait { $0.text == "hello early" })
        #expect(recorder.record.status == 101 && recorder.record.end == nil)
        let long = [UInt8](repeating: 98, count: 1 << 20)
        #expect(world.client.write(call, long) == .again)
        #expect(recorder.wait { $0.body.count == long.count + 11 })
        #expect(world.client.write(call, [], isLast: true) == .taken)
        if request.url.hasPrefix("https") { world.client.cancel(call) }
        _ = try recorder.wait()
        return recorder.record
    }

    @Test func `bytes go both ways, and the end of ours is told`() throws {
        let (world, server) = (try World(), try TestServer(Self.echo))
        let record = try exchange(world, request(server))
        #expect(record.failed == nil && record.body.count == (1 << 20) + 11)
    }

    @Test func `over a Unix socket`() throws {
        let path = "/tmp/outbound-\(UInt64.random(in: 0 ... .max)).sock"
        let (world, server) = (try World(), try TestServer(unix: path, Self.echo))
        #expect(try exchange(world, request(server)).failed == nil)
    }

    @Test func `over TLS`() throws {
        let tls = try TestTLS()
        let (world, server) = (try World(), try TestServer(tls: tls, Self.echo))
        try world.client.setProfile("p", TLSProfile(authorities: tls.chain))
        var request = request(server)
        request.profile = "p"
        #expect(try exchange(world, request).failed == .cancelled)
    }

    @Test(arguments: [false, true])
    func `the end of the peer's stream ends the call`(resets: Bool) throws {
        let server = try TestServer { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 101 Switching\r\nUpgrade: raw\r\nConnection: Upgrade\r\n\r\n")
            _ = connection.read(3)
            connection.send("bye")
            if resets { connection.reset() }
        }
        let world = try World()
        let recorder = try Recorder()
        let call = try world.client.send(request(server), to: recorder)
        #expect(recorder.wait { $0.status == 101 })
        #expect(world.client.write(call, Array("abc".utf8)) == .taken)
        let end = try recorder.wait()
        if !resets { #expect(end.failed == nil && recorder.record.text == "bye") }
        #expect(world.client.write(call, [1]) == .gone)
    }

    @Test(arguments: [false, true])
    func `an upgrade that is refused is an ordinary response`(writes: Bool) throws {
        let server = try TestServer { connection, _ in
            connection.head()
            connection.send(
                "HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"
            )
            _ = connection.drain()
        }
        let world = try World()
        let recorder = try Recorder()
        let call = try world.client.send(request(server), to: recorder)
        if writes { _ = world.client.write(call, Array("abc".utf8)) }
        #expect(try recorder.wait().failed == nil)
        #expect(recorder.record.status == 401 && recorder.record.text == "no")
    }

    @Test func `a paused upgrade stays`() throws {
        let (world, server) = (try World(), try TestServer(Self.echo))
        let recorder = try Recorder(answers: { $0 == 1 ? .pause : .take })
        let call = try world.client.send(request(server), to: recorder)
        #expect(recorder.wait { $0.text == "hello" })
        _ = world.client.write(call, Array("abc".utf8))
        _ = world.client.write(call, Array("def".utf8))
        #expect(recorder.record.end == nil)
        #expect(world.client.resume(call))
        #expect(recorder.wait { $0.text == "helloabcdef" })
        world.client.cancel(call)
        #expect(try recorder.wait().failed == .cancelled)
    }

    @Test func `an upgrade that is silent is idle`() throws {
        let (world, server) = (try World(), try TestServer(Self.echo))
        var request = request(server)
        request.deadlines.idle = .milliseconds(200)
        let record = try world.run(request)
        #expect(record.failed == .idleTimeout && record.text == "hello")
    }
}
