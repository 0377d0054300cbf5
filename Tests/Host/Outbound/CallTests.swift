import SluiceBase
import SluiceOutbound
import Synchronization
import Testing

/// Pause, cancel, close, limits, credit.
struct CallTests {
    /// Sends `count` pieces of 16 KiB, as fast as they are taken.
    private static func pours(_ count: Int, _ sent: @escaping @Sendable (Int) -> Void)
        -> TestServer.Script
    {
        { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(count * 16_384)\r\n\r\n")
            for number in 1...count {
                guard connection.send([UInt8](repeating: 97, count: 16_384)) else { return }
                sent(number)
            }
            _ = connection.drain()
        }
    }

    @Test func `a paused response stops reading, and goes on`() throws {
        let sent = Cell.permanent()
        let count = 2_000
        let server = try TestServer(Self.pours(count) { sent.set(UInt64($0)) })
        let world = try World()
        let recorder = try Recorder(answers: { $0 == 3 ? .pause : .take })
        let call = try world.client.send(OutboundRequest(server.url()), to: recorder)
        #expect(recorder.wait { $0.pieces == 3 })
        // The peer is stopped by the buffers of the two sockets.
        var before: UInt64 = 0
        repeat {
            before = sent.value
            let start = Clock.now()
            _ = recorder.wait { _ in Clock.now() - start > .milliseconds(100) }
        } while sent.value != before
        #expect(before < UInt64(count) && recorder.record.pieces == 3)
        #expect(world.client.resume(call))
        let end = try recorder.wait()
        #expect(end.failed == nil && recorder.record.body.count == count * 16_384)
    }

    @Test func `a paused response is never idle`() throws {
        let server = try TestServer { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
            _ = connection.read(1)
        }
        let world = try World()
        let recorder = try Recorder(answers: { _ in .pause })
        var request = OutboundRequest(server.url())
        request.deadlines.idle = .milliseconds(100)
        request.deadlines.total = .milliseconds(600)
        let call = try world.client.send(request, to: recorder)
        #expect(try recorder.wait().failed == .totalTimeout)
        #expect(!world.client.resume(call))
    }

    @Test func `each piece can be paused`() throws {
        let server = try TestServer(Self.pours(50) { _ in })
        let world = try World()
        let client = world.client
        let recorder = try Recorder(
            told: { _, call, event in if event == "body" { client.resume(call) } },
            answers: { _ in .pause }
        )
        _ = try client.send(OutboundRequest(server.url()), to: recorder)
        #expect(try recorder.wait().failed == nil)
        #expect(recorder.record.body.count == 50 * 16_384)
    }

    @Test(arguments: ["at once", "head", "body"])
    func `a cancelled call ends`(moment: String) throws {
        let server = try TestServer(Self.pours(100_000) { _ in })
        let world = try World()
        let client = world.client
        let recorder = try Recorder(told: { _, call, event in
            if event == moment { client.cancel(call) }
        })
        let call = try client.send(OutboundRequest(server.url()), to: recorder)
        if moment == "at once" { #expect(client.cancel(call)) }
        let end = try recorder.wait()
        #expect(end.failed == .cancelled)
        #expect(end.detail == "cancelled: cancelled by the caller")
        #expect(moment == "body" || !recorder.record.words.contains("body"))
        #expect(!client.cancel(call))
    }

    @Test func `nothing but the end comes after cancel`() throws {
        let server = try TestServer(Self.pours(1_000_000) { _ in })
        let world = try World()
        let recorder = try Recorder()
        let call = try world.client.send(OutboundRequest(server.url()), to: recorder)
        #expect(recorder.wait { $0.pieces > 0 })
        world.client.cancel(call)
        _ = try recorder.wait()
        let after = recorder.record
        #expect(after.words == ["head", "body", "end"])
    }

    @Test func `closing a client ends all its calls, once each`() throws {
        let server = try TestServer { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na")
            _ = connection.drain()
        }
        let world = try World()
        let recorders = try (0..<20).map { _ in try Recorder() }
        for recorder in recorders {
            _ = try world.client.send(OutboundRequest(server.url()), to: recorder)
        }
        #expect(recorders[0].wait { $0.body.count == 1 })
        world.client.close()
        for recorder in recorders {
            let record = recorder.record
            #expect(record.end?.detail == "cancelled: the client was closed")
            #expect(record.words.count { $0 == "end" } == 1)
        }
        #expect(world.client.counts.active == 0)
        #expect(world.client.counts.connectionsOpen == 0)
        #expect(throws: OutboundRefusal.closed) {
            try world.client.send(OutboundRequest(server.url()), to: Recorder())
        }
        world.client.close()
    }

