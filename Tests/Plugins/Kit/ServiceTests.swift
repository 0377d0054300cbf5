import SluiceABI
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct ServiceTests {
    let host = SimulatedHost()
    let instance: SimulatedInstance<ScriptedService>

    init() throws {
        instance = try host.make(ScriptedService.self)
        try instance.start()
    }

    private func steps() throws -> [String] { try instance.with { $0.steps } }

    @Test func `mounts are told in the header's words`() throws {
        let mounts = try instance.mounts()
        #expect(mounts.map(\.prefix) == ["/v1/", "/none", "/watch"])
        #expect(mounts.map(\.pattern) == [":name/run", "", ""])
        #expect(mounts.map(\.methods) == [SLUICE_M_GET | SLUICE_M_POST, 0, 0])
        #expect(
            mounts.map(\.body) == [SLUICE_BODY_BUFFERED, SLUICE_BODY_NONE, SLUICE_BODY_STREAM]
        )
        #expect(mounts.map(\.bytesMax) == [1024, 0, 7])
        #expect(mounts.map(\.headNanoseconds) == [2_000_000_000, 0, .max])
        #expect(mounts.map(\.idleNanoseconds) == [3_000_000_000, 0, 0])
        #expect(mounts.map(\.totalNanoseconds) == [0, 0, .max])
        #expect(mounts.map(\.flags) == [0, SLUICE_MOUNT_INLINE, SLUICE_MOUNT_HALF_CLOSE])
        #expect(mounts.map(\.inFlightMax) == [9, 0, 0])
    }

    @Test func `a request is answered with what it brought, at once`() throws {
        var request = SimulatedRequest("POST", "/echo?q=1", headers: ["accept": "x/y"])
        request.body = Array("body".utf8)
        request.tag = 5
        let exchange = try instance.request(request)
        #expect(exchange.outcome == .answered)
        #expect(exchange.status == 201)
        #expect(exchange.headers == ["x-tag": "5", "x-query": "q=1"])
        #expect(exchange.text == "bodyx/y")
        exchange.done()
    }

    @Test func `an answer may come later, and the request stays readable`() throws {
        let exchange = try instance.request("GET", "/late", headers: ["accept": "z"])
        #expect(exchange.outcome == .pending)
        host.advance(by: .seconds(1))
        #expect(exchange.text == "/late z")
        exchange.done()
    }

    @Test func `a request outlives the host's memory of it`() throws {
        let exchange = try instance.request("GET", "/late", headers: ["accept": "z"])
        exchange.done(.client)
        #expect(try steps() == ["GET /late", "end of /late"])
    }

    @Test(arguments: [
        ("/throw", 418, "a teapot"), ("/fail", 500, "internal error\n"),
        ("/silent", 500, "internal error\n"), ("/unknown", 404, ""),
        ("/wrong", 500, "the status is 42, expected 200 to 599"),
    ])
    func `what is thrown or forgotten becomes an answer`(
        path: String,
        status: Int,
        text: String
    ) throws {
        let exchange = try instance.request("GET", path)
        #expect(exchange.status == status)
        #expect(exchange.text == text)
    }

    @Test func `a failure is logged with its path`() throws {
        try instance.request("GET", "/fail")
        #expect(host.lines.map(\.text) == ["a request failed"])
        #expect(host.lines[0].fields == ["path": "/fail", "error": "the disk is gone"])
    }

    @Test func `a request is declined before the first wait, later it is not found`() throws {
        #expect(try instance.request("GET", "/decline").outcome == .declined)
        let late = try instance.request("GET", "/decline-late")
        #expect(late.outcome == .pending)
        host.advance(by: .seconds(1))
        #expect(late.status == 404)
    }

    @Test func `header values are octets`() throws {
        func answer(_ octets: [UInt8]) throws -> String {
            let headers = Headers([Header("X-Name", octets: octets)])
            return try instance.request("GET", "/octets", headers: headers).text
        }
        #expect(try answer([0x6A, 0xC3, 0xBC]) == "jü")
        #expect(try answer([0x6A, 0xFC]) == "jü")
    }

    @Test func `write waits while there is no room`() throws {
        var request = SimulatedRequest("GET", "/stream")
        request.isStreamed = true
        let exchange = try instance.request(request, room: 10)
        #expect(exchange.status == 200)
        #expect(exchange.text == "piece 1\npiece 2\n")
        #expect(try steps() == ["GET /stream", "wrote 1"])
        exchange.makeRoom(8)
        #expect(exchange.text == "piece 1\npiece 2\npiece 3\n")
        exchange.makeRoom()
        #expect(exchange.text == "piece 1\npiece 2\npiece 3\npiece 4\n")
        #expect(exchange.trailers == ["x-sum": "4"])
        #expect(exchange.isFinished)
    }

    @Test func `a client that goes ends the task that writes`() throws {
        let exchange = try instance.request(SimulatedRequest("GET", "/stream"), room: 0)
        exchange.cancel()
        exchange.done(.client)
        #expect(try steps() == ["GET /stream", "end of /stream"])
        #expect(host.lines.isEmpty)
    }

    @Test func `a failure after the head breaks the answer off`() throws {
        let exchange = try instance.request("GET", "/cut")
        #expect(exchange.status == 200)
        #expect(exchange.abortReason == "failed")
    }

    @Test func `a streamed body is read piece by piece, with its trailers`() throws {
        var request = SimulatedRequest("POST", "/read")
        request.isStreamed = true
        let exchange = try instance.request(request)
        exchange.send([1, 2])
        exchange.send([3])
        exchange.end(trailers: ["x-sum": "6"])
        #expect(exchange.text == "6")
        #expect(try steps() == ["POST /read", "read 2", "read 1", "end of /read"])
    }

    @Test func `a client that goes ends the reading`() throws {
        var request = SimulatedRequest("POST", "/read")
        request.isStreamed = true
        let exchange = try instance.request(request)
        exchange.send([1])
        exchange.cancel()
        #expect(try steps() == ["POST /read", "read 1", "end of /read"])
        #expect(host.lines.isEmpty)
    }

    @Test func `a body that is not read is paused, and goes on when it is`() throws {
        var request = SimulatedRequest("POST", "/slow-read")
        request.isStreamed = true
        let exchange = try instance.request(request)
        let piece = [UInt8](repeating: 1, count: 100_000)
        exchange.send(piece)
        exchange.send(piece)
        #expect(!exchange.isPaused)
        exchange.send(piece)
        #expect(exchange.isPaused)
        try wake()
        #expect(exchange.isPaused)
        try wake()
        #expect(!exchange.isPaused)
        exchange.cancel()
    }

    private func wake() throws {
        try instance.with { $0.signal.wake() }
        host.run()
    }

    @Test func `after an upgrade the bytes of both sides are raw`() throws {
        var request = SimulatedRequest("GET", "/upgrade", headers: ["upgrade": "echo"])
        request.isStreamed = true
        let exchange = try instance.request(request)
        #expect(exchange.status == 101)
        #expect(exchange.headers["upgrade"] == "echo")
        exchange.send([1, 2])
        exchange.send([3])
        #expect(exchange.pieces == [[1, 2], [3]])
        exchange.send([], isLast: true)
        #expect(exchange.isFinished)
    }

    @Test func `a request is passed on`() throws {
        let exchange = try instance.request("GET", "/forward")
        #expect(exchange.interim == [103])
        #expect(exchange.forwarded?.pool == "a/b")
        #expect(exchange.forwarded?.path == "/else")
        #expect(exchange.forwarded?.set == ["x-by": "me"])
    }

    @Test func `requests under way are cancelled when the instance stops`() throws {
        let exchange = try instance.request("GET", "/late")
        exchange.cancel(.shutdown)
        exchange.done(.shutdown)
        #expect(instance.stop())
        #expect(try steps() == ["GET /late", "end of /late"])
    }

    @Test func `an inline mount is answered without the lane`() throws {
        func answer(_ path: String) throws -> SimulatedExchange {
            var request = SimulatedRequest("GET", path, headers: ["accept": "x"])
            request.isInline = true
            request.tag = 7
            return try instance.request(request)
        }
        #expect(try answer("/none").text == "GET 7 x")
        #expect(try answer("/none/decline").outcome == .declined)
        #expect(throws: PluginError(.io, "cannot")) { try answer("/none/fail") }
    }
}
