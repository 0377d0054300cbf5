import SluiceBase
import SluiceHTTP
import Testing

/// Heads that are taken, and what is read from them.
struct RequestHeadTests {
    /// What a head says, as text.
    private struct Facts: Equatable, CustomStringConvertible {
        var method = "GET"
        var path = "/"
        var query: String?
        var host = "a.test"
        var isAbsolute = false
        var keepsAlive = true
        var body = "none"

        var description: String {
            "\(method) \(path) ?\(query ?? "-") \(host) absolute \(isAbsolute) "
                + "keeps \(keepsAlive) body \(body)"
        }

        init() {}

        init(_ change: (inout Facts) -> Void) { change(&self) }

        init?(_ bytes: [UInt8]) {
            var head = RequestHead(fieldsMax: Verdict.fieldsMax, lineMax: Verdict.lineMax)
            let outcome = bytes.withBytes { Verdict(head.parse($0)) }
            guard outcome == .complete(bytes.count) else { return nil }
            let view = bytes.withBytes { head.view(of: $0) }
            let facts = head.facts
            func text(_ start: Int, _ length: Int) -> String {
                String(decoding: bytes[start..<start + length], as: UTF8.self)
            }
            #expect(view.facts.length == bytes.count && view.fields.count == facts.fields.count)
            method = text(facts.methodStart, facts.methodLength)
            path = text(facts.pathStart, facts.pathLength)
            query = facts.queryStart < 0 ? nil : text(facts.queryStart, facts.queryLength)
            host = text(facts.hostStart, facts.hostLength)
            isAbsolute = facts.isAbsolute
            keepsAlive = facts.keepsAlive
            body = String(describing: facts.bodyFraming)
        }
    }

    private static let host = "Host: a.test"

    private static func post(_ fields: String...) -> [UInt8] {
        octets((["POST / HTTP/1.1", host] + fields).map { "\($0)\r\n" }.joined() + "\r\n")
    }

    private static func posted(_ change: (inout Facts) -> Void = { _ in }) -> Facts {
        Facts {
            $0.method = "POST"
            change(&$0)
        }
    }

    private static let targets: [([UInt8], Facts)] = [
        (lines("GET / HTTP/1.1", host), Facts()),
        (octets("\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n"), Facts()),
        (lines("GET /a/b?c=d?e HTTP/1.1", host), Facts { ($0.path, $0.query) = ("/a/b", "c=d?e") }),
        (lines("GET /? HTTP/1.1", host), Facts { $0.query = "" }),
        (lines("GET //a HTTP/1.1", host), Facts { $0.path = "//a" }),
        (lines("OPTIONS * HTTP/1.1", host), Facts { ($0.method, $0.path) = ("OPTIONS", "*") }),
        (lines("PROPFIND / HTTP/1.1", host), Facts { $0.method = "PROPFIND" }),
        (
            lines("GET http://b.test:81/p?q HTTP/1.1", host),
            Facts {
                ($0.path, $0.query, $0.host, $0.isAbsolute) = ("/p", "q", "b.test:81", true)
            }
        ),
        (
            lines("GET HTTPS://b.test?q=/ HTTP/1.1", host),
            Facts { ($0.path, $0.query, $0.host, $0.isAbsolute) = ("", "q=/", "b.test", true) }
        ),
        (
            lines("GET http://[::1] HTTP/1.1", host),
            Facts { ($0.path, $0.host, $0.isAbsolute) = ("", "[::1]", true) }
        ),
        (
            lines("GET /\(String(repeating: "a", count: Verdict.lineMax - 14)) HTTP/1.1", host),
            Facts { $0.path = "/" + String(repeating: "a", count: Verdict.lineMax - 14) }
        ),
        (lines("GET / HTTP/1.1", "hOsT:\t a.test \t"), Facts()),
        (lines("GET / HTTP/1.1", "Empty:", host, "Latin: caf\u{e9}", "T: a\tb"), Facts()),
    ]

