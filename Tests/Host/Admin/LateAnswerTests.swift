import SluiceAdmin
import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceShared
import Synchronization
import Testing

/// Pages whose answer comes from elsewhere: the server waits for it with a deadline.
@Suite struct LateAnswerTests {
    private final class Held: Sendable {
        let then = Mutex<(@Sendable (OperationOutcome) -> Void)?>(nil)
    }

    private static let call = "GET /plugins/a/b HTTP/1.1\r\nHost: localhost\r\n\r\n"
    private static let last =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    private var impatient: Limits {
        var limits = Limits()
        limits.operationTimeoutNanoseconds = 20 * millisecond
        limits.dumpTimeoutNanoseconds = 20 * millisecond
        return limits
    }

    @Test func `an answer of another thread is sent, and the next request after it`() throws {
        var world = try AdminWorld { request, then in
            #expect(request.instance == "a" && request.operation == "b")
            let thread = try? Thread(name: "late") {
                then(OperationOutcome(status: 202, body: Array("{}".utf8)))
            }
            #expect(thread != nil)
        }
        let text = try world.exchange(Self.call + Self.last)
        let statuses = text.ranges(of: "HTTP/1.1 ").map { text[$0.upperBound...].prefix(3) }
        #expect(statuses == ["202", "200"])
    }

    @Test func `no answer by the deadline is a 504, and a later one is dropped`() throws {
        let held = Held()
        var world = try AdminWorld(limits: impatient) { _, then in
            held.then.withLock { $0 = then }
        }
        let text = try world.exchange(Self.call + Self.last) { $0.contains("504 ") }
        #expect(text.contains("a/b has not answered within 20 ms"))
        held.then.withLock(\.self)?(OperationOutcome(status: 200, body: Array("{}".utf8)))
        #expect(try world.get("/healthz").status == 200)
    }

    @Test func `other connections are served meanwhile`() throws {
        var world = try AdminWorld { _, _ in }
        let waiting = try Client(port: world.port)
        waiting.send(Self.call)
        #expect(try world.get("/healthz").status == 200)
    }

    @Test func `a plugin that says nothing of itself holds the page up no longer than its limit`()
        throws
    {
        let dumps = Dumps(of: ["quick", "slow"])
        dumps.take(Array(#"{"a":1}"#.utf8), of: "quick")
        var world = try AdminWorld(limits: impatient, dumps: dumps)
        let page = try world.get("/config").json()
        #expect(page["dumps"]?["quick"]?["a"]?.int64 == 1)
        #expect(page["dumps"]?["slow"]?["error"]?.string == "it did not answer in time")
    }
}
