import SluiceBase
import SluiceHTTP
import Testing

struct ChunkScannerTests {
    private static let overheadMax = 32

    /// What a body comes to: its length when it is done, else whether it is broken.
    private enum End: Equatable {
        case done(Int)
        case open
        case broken
    }

    private static let bodies: [(String, End)] = [
        ("0\r\n\r\n", .done(5)), ("0\r\n\r\nGET", .done(5)), ("000\r\n\r\n", .done(7)),
        ("5\r\nhello\r\n0\r\n\r\n", .done(15)), ("5\r\n\r\n\r\n\r\n\r\n0\r\n\r\n", .broken),
        ("4\r\n\r\n\r\n\r\n0\r\n\r\n", .done(14)), ("A\r\n0123456789\r\n0\r\n\r\n", .done(20)),
        ("a\r\n0123456789\r\n0\r\n\r\n", .done(20)),
        ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", .done(18)),
        ("000000000000005\r\nhello\r\n0\r\n\r\n", .done(29)),
        ("5;a=b\r\nhello\r\n0;last\r\n\r\n", .done(24)),
        ("5;a=\"x;y\"\r\nhello\r\n0\r\n\r\n", .done(23)),
        ("0\r\nName: value\r\n\r\n", .done(18)), ("0\r\nA:\r\nB:\t\u{e9}\r\n\r\n", .done(15)),
        ("", .open), ("5", .open), ("5\r", .open), ("5\r\nhell", .open), ("5\r\nhello", .open),
        ("5\r\nhello\r\n", .open), ("0\r\n", .open), ("0\r\n\r", .open), ("0\r\nA: b\r\n", .open),
        ("fffffffffffffff\r\n", .open),
        ("\r\n", .broken), (" 5\r\n", .broken), ("+5\r\n", .broken), ("-5\r\n", .broken),
        ("0x5\r\n", .broken), ("g\r\n", .broken), ("5 \r\n", .broken), ("5 ;a\r\n", .broken),
        ("5\n", .broken), ("5\rh", .broken), ("5_0\r\n", .broken), (";a\r\n", .broken),
        ("5\r\nhelloX", .broken), ("5\r\nhello\n", .broken), ("5\r\nhello\rX", .broken),
        ("5\r\nhello\r\n\r\n", .broken), ("0\r\n\n", .broken), ("0\r\n\rX", .broken),
        ("1000000000000000\r\n", .broken), ("0000000000000005\r\n", .broken),
        ("5;a\n", .broken), ("5;a\rb", .broken), ("5;a\0", .broken), ("5;\u{7f}", .broken),
        ("0\r\n: a\r\n\r\n", .broken), ("0\r\nX : y\r\n", .broken), ("0\r\nX\r\n", .broken),
        ("0\r\n X: y\r\n", .broken), ("0\r\nX: \0\r\n", .broken), ("0\r\nX: y\n", .broken),
        ("0\r\nX: y\rz", .broken),
    ]

    private func end(_ text: String, pieceBytes: Int) -> End {
        var scanner = ChunkScanner(overheadMax: Self.overheadMax)
        let bytes = octets(text)
        var taken = 0
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let piece = Array(bytes[start..<min(bytes.count, start + pieceBytes)])
            taken += piece.withBytes { scanner.scan($0) }
        }
        if scanner.isDone { return .done(taken) }
        return scanner.isBroken ? .broken : .open
    }

    @Test func `each body ends where it ends`() {
        for (text, expected) in Self.bodies {
            for pieceBytes in 1...24 {
                #expect(end(text, pieceBytes: pieceBytes) == expected, "\(text.debugDescription)")
            }
        }
    }

    @Test func `content is found between the framing`() {
        let bytes = octets("5;x\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\nrest")
        for pieceBytes in 1...bytes.count {
            var scanner = ChunkScanner(overheadMax: Self.overheadMax)
            var content: [UInt8] = []
            var place = 0
            while place < bytes.count, !scanner.isDone {
                let piece = Array(bytes[place..<min(bytes.count, place + pieceBytes)])
                let found = piece.withBytes { scanner.scanContent($0) }
                content += piece[found.offset..<found.offset + found.length]
                place += found.taken
            }
            #expect(content == octets("hello!"))
            #expect(bytes.count - place == 4)
        }
    }

    @Test func `extensions and trailers are bounded in total`() {
        let most = String(repeating: "a", count: Self.overheadMax - 1)
        #expect(end("5;\(most)\r\nhello\r\n", pieceBytes: 64) == .open)
        #expect(end("5;\(most)aa\r\nhello\r\n", pieceBytes: 64) == .broken)
        #expect(end("5;\(most)\r\nhello\r\n5;aa\r\n", pieceBytes: 64) == .broken)
        #expect(end("0\r\nA: \(most)", pieceBytes: 64) == .broken)
        #expect(end("0\r\n\(most)aa", pieceBytes: 64) == .broken)
        let trailers = String(repeating: "A:\r\n", count: Self.overheadMax)
        #expect(end("0\r\n\(trailers)", pieceBytes: 64) == .broken)
        let chunks = String(repeating: "1;\r\na\r\n", count: Self.overheadMax + 1)
        #expect(end(chunks, pieceBytes: 64) == .broken)
    }

    @Test func `the largest size is counted, not wrapped`() {
        var scanner = ChunkScanner(overheadMax: 0)
        let size = octets("fffffffffffffff\r\n")
        #expect(size.withBytes { scanner.scan($0) } == size.count)
        let data = [UInt8](repeating: 0, count: 1_000)
        for _ in 0..<1_000 { #expect(data.withBytes { scanner.scan($0) } == 1_000) }
        #expect(!scanner.isDone && !scanner.isBroken)
    }

    @Test func `a body that is over takes nothing more`() {
        var scanner = ChunkScanner(overheadMax: 0)
        #expect(octets("0\r\n\r\n").withBytes { scanner.scan($0) } == 5)
        #expect(octets("0\r\n\r\n").withBytes { scanner.scan($0) } == 0)
        let found = octets("0").withBytes { scanner.scanContent($0) }
        #expect(found == (0, 0, 0))
    }
}
