import SluiceBase
import SluiceOutbound
import Testing

/// What works: heads, bodies, trailers, kept connections, Unix sockets.
struct ExchangeTests {
    /// Answers every request of a connection with its own head as body.
    static let echo: TestServer.Script = { connection, number in
        while true {
            let head = connection.head()
            guard head.hasSuffix("\r\n\r\n") else { return }
            connection.send(
                "HTTP/1.1 200 OK\r\nX-Connection: \(number)\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)"
            )
        }
    }

    @Test func `a call has a head, a body and an end`() throws {
        let (world, server) = (try World(), try TestServer(Self.echo))
        var request = OutboundRequest(server.url("/a/../b?c=d#e"))
        request.fields = [OutboundField("X-Empty", ""), OutboundField("x-one", "1")]
        let record = try world.run(request)
        #expect(record.words == ["head", "body", "end"])
        #expect(record.status == 200)
        #expect(record.fields.first("x-connection") == "1")
        #expect(
            record.text == "GET /a/../b?c=d HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
                + "X-Empty:\r\nx-one: 1\r\n\r\n"
        )
        let end = try #require(record.end)
        #expect(end.failed == nil && end.detail == "" && end.mayHaveReceived)
        #expect(end.attempts == 1 && end.status == 200)
        #expect(end.sentBytes == record.body.count)
        #expect(end.receivedBytes > record.body.count)
        #expect(end.connectNanoseconds > 0 && end.connectNanoseconds <= end.headNanoseconds)
        #expect(end.headNanoseconds <= end.totalNanoseconds)
    }

    @Test func `a connection is used again`() throws {
        let (world, server) = (try World(), try TestServer(Self.echo))
        for _ in 0..<5 { #expect(try world.run(server.url()).fields.first("x-connection") == "1") }
        #expect(server.connections == 1)
        let counts = world.client.counts
        #expect(counts.calls == 5 && counts.active == 0)
        #expect(counts.connectionsOpened == 1 && counts.connectionsOpen == 1)
        #expect(counts.failures.allSatisfy { $0 == 0 } && counts.sentBytes > 0)
    }

    @Test func `a Unix socket is a peer`() throws {
        let path = "/tmp/outbound-\(UInt64.random(in: 0 ... .max)).sock"
        let (world, server) = (try World(), try TestServer(unix: path, Self.echo))
        let record = try world.run(server.url("/a"))
        #expect(record.text.hasPrefix("GET /a HTTP/1.1\r\nHost: localhost\r\n"))
        let refusing = try World(policy: AddressPolicy(allowsUnixSockets: false))
        let refused = try refusing.run(server.url("/a"))
        #expect(refused.failed == .refused)
        #expect(refused.detail == "refused: the address policy denies \(path)")
    }

    @Test func `a body of known length is sent with it`() throws {
        let (world, server) = (
            try World(),
            try TestServer { connection, _ in
                let head = connection.head()
                let body = connection.read(200_000)
                let isWhole = body == [UInt8](repeating: 7, count: 200_000)
                let says = head.contains("Content-Length: 200000\r\n") && isWhole
                connection.send("HTTP/1.1 \(says ? 200 : 400) OK\r\nContent-Length: 0\r\n\r\n")
            }
        )
        var request = OutboundRequest(server.url())
        request.method = "POST"
        request.body = [UInt8](repeating: 7, count: 200_000)
        let record = try world.run(request)
        #expect(record.status == 200 && record.words == ["head", "end"])
    }

    @Test func `an empty POST says so`() throws {
        let (world, server) = (try World(), try TestServer(Self.echo))
        var request = OutboundRequest(server.url())
        request.method = "POST"
        #expect(try world.run(request).text.contains("\r\nContent-Length: 0\r\n"))
        request.method = "DELETE"
        #expect(try !world.run(request).text.lowercased().contains("content-length"))
    }

    @Test func `a streamed body is sent as it comes`() throws {
        let (world, server) = (
            try World(),
            try TestServer { connection, _ in
                let head = connection.head()
                guard head.contains("Transfer-Encoding: chunked\r\n") else { return }
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while true {
                    let chunk = connection.read(to: "\r\n")
                    guard let count = Int(chunk.dropLast(), radix: 16) else { return }
                    let bytes = connection.read(count + 2)
                    connection.send(Array("\(String(count, radix: 16))\r\n".utf8) + bytes)
                    if count == 0 { return }
                }
            }
        )
        var request = OutboundRequest(server.url())
        request.method = "POST"
        request.streamsBody = true
        request.body = Array("one".utf8)
        let recorder = try Recorder()
        let call = try world.client.send(request, to: recorder)
        #expect(recorder.wait { $0.body.count == 3 })
        for word in ["two", "three"] {
            let before = recorder.record.body.count
            #expect(world.client.write(call, Array(word.utf8)) == .taken)
            #expect(recorder.wait { $0.body.count == before + word.utf8.count })
        }
        #expect(world.client.write(call, [], isLast: true) == .taken)
        #expect(world.client.write(call, [1]) != .taken)
        #expect(try recorder.wait().failed == nil)
        #expect(recorder.record.text == "onetwothree")
        #expect(world.client.write(call, [1]) == .gone)
        #expect(!world.client.resume(call) && !world.client.cancel(call))
    }

    @Test func `trailers come with the end`() throws {
        let (world, server) = (
            try World(),
            try TestServer { connection, _ in
                connection.head()
                connection.send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n"
                        + "Grpc-Status: 0\r\nX-Sum: 1\r\n\r\n"
                )
            }
        )
        let record = try world.run(server.url())
        #expect(record.text == "ab" && record.failed == nil)
        #expect(record.end?.trailers.count == 2)
        #expect(record.end?.trailers.first("grpc-status") == "0")
    }

    @Test func `a head of HEAD has no body`() throws {
        let (world, server) = (
            try World(),
            try TestServer { connection, _ in
                connection.head()
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
                _ = connection.drain()
            }
        )
        var request = OutboundRequest(server.url())
        request.method = "HEAD"
        #expect(try world.run(request).words == ["head", "end"])
    }

    @Test func `a response may end with the connection`() throws {
        let (world, server) = (
            try World(),
            try TestServer { connection, _ in
                connection.head()
                connection.send("HTTP/1.0 200 OK\r\n\r\nabc")
            }
        )
        #expect(try world.run(server.url()).text == "abc")
    }

    @Test func `a redirect is followed where it was asked for`() throws {
        let script: TestServer.Script = { connection, _ in
            while true {
                let head = connection.head()
                guard !head.isEmpty else { return }
                let isFirst = head.hasPrefix("GET /first")
                connection.send(
                    isFirst
                        ? "HTTP/1.1 302 Found\r\nLocation: /second\r\nContent-Length: 3\r\n\r\nabc"
                        : "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"
                )
            }
        }
        let (world, server) = (try World(), try TestServer(script))
        var request = OutboundRequest(server.url("/first"))
        let plain = try world.run(request)
        #expect(plain.status == 302 && plain.text == "abc")
        request.followsRedirects = true
        let followed = try world.run(request)
        #expect(followed.status == 200 && followed.text == "second")
        #expect(followed.words == ["head", "body", "end"] && followed.end?.attempts == 1)
    }

    @Test func `credentials do not go to another host with a redirect`() throws {
        let target = try TestServer(Self.echo)
        let (world, server) = (
            try World(),
            try TestServer { connection, _ in
                connection.head()
                connection.send(
                    "HTTP/1.1 307 A\r\nLocation: http://localhost:\(target.port)/\r\n"
                        + "Content-Length: 0\r\n\r\n"
                )
            }
        )
        var request = OutboundRequest(server.url())
        request.followsRedirects = true
        request.fields = [OutboundField("Authorization", "Basic eDp5"), OutboundField("x-a", "1")]
        let record = try world.run(request)
        #expect(record.status == 200 && record.text.contains("x-a: 1"))
        #expect(!record.text.lowercased().contains("authorization"))
    }
}
