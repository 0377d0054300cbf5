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
            func text(_ start: Int, _ length: Int) -> String {
                String(decoding: bytes[start..<start + length], as: UTF8.self)
            }
            method = text(head.methodStart, head.methodLength)
            path = text(head.pathStart, head.pathLength)
            query = head.queryStart < 0 ? nil : text(head.queryStart, head.queryLength)
            host = text(head.hostStart, head.hostLength)
            isAbsolute = head.isAbsolute
            keepsAlive = head.keepsAlive
            body = String(describing: head.bodyFraming)
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

    @Test func `an expectation counts from HTTP/1.1 on`() {
        for (version, expected) in [("1.0", false), ("1.1", true)] {
            var head = RequestHead(fieldsMax: 4, lineMax: 64)
            let bytes = lines("POST / HTTP/\(version)", Self.host, "Expect: 100-Continue")
            _ = bytes.withBytes { head.parse($0) }
            #expect(head.section.expectsContinue == expected)
        }
    }
}