    private static let connections: [([UInt8], Facts)] = [
        (post("Connection: close"), posted { $0.keepsAlive = false }),
        (post("Connection: a, Close ,b"), posted { $0.keepsAlive = false }),
        (post("Connection: keep-alive"), posted()),
        (post("Connection: keep-alive", "Connection: close"), posted { $0.keepsAlive = false }),
        (post("Connection: closed"), posted()),
        (lines("GET / HTTP/1.0", host), Facts { $0.keepsAlive = false }),
        (lines("GET / HTTP/1.0"), Facts { ($0.host, $0.keepsAlive) = ("", false) }),
        (lines("GET / HTTP/1.0", host, "Connection: Keep-Alive"), Facts()),
        (
            lines("GET / HTTP/1.0", host, "Connection: keep-alive, close"),
            Facts { $0.keepsAlive = false }
        ),
    ]

    private static let bodies: [([UInt8], Facts)] = [
        (post("Content-Length: 5"), posted { $0.body = "length(5)" }),
        (post("Content-Length: 0"), posted()),
        (post("Content-Length: \t 0005 \t"), posted { $0.body = "length(5)" }),
        (post("Content-Length: 010"), posted { $0.body = "length(10)" }),
        (
            post("Content-Length: 999999999999999999"),
            posted { $0.body = "length(999999999999999999)" }
        ),
        (post("Transfer-Encoding: chunked"), posted { $0.body = "chunked" }),
        (post("TRANSFER-ENCODING:ChunKed"), posted { $0.body = "chunked" }),
        (
            post("Connection: content-length", "Content-Length: 5"),
            posted { $0.body = "length(5)" }
        ),
        (lines("GET / HTTP/1.1", host, "Content-Length: 7"), Facts { $0.body = "length(7)" }),
    ]

    private static let all = targets + connections + bodies

