import SluiceShared
import Testing

/// Any value survives being written and read, in JSON's spellings and in YAML.
struct JSONRoundTripTests {
    @Test func `ten thousand seeded values come back equal`() throws {
        for seed in UInt64(0)..<10_000 {
            var choices = Seeded(seed: seed)
            let value = Self.value(&choices, depth: 4)
            let document = try JSONDocument(parsing: value.canonical())
            #expect(document.root.json() == value, "seed \(seed)")
            #expect(document.root.canonical() == value.canonical(), "seed \(seed)")
            let indented = try JSONDocument(parsing: value.text(pretty: true))
            #expect(indented.root == document.root, "seed \(seed)")
        }
    }

    @Test func `a value in JSON is the same value in YAML`() throws {
        for seed in UInt64(0)..<2_000 {
            var choices = Seeded(seed: seed)
            let value: JSON = ["value": Self.value(&choices, depth: 4)]
            for text in [value.text(), value.text(pretty: true)] where Self.isYAML(text) {
                let documents = try YAML.parse([UInt8](text.utf8), source: "seed \(seed)")
                #expect(documents.count == 1, "seed \(seed)")
                #expect(documents.first?.root.json() == value, "seed \(seed)")
            }
        }
    }

    /// YAML 1.2 is wider than JSON but for characters that libyaml wants escaped (DEL, U+FFFE and
    /// U+FFFF), reads as line breaks (U+2028), and keys longer than 1024 characters: none here.
    private static func isYAML(_ text: String) -> Bool {
        let strange: [Unicode.Scalar] = ["\u{7F}", "\u{2028}", "\u{FFFF}"]
        return !text.unicodeScalars.contains { strange.contains($0) }
    }

    static func value(_ choices: inout Seeded, depth: Int) -> JSON {
        switch choices.below(depth > 0 ? 8 : 5) {
        case 0: return choices.pick([nil, true, false])
        case 1: return .integer(Int64(truncatingIfNeeded: choices.next()) >> choices.below(64))
        case 2: return number(&choices)
        case 3, 4: return .string(text(&choices))
        case 5, 6:
            return .array((0..<choices.below(5)).map { _ in value(&choices, depth: depth - 1) })
        default:
            var object: [String: JSON] = [:]
            for _ in 0..<choices.below(12) {
                object[text(&choices)] = value(&choices, depth: depth - 1)
            }
            return .object(object)
        }
    }

    /// A number outside the integers, in its one spelling.
    private static func number(_ choices: inout Seeded) -> JSON {
        let digits = String(choices.next() / 2 * 2 + 1)
        let sign = choices.pick(["", "-"])
        let power = choices.below(90) + 30
        return .number("\(sign)\(digits.prefix(1)).\(digits.dropFirst())e+\(power)")
    }

    private static func text(_ choices: inout Seeded) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "b", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "é",
            "\u{2028}", "\u{E000}", "\u{FFFD}", "\u{FFFF}", "😀", "\u{10FFFF}", ":", "#", "-", "~",
        ]
        var text = ""
        for _ in 0..<choices.below(10) { text.unicodeScalars.append(choices.pick(scalars)) }
        return text
    }
}
