import SluiceKit
import Testing

/// Forms by seed: what is written comes back, in any pieces, and damage is refused or read, never a
/// fault.
struct MultipartPropertyTests {
    private static func form(
        _ choices: inout Seeded
    ) throws -> (bytes: [UInt8], parts: [MultipartTests.Whole]) {
        var writer = try MultipartWriter(boundary: "b")
        var bytes: [UInt8] = []
        var parts: [MultipartTests.Whole] = []
        for _ in 0..<choices.below(5) {
            var part = MultipartPart(name: name(&choices))
            if choices.below(2) == 0 { part.filename = name(&choices) }
            if choices.below(2) == 0 { part.contentType = "text/plain; charset=utf-8" }
            if choices.below(3) == 0 { part.headers = [("x-a", "1"), ("x-b", name(&choices))] }
            let body = body(&choices)
            bytes += try writer.begin(part) + body
            parts.append(MultipartTests.Whole(part: part, body: body, isEnded: true))
        }
        return (bytes + writer.finish(), parts)
    }

    /// Without `%`: browsers do not escape it, so it could not come back.
    private static func name(_ choices: inout Seeded) -> String {
        let characters = Array("ab;=\"\\ \u{E9}\u{1F600}/.-")
        return "n" + String((0..<choices.below(8)).map { _ in choices.pick(characters) }) + "."
    }

    /// Much that looks like a delimiter, and never is one.
    private static func body(_ choices: inout Seeded) -> [UInt8] {
        let pieces = [
            "\r\n", "--", "\r", "\n", "-", "b-", "\r\n--", "\r\n-b", "x", "\0", "\r\r\n--",
        ]
        var text = (0..<choices.below(30)).map { _ in choices.pick(pieces) }.joined()
        while let match = text.firstRange(of: "\r\n--b") { text.removeSubrange(match) }
        // An empty line and a boundary are a part without a body.
        if text.hasPrefix("--b") { text = "" }
        return Array(text.utf8)
    }

    @Test func `two thousand seeded forms come back in pieces of any size`() throws {
        for seed in UInt64(0)..<2_000 {
            var choices = Seeded(seed: seed)
            let (bytes, parts) = try Self.form(&choices)
            for pieces in [1, 1 + choices.below(9), Int.max] {
                let found = try MultipartTests.read(bytes, pieces: pieces)
                #expect(found.map(\.part.name) == parts.map(\.part.name), "seed \(seed)")
                #expect(found.map(\.part.filename) == parts.map(\.part.filename), "seed \(seed)")
                #expect(found.map(\.body) == parts.map(\.body), "seed \(seed)")
                #expect(found.allSatisfy { $0.isEnded }, "seed \(seed)")
            }
        }
    }

    @Test func `damage is refused or read, the same in pieces of any size`() throws {
        for seed in UInt64(0)..<10_000 {
            var choices = Seeded(seed: seed)
            var (bytes, _) = try Self.form(&choices)
            for _ in 0...choices.below(3) {
                let place = choices.below(bytes.count)
                switch choices.below(3) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: choices.next())
                case 1: bytes.remove(at: place)
                default: bytes.insert(choices.pick(Array("\r\n-b: ".utf8)), at: place)
                }
            }
            let whole = Result { try MultipartTests.read(bytes) }
            let pieces = Result { try MultipartTests.read(bytes, pieces: 1 + choices.below(4)) }
            #expect(Self.words(whole) == Self.words(pieces), "seed \(seed)")
        }
    }

    private static func words(_ result: Result<[MultipartTests.Whole], any Error>) -> String {
        switch result {
        case .success(let parts): "\(parts.map { "\($0.part.name) \($0.body)" })"
        case .failure(let error): "\((error as? MultipartError)?.reason as Any)"
        }
    }
}