    @Test func `good heads say what they say`() {
        for (bytes, facts) in Self.all {
            #expect(Facts(bytes) == facts, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func `a head is incomplete until its last byte`() {
        for (bytes, _) in Self.all {
            for count in 0..<bytes.count {
                #expect(Verdict.request(Array(bytes.prefix(count))) == .incomplete)
            }
            #expect(Verdict.request(bytes + octets("\n\0GET")) == .complete(bytes.count))
        }
    }

    @Test func `as many fields as allowed are taken`() {
        let fields = String(repeating: "A: b\r\n", count: Verdict.fieldsMax - 1)
        let bytes = octets("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        #expect(Verdict.request(bytes) == .complete(bytes.count))
    }

    /// The facts of a GET with these lines, as text of those that differ from the plain ones.
    private func facts(_ line: String, _ fields: String...) -> RequestFacts {
        var head = RequestHead(fieldsMax: 8, lineMax: 64)
        let text = ([line, Self.host] + fields).map { "\($0)\r\n" }.joined() + "\r\n"
        _ = octets(text).withBytes { head.parse($0) }
        return head.facts
    }

    @Test func `an expectation counts from HTTP/1.1 on`() {
        let line = "POST / HTTP/1.1"
        let rows: [(RequestFacts, has: Bool, isContinue: Bool)] = [
            (facts("POST / HTTP/1.0", "Expect: 100-continue"), false, false),
            (facts(line, "Expect: 100-Continue"), true, true),
            (facts(line, "Expect: 100-continue", "Expect: 100-continue"), true, true),
            (facts(line, "Expect: 100-continue", "Expect: b"), true, false),
            (facts(line, "Expect: b", "Expect: 100-continue"), true, false),
            (facts(line, "Expect: 100-continue, b"), true, false), (facts(line), false, false),
        ]
        for (facts, has, isContinue) in rows {
            #expect(facts.fields.hasExpect == has)
            #expect(facts.fields.expectsContinue == isContinue)
        }
        #expect(facts("POST / HTTP/1.0", "Expect: a", "expect: b").fields.hopByHopCount == 2)
        #expect(facts(line, "Expect: 100-continue").fields.hopByHopCount == 0)
    }

    @Test func `a request for a WebSocket is one`() {
        let get = "GET /chat HTTP/1.1"
        let upgrade = "Connection: keep-alive, Upgrade"
        #expect(facts(get, upgrade, "Upgrade: WebSocket").isWebSocketUpgrade)
        #expect(facts(get, upgrade, "Upgrade: websocket", "Content-Length: 0").isWebSocketUpgrade)
        for other in [
            facts(get, "Upgrade: websocket"), facts(get, upgrade),
            facts(get, upgrade, "Upgrade: h2c"),
            facts(get, upgrade, "Upgrade: websocket, h2c"),
            facts(get, upgrade, "Upgrade: websocket", "Upgrade: websocket"),
            facts(get, upgrade, "Upgrade: websocket", "Content-Length: 5"),
            facts(get, upgrade, "Upgrade: websocket", "Transfer-Encoding: chunked"),
            facts("POST / HTTP/1.1", upgrade, "Upgrade: websocket"),
            facts("GET / HTTP/1.0", upgrade, "Upgrade: websocket"),
        ] {
            #expect(!other.isWebSocketUpgrade)
        }
        #expect(facts(get, "A: b", "Upgrade: x", "Upgrade: y").fields.upgradeIndex == 2)
    }

    @Test func `the least number of Max-Forwards counts`() {
        let line = "OPTIONS * HTTP/1.1"
        let rows: [(RequestFacts, Int32)] = [
            (facts(line), -1), (facts(line, "Max-Forwards: 0"), 0),
            (facts(line, "Max-Forwards: 10"), 10), (facts(line, "Max-Forwards: -1"), -1),
            (facts(line, "Max-Forwards: 2147483647"), .max),
            (facts(line, "Max-Forwards: 2147483648"), -1), (facts(line, "Max-Forwards: a"), -1),
            (facts(line, "Max-Forwards: 7", "max-forwards: 3", "Max-Forwards: 5"), 3),
        ]
        for (facts, expected) in rows { #expect(facts.fields.maxForwards == expected) }
    }

    @Test func `what else a head says is noted`() {
        let get = "GET / HTTP/1.1"
        #expect(facts("TRACE / HTTP/1.1").isTrace)
        #expect(!facts("trace / HTTP/1.1").isTrace && !facts(get).isTrace)
        #expect(facts("OPTIONS http://a HTTP/1.1").asksForServer)
        #expect(!facts("OPTIONS http://a/ HTTP/1.1").asksForServer)
        #expect(!facts("OPTIONS http://a? HTTP/1.1").asksForServer)
        #expect(!facts("GET http://a HTTP/1.1").asksForServer)
        let family = facts(
            get,
            "X-Forwarded-For: a",
            "x-forwarded-PROTO: b",
            "X-Forwarded-Prefix: c",
            "Forwarded: d",
            "X-Forwarded: e"
        )
        #expect(family.fields.forwardingCount == 4)
        #expect(facts(get, "A: b").fields.requestIDIndex == -1)
        #expect(facts(get, "A: b", "X-Request-ID: c").fields.requestIDIndex == 2)
        #expect(facts(get, "x-request-id: b", "X-Request-ID: c").fields.requestIDIndex == -2)
    }

    @Test func `a view over a copy says what the head said`() {
        let bytes = lines("GET /%61?q HTTP/1.1", "Host: a.test", "X-Request-Id: abc.1:2-3_4")
        var head = RequestHead(fieldsMax: 8, lineMax: 64)
        _ = bytes.withBytes { head.parse($0) }
        let copy = bytes + octets("/a")
        let memory = Table(copy)
        let records = Table(repeating: Field.none, count: 4)
        let view = bytes.withBytes { head.view(of: $0) }
        for index in 0..<view.fields.count { records[index] = view.fields[index] }
        var facts = view.facts
        facts.pathStart = bytes.count
        facts.pathLength = 2
        let owned = RequestView(
            facts: facts,
            text: memory.view.bytes(0, copy.count),
            fields: records.view.prefix(view.fields.count)
        )
        _ = lines("POST http://b/ HTTP/1.0").withBytes { head.parse($0) }
        #expect(owned.method.text == "GET" && owned.path.text == "/a" && owned.query.text == "q")
        #expect(owned.host.text == "a.test" && owned.value(at: 1).text == "abc.1:2-3_4")
        #expect(owned.requestID.text == "abc.1:2-3_4")
    }
}
