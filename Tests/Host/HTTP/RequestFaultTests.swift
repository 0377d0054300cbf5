import SluiceHTTP
import Testing

/// Heads that are refused, by their bytes; none is ever taken for another while it arrives.
struct RequestFaultTests {
    private static let line = "GET / HTTP/1.1"
    private static let host = "Host: a.test"

    private static func field(_ text: String) -> [UInt8] { lines(line, host, text) }

    private static func target(_ text: String) -> [UInt8] { lines("GET \(text) HTTP/1.1", host) }

    private static func version(_ text: String) -> [UInt8] { lines("GET / \(text)", host) }

    private static func start(_ text: String) -> [UInt8] { lines(text, host) }

    private static let requestLines: [([UInt8], HeadFault)] = [
        (start("GET  / HTTP/1.1"), .requestLine),
        (start("GET\t/\tHTTP/1.1"), .requestLine),
        (start("GET\r/ HTTP/1.1"), .requestLine),
        (start(" GET / HTTP/1.1"), .requestLine),
        (start("GET /"), .requestLine),
        (start("GET"), .requestLine),
        (start(" / HTTP/1.1"), .requestLine),
        (start("G(T / HTTP/1.1"), .requestLine),
        (start("GE\0T / HTTP/1.1"), .requestLine),
        (start("G\u{e9}T / HTTP/1.1"), .requestLine),
        (octets("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), .requestLine),
        (start("GET / HTTP/1.1 "), .version),
        (start("GET / "), .version),
        (start("GET /a b HTTP/1.1"), .version),
        (version("HTTP/11"), .version),
        (version("HTTP/01.1"), .version),
        (version("HTTP/1.1.1"), .version),
        (version("HTTP/1.x"), .version),
        (version("HTTP/+1.1"), .version),
        (version("http/1.1"), .version),
        (version("ICY/1.0"), .version),
        (version("HTTP/0.9"), .unsupportedVersion),
        (version("HTTP/1.2"), .unsupportedVersion),
        (version("HTTP/2.0"), .unsupportedVersion),
        (version("HTTP/9.9"), .unsupportedVersion),
    ]

    private static let targets: [([UInt8], HeadFault)] = [
        (target("*"), .target),
        (target("!"), .target),
        (target("a.test"), .target),
        (target("a.test:80"), .target),
        (target("/a#b"), .target),
        (target("/\u{2}"), .target),
        (target("/\u{7f}"), .target),
        (target("/\u{e9}"), .target),
        (target("/a\tb"), .target),
        (target("http://"), .target),
        (target("http:///x"), .target),
        (target("http://?x"), .target),
        (target("ftp://a.test/"), .target),
        (target("http:/a.test/"), .target),
        (start("OPTIONS *x HTTP/1.1"), .target),
        (start("CONNECT / HTTP/1.1"), .target),
        (start("CONNECT a.test HTTP/1.1"), .target),
        (start("CONNECT a.test:443 HTTP/1.1"), .connect),
        (start("CONNECT http://a.test/ HTTP/1.1"), .target),
        (target("http://user@a.test/"), .hostInvalid),
        (target("http://a.test:x/"), .hostInvalid),
        (lines("GET http://user:secret@a.test/ HTTP/1.0"), .hostInvalid),
        (target("/" + String(repeating: "a", count: Verdict.lineMax)), .lineTooLong),
        (octets(String(repeating: "a", count: Verdict.lineMax + 2)), .lineTooLong),
        (octets("\r\nGET /" + String(repeating: "a", count: Verdict.lineMax)), .lineTooLong),
    ]

    private static let fields: [([UInt8], HeadFault)] = [
        (octets("\n"), .lineEnd),
        (octets("GET / HTTP/1.1\nHost: a\n\n"), .lineEnd),
        (octets("GET / HTTP/1.1\r\nHost: a\n\r\n"), .lineEnd),
        (octets("GET / HTTP/1.1\r\nHost: a\r\n\n"), .lineEnd),
        (field("Name : a"), .fieldName),
        (field("Na me: a"), .fieldName),
        (field(": a"), .fieldName),
        (field("Name"), .fieldName),
        (field("Na(me: a"), .fieldName),
        (field("Na\u{e9}me: a"), .fieldName),
        (field("Content-Length\u{85}: 5"), .fieldName),
        (field("A: b\0c"), .fieldValue),
        (field("A: b\rc"), .fieldValue),
        (field("A: b\r"), .fieldValue),
        (field("A: \u{1b}[31m"), .fieldValue),
        (field("A: 1234567\u{7f}"), .fieldValue),
        (field("A: 12345678\u{1}"), .fieldValue),
        (field(" A: b"), .folding),
        (field("\tfolded"), .folding),
        (lines(line, " A: b", host), .folding),
        (lines(line), .hostMissing),
        (lines("GET http://a.test/ HTTP/1.1"), .hostMissing),
        (lines(line, host, host), .hostRepeated),
        (lines(line, host, "A: b", "hOST: b.test"), .hostRepeated),
        (lines("GET http://a.test/ HTTP/1.1", "Host: a/b"), .hostInvalid),
        (
            octets("GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 9)),
            .tooManyFields
        ),
        (field("Connection: a,b,c,d,e,f,g,h,i"), .tooManyFields),
        (field("A: " + String(repeating: "b", count: 66_000)), .headTooLarge),
    ]

    private static let framings: [([UInt8], HeadFault)] =
        [
            "", "abc", "-5", "+5", "5.0", "0x5", "4 2", "5, 6", "5, 5", "5;", "\u{a0}5",
            "9223372036854775807", "1000000000000000000",
        ].map { (field("Content-Length: \($0)"), .contentLength) }
        + [
            "", ",chunked", "chunked,", "chunked, gzip", "chunked, chunked", "identity", "gzip",
            "\"chunked\"", "xchunked", "chunk", "chunked;a=b", "\u{a0}chunked\u{a0}",
        ].map { (field("Transfer-Encoding: \($0)"), .transferEncoding) }
        + [
            (lines(line, host, "Content-Length: 5", "Content-Length: 5"), .contentLength),
            (
                lines(line, host, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
                .transferEncoding
            ),
            (lines("POST / HTTP/1.0", "Transfer-Encoding: chunked"), .transferEncoding),
            (field("Transfer-Encoding: gzip, chunked"), .unknownCoding),
            (field("Transfer-Encoding: GZIP ,\tChunked"), .unknownCoding),
            (
                lines(line, host, "Content-Length: 5", "Transfer-Encoding: chunked"),
                .lengthAndEncoding
            ),
            (
                lines(line, host, "Transfer-Encoding: chunked", "Content-Length: 0"),
                .lengthAndEncoding
            ),
        ]

    private static let all = requestLines + targets + fields + framings

    @Test func `each faulty head has its fault`() {
        for (bytes, fault) in Self.all {
            #expect(Verdict.request(bytes) == .faulty(fault), "\(text(bytes))")
        }
    }

    @Test func `a faulty head is never judged otherwise while it arrives`() {
        for (bytes, fault) in Self.all where bytes.count < 1_000 {
            for count in 0..<bytes.count {
                let verdict = Verdict.request(Array(bytes.prefix(count)))
                let isKept = verdict == .incomplete || verdict == .faulty(fault)
                #expect(isKept, "\(verdict) after \(count) bytes of \(text(bytes))")
            }
        }
    }

    @Test func `every fault of a request is in the tables and has its status`() {
        let shown = Set(Self.all.map(\.1.rawValue))
        let statuses: [HeadFault: UInt16] = [
            .unsupportedVersion: 505, .unknownCoding: 501, .connect: 501, .lineTooLong: 414,
            .tooManyFields: 431, .headTooLarge: 431,
        ]
        var count: UInt8 = 0
        while let fault = HeadFault(rawValue: count) {
            count += 1
            #expect(shown.contains(fault.rawValue) || fault == .statusLine, "\(fault.text)")
            #expect(fault.status == statuses[fault] ?? 400, "\(fault.text)")
        }
        #expect(count == 20)
    }

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(200), as: UTF8.self).debugDescription
    }
}
