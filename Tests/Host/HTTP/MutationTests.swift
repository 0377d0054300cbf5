import HTTPInvariants
import SluiceBase
import Testing

/// Seeded damage to good messages: whatever comes of it, the invariants of the fuzzer hold.
struct MutationTests {
    private static let seedsCount = 10_000

    private static let requests = [
        "GET /a/../b?q HTTP/1.1\r\nHost: a.test\r\nConnection: x, close\r\nX: 1\r\nTE: a\r\n\r\n",
        "OPTIONS http://[::1]:80 HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello",
        "POST /%2e/%2F HTTP/1.0\r\nConnection: keep-alive\r\nDate: x\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: b\r\nForwarded: for=c\r\n"
            + "X-Request-Id: d\r\nMax-Forwards: 3\r\ntraceparent: e\r\nVia: 1.0 f\r\n\r\n",
        "\r\nPOST /? HTTP/1.1\r\nHost: a:\r\nTransfer-Encoding: chunked\r\nConnection: A\r\n\r\n",
    ]

    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: X\r\nX: y\r\n\r\nhello",
        "HTTP/1.0 304\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: date\r\nDate: x\r\n\r\n",
        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nTrailer: a\r\n\r\n",
    ]

    private static let bodies = [
        "\u{2}5\r\nhello\r\n0\r\n\r\n", "\u{7}5;a=\"b\"\r\nhello\r\n00;c\r\nName: v\r\n\r\nGET",
        "\u{1}1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\nA:\r\nB: c\r\n\r\n",
        "\u{12}1 ; a\r\na\r\n0 ;\r\n\r\n",
    ]

    private static let trailers = [
        "grpc-status: 0\r\nContent-Length: 5\r\nX: y\r\n\r\n", "\r\n",
        "Host: a\r\nDate: b\r\nConnection: c\r\nIf-Match: d\r\nE: f\r\n\r\n",
    ]

    @Test func `damaged requests are read alike and go on alike, or are refused`() {
        expect(Self.requests, HTTPInvariants.request)
    }

    @Test func `damaged responses are read alike and go on alike, or are refused`() {
        expect(Self.responses, HTTPInvariants.response)
    }

    @Test func `damaged bodies end where a plain decoder ends them`() {
        expect(Self.bodies, HTTPInvariants.chunks)
    }

    @Test func `damaged trailers keep what a plain list of names leaves`() {
        expect(Self.trailers, HTTPInvariants.trailers)
    }

    private func expect(_ texts: [String], _ invariant: (Bytes) -> String?) {
        for seed in 0..<Self.seedsCount {
            var choices = Seeded(seed: UInt64(seed))
            let bytes = damaged(octets(texts[choices.below(texts.count)]), texts, &choices)
            let breach = bytes.withBytes(invariant)
            #expect(breach == nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    private func damaged(
        _ good: [UInt8],
        _ texts: [String],
        _ choices: inout Seeded
    ) -> [UInt8] {
        var bytes = good
        let telling = octets("\r\n :,;/?.%0\t\0\u{7f}\u{ff}aA")
        for _ in 0..<choices.below(4) where !bytes.isEmpty {
            let place = choices.below(bytes.count)
            switch choices.below(6) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: choices.next())
            case 1: bytes[place] = telling[choices.below(telling.count)]
            case 2: bytes.insert(telling[choices.below(telling.count)], at: place)
            case 3: bytes.remove(at: place)
            case 4:
                let end = min(bytes.count, place + choices.below(20))
                bytes.insert(contentsOf: bytes[place..<end], at: choices.below(bytes.count))
            default:
                let other = octets(texts[choices.below(texts.count)])
                bytes = Array(bytes[..<place]) + other[choices.below(other.count)...]
            }
        }
        return bytes
    }
}
