import SluiceBase
import SluiceHTTP
import Testing

/// Chunked framing and the trailers behind it.
struct BodyTests {
    /// What a body comes to: the bytes before its trailers, else whether it is broken.
    private enum End: Equatable {
        case done(Int)
        case open
        case broken
    }

    /// Bodies with their end in a request; the trailer section is not looked at.
    private static let bodies: [(String, End)] = [
        ("0\r\n\r\n", .done(3)), ("0\r\n\r\nGET", .done(3)), ("000\r\n\r\n", .done(5)),
        ("5\r\nhello\r\n0\r\n\r\n", .done(13)), ("5\r\n\r\n\r\n\r\n\r\n0\r\n\r\n", .broken),
        ("4\r\n\r\n\r\n\r\n0\r\n\r\n", .done(12)), ("A\r\n0123456789\r\n0\r\n\r\n", .done(18)),
        ("a\r\n0123456789\r\n0\r\n\r\n", .done(18)),
        ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", .done(16)),
        ("000000000000005\r\nhello\r\n0\r\n\r\n", .done(27)),
        ("5;a=b\r\nhello\r\n0;last\r\n\r\n", .done(22)),
        ("5;a=\"x;y\"\r\nhello\r\n0\r\n\r\n", .done(21)), ("0;\r\n", .done(4)),
        ("0\r\nName: value\r\n\r\n", .done(3)), ("0\r\nwhatever", .done(3)),
        ("", .open), ("5", .open), ("5\r", .open), ("5\r\nhell", .open), ("5\r\nhello", .open),
        ("5\r\nhello\r\n", .open), ("0\r", .open), ("fffffffffffffff\r\n", .open),
        ("\r\n", .broken), (" 5\r\n", .broken), ("+5\r\n", .broken), ("-5\r\n", .broken),
        ("0x5\r\n", .broken), ("g\r\n", .broken), ("5 \r\n", .broken), ("5 ;a\r\n", .broken),
        ("5\t;a\r\n", .broken), ("5\n", .broken), ("5\rh", .broken), ("5_0\r\n", .broken),
        (";a\r\n", .broken), ("5\r\nhelloX", .broken), ("5\r\nhello\n", .broken),
        ("5\r\nhello\rX", .broken), ("5\r\nhello\r\n\r\n", .broken), ("0\n", .broken),
        ("1000000000000000\r\n", .broken), ("0000000000000005\r\n", .broken),
        ("5;a\n", .broken), ("5;a\rb", .broken), ("5;a\0", .broken), ("5;\u{7f}", .broken),
    ]

    private static let replies: [(String, End)] = [
        ("2 ; a=b\r\nhi\r\n0\r\n", .done(16)), ("2\t \t;a\r\nhi\r\n0 ;\r\n", .done(17)),
        ("2 \r\n", .broken), ("2 3\r\n", .broken), (" 2\r\n", .broken), ("2 a;b\r\n", .broken),
    ]

    private func end(_ text: String, isReply: Bool = false, pieceBytes: Int = 64) -> End {
        var decoder = ChunkDecoder(isReply: isReply)
        let bytes = octets(text)
        var taken = 0
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let piece = Array(bytes[start..<min(bytes.count, start + pieceBytes)])
            taken += take(piece, &decoder)
        }
        if decoder.isAtTrailers { return .done(taken) }
        return decoder.isBroken ? .broken : .open
    }

    private func take(_ piece: [UInt8], _ decoder: inout ChunkDecoder) -> Int {
        var taken = 0
        while taken < piece.count {
            let found = Array(piece[taken...]).withBytes { decoder.next($0) }
            guard found.taken > 0 else { break }
            taken += found.taken
        }
        return taken
    }

    @Test func `each body ends where it ends`() {
        for (text, expected) in Self.bodies {
            for pieceBytes in 1...24 {
                #expect(end(text, pieceBytes: pieceBytes) == expected, "\(text.debugDescription)")
            }
        }
    }

    @Test func `white space before an extension is accepted in a reply alone`() {
        for (text, expected) in Self.replies {
            for pieceBytes in 1...8 {
                let found = end(text, isReply: true, pieceBytes: pieceBytes)
                #expect(found == expected, "\(text.debugDescription)")
                #expect(end(text, pieceBytes: pieceBytes) == .broken, "\(text.debugDescription)")
            }
        }
    }

    @Test func `content is found between the framing`() {
        let bytes = octets("5;x\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\nrest")
        for pieceBytes in 1...bytes.count {
            var decoder = ChunkDecoder(isReply: false)
            var content: [UInt8] = []
            var place = 0
            while place < bytes.count, !decoder.isAtTrailers {
                let piece = Array(bytes[place..<min(bytes.count, place + pieceBytes)])
                let found = piece.withBytes { decoder.next($0) }
                content += piece[found.offset..<found.offset + found.length]
                place += found.taken
            }
            #expect(content == octets("hello!"))
            #expect(bytes.count - place == 12)
        }
    }

    @Test func `the extensions of one chunk are bounded`() {
        let most = String(repeating: "a", count: ChunkDecoder.extensionBytesMax - 1)
        #expect(end("5;\(most)\r\nhello\r\n", pieceBytes: 64) == .open)
        #expect(end("5;\(most)a\r\nhello\r\n", pieceBytes: 64) == .broken)
        let space = String(repeating: " ", count: ChunkDecoder.extensionBytesMax)
        #expect(end("5\(space);\r\nhello\r\n", isReply: true) == .broken)
        #expect(end("5\(space.dropLast());\r\nhello\r\n", isReply: true) == .open)
    }

    @Test func `the extensions of a body are bounded by its content`() {
        let extensionBytes = 4_000
        let chunk = "1;\(String(repeating: "a", count: extensionBytes - 1))\r\nx\r\n"
        #expect(end(String(repeating: chunk, count: 4)) == .open)
        #expect(end(String(repeating: chunk, count: 5)) == .broken)
        let content = "1000\r\n\(String(repeating: "x", count: 4_096))\r\n"
        #expect(end(String(repeating: content + chunk, count: 100)) == .open)
        let small = String(repeating: "1;\r\na\r\n", count: 100_000)
        #expect(end(small) == .open, "one byte of extension for each of content goes on for ever")
        #expect(end(String(repeating: "1;a\r\na\r\n", count: 16_383)) == .open)
        #expect(end(String(repeating: "1;a\r\na\r\n", count: 16_384)) == .broken)
    }

    @Test func `the largest size is counted, not wrapped`() {
        var decoder = ChunkDecoder(isReply: false)
        let size = octets("fffffffffffffff\r\n")
        #expect(size.withBytes { decoder.next($0) }.taken == size.count)
        let data = [UInt8](repeating: 0, count: 1_000)
        for _ in 0..<1_000 { #expect(data.withBytes { decoder.next($0) } == (1_000, 0, 1_000)) }
        #expect(!decoder.isAtTrailers && !decoder.isBroken)
    }

    @Test func `a body that is over takes nothing more`() {
        for text in ["0\r\n", "x"] {
            var decoder = ChunkDecoder(isReply: false)
            #expect(octets(text).withBytes { decoder.next($0) }.taken == text.utf8.count)
            #expect(octets("0\r\n\r\n").withBytes { decoder.next($0) } == (0, 0, 0))
        }
    }
}

