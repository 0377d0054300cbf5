import SluiceAdmin
import SluiceBase
import SluiceConfig
import Testing

@Suite struct ServerTests {
    @Test(arguments: ["localhost", "LOCALHOST:9", "127.0.0.1", "[::1]:80", "[::1]"])
    func `names of this machine are let through`(host: String) throws {
        var world = try AdminWorld()
        #expect(try world.answer(request("Host: \(host)\r\n")).status == 200)
    }

    @Test(arguments: ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test:80", "127.0.0.2"])
    func `another Host on loopback is refused`(host: String) throws {
        var world = try AdminWorld()
        let answer = try world.answer(request("Host: \(host)\r\n"))
        #expect(answer.status == 421)
        #expect(answer.body.contains("127.0.0.1:\(world.port)"))
    }

    @Test func `any Host will do where the API is not on loopback`() throws {
        var world = try AdminWorld("0.0.0.0:0")
        #expect(try world.answer(request("Host: gateway.test\r\n")).status == 200)
    }

    @Test(arguments: ["127.0.0.1:0", "0.0.0.0:0"])
    func `a request with an Origin is refused`(address: String) throws {
        var world = try AdminWorld(address)
        let answer = try world.answer(request("Host: localhost\r\norigin: http://localhost\r\n"))
        #expect(answer.status == 403)
    }

    @Test func `requests in a row are answered in order on one connection`() throws {
        var world = try AdminWorld()
        let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let two = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let text = try world.exchange(one + two + one) { text in
            text.split(separator: "ok\n", omittingEmptySubsequences: false).count == 3
        }
        let statuses = text.ranges(of: "HTTP/1.1 ").map { text[$0.upperBound...].prefix(3) }
        #expect(statuses == ["200", "404", "200"])
    }

    @Test func `a request in pieces is answered`() throws {
        var world = try AdminWorld()
        let client = try Client(port: world.port)
        for byte in "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" {
            client.send(String(byte))
            _ = world.server.turn(descriptors: [], until: Clock.now())
        }
        let text = world.read(client) { _ in false }
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\n\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/3.0\r\n\r\n", 505),
        ("POST /reload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
        ("POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n", 413),
        ("GET / HTTP/1.0\r\n\r\n", 421),
    ])
    func `what is no request for this API is refused and closed`(
        text: String,
        status: Int
    ) throws {
        var world = try AdminWorld()
        let answer = try world.answer(text)
        #expect(answer.status == status)
        #expect(answer.head.contains("\r\nConnection: close"))
    }

    @Test func `a head beyond the limit is a 431`() throws {
        var limits = Limits()
        limits.adminRequestBytesMax = 1_024
        var world = try AdminWorld(limits: limits)
        let filler = String(repeating: "a", count: 2_000)
        let answer = try world.answer("GET / HTTP/1.1\r\nHost: localhost\r\nx: \(filler)")
        #expect(answer.status == 431)
    }

    @Test func `a connection without progress is closed and holds up nobody`() throws {
        var limits = Limits()
        limits.adminIdleNanoseconds = 50 * millisecond
        var world = try AdminWorld(limits: limits)
        let slow = try Client(port: world.port)
        slow.send("GET /healthz HTTP/1.1\r\nHo")
        #expect(try world.get("/healthz").status == 200)
        #expect(world.read(slow) { _ in false } == "")
        #expect(slow.receive() == nil)
    }

    @Test func `connections beyond the limit are closed`() throws {
        var limits = Limits()
        limits.adminConnectionsMax = 2
        var world = try AdminWorld(limits: limits)
        let first = try Client(port: world.port)
        let second = try Client(port: world.port)
        _ = world.server.turn(descriptors: [], until: Clock.now() + Clock.nanosecondsPerSecond)
        let third = try Client(port: world.port)
        #expect(world.read(third) { _ in false } == "")
        #expect(third.receive() == nil)
        #expect(first.receive() == "")
        #expect(second.receive() == "")
    }

    @Test func `a descriptor of the caller is reported when it may be read`() throws {
        var world = try AdminWorld()
        let inbox = try Inbox()
        #expect(
            world.server.turn(descriptors: [inbox.wakeDescriptor], until: Clock.now()) == [false]
        )
        inbox.wake()
        #expect(world.server.turn(descriptors: [inbox.wakeDescriptor]) == [true])
    }

    @Test func `an address in use is an error`() throws {
        let world = try AdminWorld()
        #expect(throws: Errno.self) { _ = try AdminWorld("127.0.0.1:\(world.port)") }
    }

    private func request(_ fields: String) -> String {
        "GET /healthz HTTP/1.1\r\n\(fields)Connection: close\r\n\r\n"
    }
}
