import Glibc
import SluiceBase
import SluiceOutbound
import Testing

/// A server that misbehaves in one way, and what the client says of it.
struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let failed: OutboundFailure?
    let detail: String
    var status = 0
    var mayHaveReceived = true
    let script: TestServer.Script

    var testDescription: String { name }

    /// The server sends `text` after the head of the request and closes.
    static func sends(
        _ name: String,
        _ text: String,
        _ failed: OutboundFailure?,
        _ detail: String,
        status: Int = 0,
        resets: Bool = false
    ) -> Fault {
        Fault(name: name, failed: failed, detail: detail, status: status) { connection, _ in
            connection.head()
            connection.send(text)
            if resets { connection.reset() }
        }
    }

    /// The server sends `text` and stays.
    static func stays(
        _ name: String,
        _ text: String,
        _ failed: OutboundFailure,
        _ detail: String,
        status: Int = 0
    ) -> Fault {
        Fault(name: name, failed: failed, detail: detail, status: status) { connection, _ in
            connection.head()
            connection.send(text)
            _ = connection.drain()
        }
    }

    private static let lostBefore =
        "reset: the connection to 127.0.0.1 was lost before the response"

    private static let badLength = "protocol: content-length is not one decimal number"

    private static func lost(after count: Int) -> String {
        "reset: the connection to 127.0.0.1 was lost after \(count) bytes of the body"
    }

    static let all: [Fault] = [
        .stays(
            "no answer",
            "",
            .headTimeout,
            "timeout_head: no response from 127.0.0.1 after 300 ms"
        ),
        .stays(
            "half a head",
            "HTTP/1.1 200 OK\r\nX-A: ",
            .headTimeout,
            "timeout_head: no response from 127.0.0.1 after 300 ms"
        ),
        .sends("an end before the head", "", .reset, lostBefore),
        .sends("an end inside the head", "HTTP/1.1 200 OK\r\nX-A: b\r\n", .reset, lostBefore),
        .sends("a reset before the head", "", .reset, lostBefore, resets: true),
        .sends(
            "no HTTP",
            "SSH-2.0-OpenSSH_9.2\r\n",
            .protocol,
            "protocol: the response is not HTTP"
        ),
        .sends(
            "a bad status line",
            "HTTP/1.1 2x0 OK\r\n\r\n",
            .protocol,
            "protocol: Unsupported response code in HTTP response"
        ),
        .sends(
            "an unknown version",
            "HTTP/7.7 200 OK\r\n\r\n",
            .protocol,
            "protocol: Unsupported HTTP version (7.7) in response"
        ),
        .sends(
            "a bad length",
            "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\na",
            .protocol,
            badLength
        ),
        .sends(
            "a negative length",
            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcde",
            .protocol,
            "protocol: Invalid Content-Length: value"
        ),
        .sends(
            "two lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            .protocol,
            badLength
        ),
        .sends(
            "a body that is too short",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            .reset,
            lost(after: 3),
            status: 200
        ),
        .sends(
            "a reset inside the body",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
            .reset,
            lost(after: 0),
            status: 200,
            resets: true
        ),
        .sends(
            "an end inside a chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            .reset,
            lost(after: 3),
            status: 200
        ),
        .sends(
            "no last chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            .reset,
            lost(after: 3),
            status: 200
        ),
        .sends(
            "a bad size of a chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n",
            .protocol,
            "protocol: Illegal or missing hexadecimal sequence in chunked-encoding",
            status: 200
        ),
        .sends(
            "a size of a chunk without end",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(repeating: "0", count: 99))",
            .protocol,
            "protocol: Too long hexadecimal number in chunked-encoding",
            status: 200
        ),
        .sends(
            "an unknown coding",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: magic\r\n\r\nabc",
            .protocol,
            "protocol: the transfer coding of the response is unknown",
            status: 200
        ),
        .stays(
            "many fields",
            "HTTP/1.1 200 OK\r\n" + String(repeating: "X-Field: value\r\n", count: 10_000),
            .limit,
            "limit: the heads of the response have more than 65536 bytes"
        ),
        .stays(
            "a field without end",
            "HTTP/1.1 200 OK\r\nX-Field: " + String(repeating: "a", count: 1 << 20),
            .limit,
            "limit: the head of the response is too long"
        ),
        .stays(
            "interim heads without end",
            String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n", count: 10_000),
            .limit,
            "limit: the heads of the response have more than 65536 bytes"
        ),
        .stays(
            "101 without an upgrade",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nabc",
            .protocol,
            "protocol: status 101 to a request that is no upgrade"
        ),
        .stays(
            "a body that stops",
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            .idleTimeout,
            "timeout_idle: nothing from 127.0.0.1 for 300 ms",
            status: 200
        ),
        Fault(
            name: "a body that drips on",
            failed: .totalTimeout,
            detail: "timeout_total: not over after 1500 ms",
            status: 200
        ) { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send("a") { poll(nil, 0, 50) }
        },
        Fault(
            name: "a body without end",
            failed: .limit,
            detail: "limit: the body has more than 100000 bytes",
            status: 200
        ) { connection, _ in
            connection.head()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send([UInt8](repeating: 97, count: 4_096)) {}
        },
        Fault(name: "a redirect to itself", failed: .limit, detail: "limit: more than 5 redirects")
        {
            connection,
            _ in
            while !connection.head().isEmpty {
                connection.send(
                    "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
                )
            }
        },
        .sends(
            "a redirect to a denied address",
            "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\n"
                + "Content-Length: 0\r\n\r\n",
            .refused,
            "refused: the address policy denies 169.254.169.254"
        ),
        .sends(
            "a redirect to another protocol",
            "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
            .protocol,
            "protocol: a redirect to neither http nor https"
        ),
        .sends(
            "bytes behind the body",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 500 Evil\r\n\r\n",
            nil,
            "",
            status: 200
        ),
    ]
}

