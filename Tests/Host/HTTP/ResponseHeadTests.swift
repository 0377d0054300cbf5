import SluiceBase
import SluiceHTTP
import Testing

struct ResponseHeadTests {
    private static let good: [([UInt8], status: UInt16, keepsAlive: Bool)] = [
        (lines("HTTP/1.1 200 OK"), 200, true),
        (lines("HTTP/1.1 200 "), 200, true),
        (lines("HTTP/1.1 200"), 200, true),
        (lines("HTTP/1.1 100 Continue"), 100, true),
        (lines("HTTP/1.1 999 \u{e9}\t!"), 999, true),
        (lines("HTTP/1.9 204 No Content"), 204, true),
        (lines("HTTP/1.1 200 OK", "Connection: Close"), 200, false),
        (lines("HTTP/1.0 200 OK"), 200, false),
        (lines("HTTP/1.0 200 OK", "Connection: keep-alive"), 200, true),
    ]

    private static let faulty: [([UInt8], HeadFault)] = [
        (octets("hello world\n"), .statusLine),
        (octets("HTTP/1.1 200 OK\n\n"), .statusLine),
        (lines("HTTPX/1.1 200 OK"), .statusLine),
        (lines("HTTP/2.0 200 OK"), .statusLine),
        (lines("HTTP/1.x 200 OK"), .statusLine),
        (lines("HTTP/1.1  200 OK"), .statusLine),
        (lines("HTTP/1.1 2O0 OK"), .statusLine),
        (lines("HTTP/1.1 099 OK"), .statusLine),
        (lines("HTTP/1.1 20 OK"), .statusLine),
        (lines("HTTP/1.1 2000 OK"), .statusLine),
        (lines("HTTP/1.1 200OK"), .statusLine),
        (lines("HTTP/1.1 200 O\0K"), .statusLine),
        (lines("HTTP/1.1 200 O\rK"), .statusLine),
        (lines("\r\nHTTP/1.1 200 OK"), .statusLine),
        (lines("HTTP/1.1 200 OK", "X : b"), .fieldName),
        (lines("HTTP/1.1 200 OK", "X: a\rb"), .fieldValue),
        (lines("HTTP/1.1 200 OK", "X: a", " b"), .folding),
        (octets("HTTP/1.1 200 OK\r\nX: a\n\r\n"), .lineEnd),
        (lines("HTTP/1.1 200 OK", "Content-Length: 5x"), .contentLength),
        (lines("HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 5"), .contentLength),
        (
            lines("HTTP/1.1 200 OK", "Content-Length: 5", "Transfer-Encoding: chunked"),
            .lengthAndEncoding
        ),
        (lines("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"), .unknownCoding),
        (lines("HTTP/1.0 200 OK", "Transfer-Encoding: chunked"), .transferEncoding),
    ]

    @Test func `good heads are taken whole and not before`() {
        for (bytes, status, keepsAlive) in Self.good {
            var head = ResponseHead(fieldsMax: 4)
            for count in 0..<bytes.count {
                let verdict = Array(bytes.prefix(count)).withBytes { Verdict(head.parse($0)) }
                #expect(verdict == .incomplete, "\(count) bytes of \(bytes)")
            }
            #expect(bytes.withBytes { Verdict(head.parse($0)) } == .complete(bytes.count))
            #expect(head.facts.status == status)
            #expect(head.facts.keepsAlive == keepsAlive)
        }
    }

    @Test func `faulty heads are refused and never judged otherwise`() {
        for (bytes, fault) in Self.faulty {
            #expect(Verdict.response(bytes) == .faulty(fault), "\(bytes)")
            for count in 0..<bytes.count {
                let verdict = Verdict.response(Array(bytes.prefix(count)))
                #expect(verdict == .incomplete || verdict == .faulty(fault))
            }
        }
    }

    @Test func `the end of a body is found by method, status and fields`() {
        let length = "Content-Length: 5"
        let chunked = "Transfer-Encoding: chunked"
        let rows: [(Method, Int, String, String)] = [
            (.get, 200, length, "length(5)"), (.get, 200, chunked, "chunked"),
            (.get, 200, "A: b", "untilClose"), (.get, 200, "Content-Length: 0", "length(0)"),
            (.post, 201, length, "length(5)"), (.other, 500, "A: b", "untilClose"),
            (.head, 200, length, "none"), (.head, 200, chunked, "none"),
            (.head, 200, "A: b", "none"), (.get, 100, length, "none"), (.get, 103, chunked, "none"),
            (.get, 199, "A: b", "none"), (.get, 204, length, "none"), (.get, 204, chunked, "none"),
            (.get, 304, length, "none"), (.get, 304, "A: b", "none"),
            (.get, 205, "A: b", "untilClose"), (.get, 404, length, "length(5)"),
        ]
        for (method, status, field, framing) in rows {
            var head = ResponseHead(fieldsMax: 4)
            _ = lines("HTTP/1.1 \(status) x", field).withBytes { head.parse($0) }
            let found = String(describing: head.facts.framing(answering: method))
            #expect(found == framing, "\(method) \(status) \(field)")
        }
    }

    @Test func `a switch to WebSocket is one`() {
        let upgrade = ["Connection: Upgrade", "Upgrade: websocket"]
        let rows: [(Int, [String], Bool)] = [
            (101, upgrade, true), (200, upgrade, false), (101, [upgrade[0]], false),
            (101, [upgrade[1]], false), (101, [upgrade[0], "Upgrade: h2c"], false),
        ]
        for (status, fields, expected) in rows {
            var head = ResponseHead(fieldsMax: 4)
            let text = "HTTP/1.1 \(status) x\r\n" + fields.map { "\($0)\r\n" }.joined() + "\r\n"
            _ = octets(text).withBytes { head.parse($0) }
            #expect(head.facts.isWebSocketUpgrade == expected)
        }
    }
}
