import SluiceBase
import SluiceOutbound
import Synchronization
import Testing

/// Frames of HTTP/2 (RFC 9113), written by hand.
enum Frames {
    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8])
        -> [UInt8]
    {
        let count = UInt32(payload.count)
        let length = [UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)]
        return length + [type, flags] + big(stream) + payload
    }

    static func big(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        frame(0, isLast ? 1 : 0, stream, bytes)
    }

    /// `:status: 200`, or the fields given, as literals without indexing.
    static func head(_ stream: UInt32, _ fields: [(String, String)] = [], isLast: Bool = false)
        -> [UInt8]
    {
        frame(1, isLast ? 5 : 4, stream, [0x88] + literals(fields))
    }

    static func trailers(_ stream: UInt32, _ fields: [(String, String)]) -> [UInt8] {
        frame(1, 5, stream, literals(fields))
    }

    private static func literals(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes += [0, UInt8(name.utf8.count)]
            bytes += Array(name.utf8)
            bytes.append(UInt8(value.utf8.count))
            bytes += Array(value.utf8)
        }
        return bytes
    }

    static func reset(_ stream: UInt32, _ code: UInt32) -> [UInt8] {
        frame(3, 0, stream, big(code))
    }

    static func goAway(_ last: UInt32, _ code: UInt32) -> [UInt8] {
        frame(7, 0, 0, big(last) + big(code))
    }
}

extension TestConnection {
    /// A frame of the client; nil at the end.
    func frame() -> (type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])? {
        let head = read(9)
        guard head.count == 9 else { return nil }
        let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        return (head[3], head[4], stream, read(count))
    }

    /// Begins a connection of HTTP/2.
    func beginHTTP2() {
        _ = read(24)
        send(Frames.frame(4, 0, 0, []))
    }

    /// The stream of the next request, once its head is there; nil at the end.
    func stream() -> UInt32? {
        while let frame = frame() {
            if frame.type == 4, frame.flags == 0 { send(Frames.frame(4, 1, 0, [])) }
            if frame.type == 1 { return frame.stream }
        }
        return nil
    }
}

struct HTTP2Tests {
    private func request(_ server: TestServer, streams: Bool = false) -> OutboundRequest {
        var request = OutboundRequest(server.url())
        request.speaks = .http2PriorKnowledge
        request.streamsBody = streams
        if streams { request.method = "POST" }
        return request
    }

    /// Serves each request with `answer`, on one connection after the other.
    private func server(
        unix path: String? = nil,
        _ answer: @escaping @Sendable (TestConnection, UInt32, Int) -> Void
    ) throws -> TestServer {
        try TestServer(unix: path) { connection, number in
            connection.beginHTTP2()
            while let stream = connection.stream() { answer(connection, stream, number) }
        }
    }

    private static let answers: @Sendable (TestConnection, UInt32, Int) -> Void = {
        connection,
        stream,
        _ in
        connection.send(
            Frames.head(stream, [("x-stream", "\(stream)")])
                + Frames.data(stream, Array("hello".utf8))
                + Frames.trailers(stream, [("grpc-status", "0")])
        )
    }

    @Test func `by prior knowledge, with trailers, on one connection`() throws {
        let (world, server) = (try World(), try server(Self.answers))
        for stream in [1, 3, 5] {
            let record = try world.run(request(server))
            #expect(record.status == 200 && record.text == "hello", "\(record.detail)")
            #expect(record.fields.first("x-stream") == "\(stream)")
            #expect(record.end?.trailers.first("grpc-status") == "0")
        }
        #expect(server.connections == 1)
        let plain = try world.run(server.url())
        #expect(plain.failed != nil, "HTTP/1.1 has a connection of its own")
    }

    @Test func `calls at the same time have connections of their own`() throws {
        var limits = OutboundLimits()
        limits.connectionsPerHostMax = 3
        let (world, server) = (try World(limits: limits), try server(Self.answers))
        let recorders = try (0..<50).map { _ in try Recorder() }
        for recorder in recorders { _ = try world.client.send(request(server), to: recorder) }
        for recorder in recorders { #expect(try recorder.wait().failed == nil) }
        #expect((1...3).contains(world.client.counts.connectionsOpen))
    }

    @Test func `a kept connection that dies with a request is lost`() throws {
        let server = try TestServer { connection, number in
            connection.beginHTTP2()
            guard let stream = connection.stream() else { return }
            Self.answers(connection, stream, 1)
            if number == 1 { _ = connection.stream() } else { _ = connection.drain() }
        }
        let world = try World()
        let request = request(server)
        #expect(try world.run(request).text == "hello")
        let record = try world.run(request)
        #expect(record.failed == .reset && record.end?.mayHaveReceived == true)
        #expect(try world.run(request).text == "hello")
    }

    @Test func `over a Unix socket`() throws {
        let path = "/tmp/outbound-\(UInt64.random(in: 0 ... .max)).sock"
        let (world, server) = (try World(), try server(unix: path, Self.answers))
        #expect(try world.run(request(server)).text == "hello")
    }

    @Test func `a stream that is reset`() throws {
        let server = try server { connection, stream, _ in
            connection.send(Frames.reset(stream, 2))
        }
        let record = try World().run(request(server))
        #expect(record.failed == .reset)
        #expect(
            record.detail
                == "reset: HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)"
        )
        #expect(record.end?.mayHaveReceived == true)
    }