struct FaultTests {
    @Test(arguments: Fault.all)
    func `what a peer does wrong is told`(fault: Fault) throws {
        let (world, server) = (try World(), try TestServer(fault.script))
        var request = OutboundRequest(server.url())
        request.followsRedirects = true
        request.responseBytesMax = 100_000
        request.deadlines = OutboundDeadlines(
            connect: .milliseconds(5_000),
            head: .milliseconds(300),
            idle: .milliseconds(300),
            total: .milliseconds(1_500)
        )
        let record = try world.run(request)
        #expect(record.failed == fault.failed)
        #expect(record.detail == fault.detail)
        #expect(record.status == fault.status)
        #expect(record.end?.mayHaveReceived == fault.mayHaveReceived)
        #expect(record.words.last == "end" && record.words.count { $0 == "end" } == 1)
        let failures = world.client.counts.failures
        #expect(failures.reduce(0, +) == (fault.failed == nil ? 0 : 1))
        if let failed = fault.failed { #expect(failures[failed.rawValue] == 1) }
    }

    @Test func `nobody listens`() throws {
        let world = try World()
        let port = try #require(FreePort.next())
        let record = try world.run("http://127.0.0.1:\(port)/")
        #expect(record.failed == .connect)
        #expect(record.detail == "connect: 127.0.0.1: ECONNREFUSED (Connection refused)")
        #expect(record.end?.mayHaveReceived == false && record.end?.attempts == 0)
    }

    @Test func `a name without an address`() throws {
        let record = try World().run("http://no-such-name.invalid/")
        #expect(record.failed == .resolve)
        #expect(record.detail == "resolve: the name no-such-name.invalid has no address")
        #expect(record.end?.mayHaveReceived == false)
    }

    @Test func `a denied address is refused, by name too`() throws {
        let deny = ["127.0.0.0/8", "::1"].compactMap { Network($0) }
        let world = try World(policy: AddressPolicy(deny: deny))
        for host in ["127.0.0.1", "0.0.0.0", "127.1", "localhost"] {
            let record = try world.run("http://\(host):1/")
            #expect(record.failed == .refused, "\(host)")
            #expect(record.detail.hasPrefix("refused: the address policy denies "), "\(host)")
            #expect(record.end?.mayHaveReceived == false)
        }
    }

    @Test func `a peer that takes no connection`() throws {
        let hole = try BlackHole()
        let world = try World()
        var request = OutboundRequest("http://127.0.0.1:\(hole.port)/")
        request.deadlines.connect = .milliseconds(300)
        let record = try world.run(request)
        #expect(record.failed == .connectTimeout)
        #expect(record.detail == "timeout_connect: no connection to 127.0.0.1 after 300 ms")
        #expect(record.end?.mayHaveReceived == false)
    }

    /// Closes each connection after its second request, unanswered.
    private static let closesSecond: TestServer.Script = { connection, number in
        connection.head()
        connection.send("HTTP/1.1 200 OK\r\nX-Connection: \(number)\r\nContent-Length: 0\r\n\r\n")
        if number == 1 { connection.head() } else { _ = connection.drain() }
    }

    @Test func `a kept connection that dies is replaced for what may be repeated`() throws {
        let (world, server) = (try World(), try TestServer(Self.closesSecond))
        #expect(try world.run(server.url()).fields.first("x-connection") == "1")
        let record = try world.run(server.url())
        #expect(record.fields.first("x-connection") == "2" && record.end?.attempts == 2)
    }

    @Test(arguments: [false, true])
    func `what may not be repeated is not`(streams: Bool) throws {
        let (world, server) = (try World(), try TestServer(Self.closesSecond))
        #expect(try world.run(server.url()).fields.first("x-connection") == "1")
        var request = OutboundRequest(server.url())
        request.method = streams ? "PUT" : "POST"
        request.streamsBody = streams
        let recorder = try Recorder()
        let call = try world.client.send(request, to: recorder)
        if streams { _ = world.client.write(call, Array("ab".utf8), isLast: true) }
        let end = try recorder.wait()
        #expect(end.failed == .reset && end.mayHaveReceived && end.attempts == 1)
        #expect(
            end.detail
                == (streams
                    ? "reset: the connection to 127.0.0.1 was lost before the response"
                    : "reset: the kept connection to 127.0.0.1 was lost after the request was sent")
        )
        #expect(server.connections <= 2)
    }
}

/// A port of loopback that nobody listens on.
private enum FreePort {
    static func next() -> UInt16? {
        guard let descriptor = try? StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 1)
        else { return nil }
        defer { StreamSocket.close(descriptor) }
        return StreamSocket.port(of: descriptor)
    }
}

/// A listener whose queue of connections is full, so that the kernel drops further ones.
private final class BlackHole {
    let port: UInt16
    private let descriptor: Int32
    private var clients: [Int32] = []

    init() throws {
        descriptor = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 0)
        port = StreamSocket.port(of: descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        for _ in 0..<4 {
            let flags = Int32(SOCK_STREAM.rawValue) | O_NONBLOCK
            let client = socket(AF_INET, flags, 0)
            clients.append(client)
            _ = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    deinit {
        for client in clients { close(client) }
        close(descriptor)
    }
}