extension BodyTests {
    private func written(_ text: String) -> String? {
        var section = FieldSection(fieldsMax: 8)
        let bytes = octets(text)
        guard
            bytes.withBytes({ Verdict(Trailers.parse($0, into: &section)) })
                == .complete(bytes.count)
        else { return nil }
        let memory = Table<UInt8>(repeating: 0, count: bytes.count)
        var output = memory.writer()
        bytes.withBytes { Trailers.write(section, $0, to: &output) }
        return output.bytes.text
    }

    @Test func `trailers that end a message pass`() {
        for text in [
            "\r\n", "grpc-status: 0\r\nGRPC-Message:\r\n\r\n", "X-Sum: 1\r\nETag: \"a\"\r\n\r\n",
            "Server-Timing: a\r\nIfx: 1\r\nContents: 2\r\n\r\n",
        ] {
            #expect(written(text) == text)
        }
    }

    @Test(
        arguments: [
            "Content-Length: 50", "content-length: x", "Transfer-Encoding: chunked", "Host: a",
            "Content-Type: a", "Content-Range: a", "Connection: close", "Keep-Alive: 1",
            "Proxy-Connection: a", "TE: trailers", "Trailer: a", "Upgrade: a", "Authorization: a",
            "Proxy-Authorization: a", "Cookie: a", "Set-Cookie: a", "WWW-Authenticate: a",
            "Cache-Control: a", "Pragma: a", "Expect: 100-continue", "Range: a", "If-Match: a",
            "If-Modified-Since: a", "Max-Forwards: 1", "Age: 1", "Date: a", "Expires: a",
            "Location: a", "Retry-After: 1", "Vary: a", "Warning: a", "X-Forwarded-For: a",
            "X-Forwarded-Prefix: a", "Forwarded: a", "Via: a", "X-Request-Id: a", "traceparent: a",
            "tracestate: a", "Sec-WebSocket-Key: a",
        ]
    )
    func `a trailer that a recipient could act upon is dropped`(field: String) {
        #expect(written("A: b\r\n\(field)\r\n\(field)\r\nC: d\r\n\r\n") == "A: b\r\nC: d\r\n\r\n")
    }

    @Test func `trailers are as strict as heads`() {
        let faults: [(String, HeadFault)] = [
            (": a\r\n\r\n", .fieldName), ("X : y\r\n", .fieldName), ("X\r\n", .fieldName),
            (" X: y\r\n", .folding), ("X: \0\r\n", .fieldValue), ("X: y\n", .lineEnd),
            ("\n", .lineEnd), ("X: y\rz\r\n", .fieldValue),
            (String(repeating: "A:\r\n", count: 9), .tooManyFields),
        ]
        for (text, fault) in faults {
            var section = FieldSection(fieldsMax: 8)
            let found = octets(text).withBytes { Verdict(Trailers.parse($0, into: &section)) }
            #expect(found == .faulty(fault), "\(text.debugDescription)")
        }
        for text in ["", "\r", "A: b", "A: b\r\n", "A: b\r\n\r"] {
            var section = FieldSection(fieldsMax: 8)
            let found = octets(text).withBytes { Verdict(Trailers.parse($0, into: &section)) }
            #expect(found == .incomplete, "\(text.debugDescription)")
        }
    }
}