    @Test func `calls are bounded, and wait for a connection`() throws {
        let server = try TestServer { connection, _ in
            while !connection.head().isEmpty {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
            }
        }
        var limits = OutboundLimits()
        limits.callsMax = 30
        limits.connectionsMax = 2
        let world = try World(limits: limits)
        let recorders = try (0..<30).map { _ in try Recorder() }
        let held = try TestServer { connection, _ in _ = connection.drain() }
        let first = try world.client.send(OutboundRequest(held.url()), to: recorders[0])
        for recorder in recorders.dropFirst() {
            _ = try world.client.send(OutboundRequest(server.url()), to: recorder)
        }
        for recorder in recorders.dropFirst() { #expect(try recorder.wait().failed == nil) }
        #expect(server.connections == 1 && world.client.counts.connectionsOpened == 2)
        let more = try (0..<29).map { _ in
            try world.client.send(OutboundRequest(held.url()), to: Recorder())
        }
        #expect(
            throws: OutboundRefusal.limit("30 calls are under way (connections.calls)")
        ) { try world.client.send(OutboundRequest(held.url()), to: Recorder()) }
        #expect(Set(more + [first]).count == 30)
    }

    @Test func `a body that waits has a mark and a bound`() throws {
        let gate = try Latch()
        let server = try TestServer { connection, _ in
            connection.head()
            _ = gate.wait(20 * Clock.nanosecondsPerSecond)
            var left = 12 << 20
            while left > 0 {
                let bytes = connection.read()
                guard !bytes.isEmpty else { return }
                left -= bytes.count
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let world = try World()
        let recorder = try Recorder()
        var request = OutboundRequest(server.url())
        request.method = "PUT"
        request.streamsBody = true
        request.fields = [OutboundField("content-length", "\(12 << 20)")]
        let call = try world.client.send(request, to: recorder)
        let piece = [UInt8](repeating: 1, count: 4 << 20)
        #expect(world.client.write(call, piece) == .again)
        #expect(world.client.write(call, piece) == .again)
        #expect(world.client.write(call, [UInt8](repeating: 1, count: 15 << 20)) == .limit)
        #expect(world.client.write(call, [UInt8](repeating: 1, count: 5 << 20)) == .ended)
        #expect(world.client.write(call, piece, isLast: true) == .taken)
        gate.open()
        #expect(try recorder.wait().failed == nil)
        #expect(recorder.record.words == ["writable", "head", "end"])
    }

    @Test func `an early answer ends a streamed body`() throws {
        let server = try TestServer { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        }
        let world = try World()
        let recorder = try Recorder()
        var request = OutboundRequest(server.url())
        request.method = "PUT"
        request.streamsBody = true
        _ = try world.client.send(request, to: recorder)
        #expect(try recorder.wait().failed == nil)
        #expect(recorder.record.status == 413 && recorder.record.text == "no")
    }

    @Test func `stopping the thread is orderly`() throws {
        let outbound = try Outbound()
        let client = try outbound.client("a")
        let server = try TestServer(ExchangeTests.echo)
        let recorder = try Recorder()
        _ = try client.send(OutboundRequest(server.url()), to: recorder)
        #expect(try recorder.wait().failed == nil)
        client.close()
        outbound.stop()
    }
}
