import Glibc
import SluiceAdmin
import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceRouting
import SluiceShared
import SluiceTelemetry

/// A server on a free loopback port and a raw connection to it, turned by the test itself.
struct AdminWorld: ~Copyable {
    var server: AdminServer

    init(
        _ address: String = "127.0.0.1:0",
        limits: Limits = Limits(),
        readiness: HostReadiness = HostReadiness(),
        report: ConfigurationReport = ConfigurationReport(),
        reload: ReloadReport = ReloadReport(summary: "begun"),
        dumps: Dumps = Dumps(of: []),
        perform:
            @escaping @Sendable (
                OperationRequest, @escaping @Sendable (OperationOutcome) -> Void
            ) -> Void = { _, _ in }
    ) throws {
        let state = AdminState(
            limits: limits,
            readiness: { readiness },
            configuration: { report },
            metrics: { $0.single(MetricFamily("sluice_test", .gauge, "A test."), 7) },
            plugins: { [["name": "echo", "state": "running"]] },
            operations: { [] },
            perform: perform,
            dumps: { dumps },
            reload: { $0(reload) },
            drain: { "draining" }
        )
        server = try AdminServer(address: SocketAddress(address), limits: limits, state: state)
    }

    var port: UInt16 { server.address.port }

    /// Sends text and turns the server until the connection ends or `isEnough`.
    mutating func exchange(
        _ text: String,
        until isEnough: (String) -> Bool = { _ in false }
    ) throws -> String {
        let client = try Client(port: port)
        client.send(text)
        return read(client, until: isEnough)
    }

    /// What a client gets.
    mutating func read(_ client: borrowing Client, until isEnough: (String) -> Bool) -> String {
        var text = ""
        let deadline = Clock.now() + 10 * Clock.nanosecondsPerSecond
        while Clock.now() < deadline, !isEnough(text) {
            _ = server.turn(
                descriptors: [],
                until: Clock.now() + 5 * Clock.nanosecondsPerMillisecond
            )
            guard let more = client.receive() else { break }
            text += more
        }
        return text
    }

    /// A GET that closes, with the Host of the server.
    mutating func get(_ path: String) throws -> Answer {
        try answer("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n")
    }

    mutating func answer(_ text: String) throws -> Answer {
        Answer(try exchange(text))
    }
}

/// A response, split.
struct Answer {
    let status: Int
    let head: String
    let body: String

    init(_ text: String) {
        let end = text.firstRange(of: "\r\n\r\n")
        head = String(text[..<(end?.lowerBound ?? text.endIndex)])
        body = String(text[(end?.upperBound ?? text.endIndex)...])
        status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    func json() throws -> JSONValue {
        try JSONDocument(parsing: Array(body.utf8)).root
    }
}

/// A non-blocking connection to loopback.
struct Client: ~Copyable {
    let descriptor: Int32

    init(port: UInt16) throws(Errno) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Errno.last }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) {
        _ = StreamSocket.send(descriptor, Array(text.utf8)[...])
    }

    /// What is there now, perhaps nothing; nil when the connection has ended.
    func receive() -> String? {
        var bytes: [UInt8] = []
        switch StreamSocket.receive(descriptor, into: &bytes, bytesMax: 65_536) {
        case .bytes, .blocked: return String(decoding: bytes, as: UTF8.self)
        case .ended, .failed: return nil
        }
    }
}