    @Test func `a stream that is reset inside its body`() throws {
        let server = try server { connection, stream, _ in
            connection.send(
                Frames.head(stream) + Frames.data(stream, [97]) + Frames.reset(stream, 8)
            )
        }
        let record = try World().run(request(server))
        #expect(record.failed == .reset)
        #expect(
            record.detail == "reset: HTTP/2 stream 1 was not closed cleanly: CANCEL (err 8)"
        )
    }

    @Test func `a stream that was refused is tried again elsewhere`() throws {
        let server = try server { connection, stream, number in
            if number == 1 {
                connection.send(Frames.reset(stream, 7))
            } else {
                Self.answers(connection, stream, number)
            }
        }
        let record = try World().run(request(server))
        #expect(record.text == "hello" && record.end?.attempts == 2)
    }

    @Test func `a connection that goes away`() throws {
        let server = try TestServer { connection, _ in
            connection.beginHTTP2()
            _ = connection.stream()
            connection.send(Frames.goAway(0, 0))
        }
        let record = try World().run(request(server))
        #expect(record.failed == .reset)
        #expect(record.detail == "reset: the connection to 127.0.0.1 was lost before the response")
    }

    @Test func `a connection that is lost inside a body`() throws {
        let server = try TestServer { connection, _ in
            connection.beginHTTP2()
            guard let stream = connection.stream() else { return }
            connection.send(Frames.head(stream) + Frames.data(stream, [97, 98]))
        }
        let record = try World().run(request(server))
        #expect(record.failed == .reset)
        // libcurl drops what came together with the end.
        #expect(record.detail.hasPrefix("reset: the connection to 127.0.0.1 was lost "))
    }

    @Test func `a peer that does not speak it`() throws {
        let server = try TestServer { connection, _ in
            _ = connection.read(24)
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            _ = connection.drain()
        }
        let record = try World().run(request(server))
        #expect(record.failed == .reset, "\(record.detail)")
    }

    @Test func `frames that break the rules`() throws {
        let server = try server { connection, stream, _ in
            connection.send(Frames.data(stream, [97]))
        }
        let record = try World().run(request(server))
        #expect(record.failed == .reset, "\(record.detail)")
    }

    /// Ends a response before the request has ended, as RFC 9113 8.1 tells a server.
    private func endingServer(hasBody: Bool, atOnce: Bool) throws -> TestServer {
        try server { connection, stream, number in
            if hasBody {
                Self.answers(connection, stream, number)
            } else {
                connection.send(Frames.head(stream, [("grpc-status", "12")], isLast: true))
            }
            while !atOnce, let frame = connection.frame() {
                if frame.type == 0, frame.payload == [9] { break }
            }
            connection.send(Frames.reset(stream, 0))
        }
    }

    @Test(arguments: [false, true])
    func `a response may end before the request does`(hasBody: Bool) throws {
        let server = try endingServer(hasBody: hasBody, atOnce: false)
        let world = try World()
        let recorder = try Recorder()
        let call = try world.client.send(request(server, streams: true), to: recorder)
        _ = world.client.write(call, [1, 2, 3])
        #expect(recorder.wait { hasBody ? $0.text == "hello" : $0.status == 200 })
        #expect(world.client.write(call, [9]) == .taken)
        let end = try recorder.wait()
        #expect(end.failed == nil, "\(end.detail)")
        #expect(end.trailers.count == (hasBody ? 1 : 0))
        #expect(world.client.write(call, [1]) == .gone)
    }

    @Test func `a response that comes with its reset is whole, or lost and said so`() throws {
        let server = try endingServer(hasBody: true, atOnce: true)
        let record = try World().run(request(server, streams: true))
        #expect(record.failed == nil ? record.text == "hello" : record.failed == .reset)
    }

    @Test func `a body waits for the window of the peer`() throws {
        let opens = try Latch()
        let server = try TestServer { connection, _ in
            connection.beginHTTP2()
            guard let stream = connection.stream() else { return }
            var count = 0
            while let frame = connection.frame() {
                guard frame.type == 0 else { continue }
                count += frame.payload.count
                if count == 65_535 {
                    guard opens.wait(20 * Clock.nanosecondsPerSecond) else { return }
                    let more = Frames.big(1 << 20)
                    connection.send(Frames.frame(8, 0, 0, more) + Frames.frame(8, 0, stream, more))
                }
                if frame.flags == 1 { break }
            }
            connection.send(Frames.head(stream, [("x-count", "\(count)")], isLast: true))
            _ = connection.drain()
        }
        let world = try World()
        let recorder = try Recorder()
        let call = try world.client.send(request(server, streams: true), to: recorder)
        #expect(world.client.write(call, [UInt8](repeating: 1, count: 500_000)) == .again)
        let start = Clock.now()
        #expect(recorder.wait { _ in Clock.now() - start > .milliseconds(100) })
        #expect(!recorder.record.words.contains("head"))
        opens.open()
        #expect(world.client.write(call, [], isLast: true) == .taken)
        #expect(try recorder.wait().failed == nil)
        #expect(recorder.record.fields.first("x-count") == "500000")
    }

    @Test func `both directions stream`() throws {
        let server = try TestServer { connection, _ in
            connection.beginHTTP2()
            guard let stream = connection.stream() else { return }
            connection.send(Frames.head(stream))
            while let frame = connection.frame() {
                if frame.type == 4, frame.flags == 0 { connection.send(Frames.frame(4, 1, 0, [])) }
                guard frame.type == 0 else { continue }
                connection.send(Frames.data(stream, frame.payload, isLast: frame.flags == 1))
            }
        }
        let world = try World()
        let recorder = try Recorder()
        let call = try world.client.send(request(server, streams: true), to: recorder)
        #expect(recorder.wait { $0.status == 200 })
        for number in 1...20 {
            #expect(world.client.write(call, [UInt8](repeating: 1, count: 100)) == .taken)
            #expect(recorder.wait { $0.body.count == number * 100 })
        }
        #expect(world.client.write(call, [], isLast: true) == .taken)
        #expect(try recorder.wait().failed == nil)
    }
}
