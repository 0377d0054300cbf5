import SluiceShared
import Testing

/// Texts as long as they may be: what a pattern may cost must not refuse them.
@Suite struct LengthTests {
    struct Longest: CustomTestStringConvertible, Sendable {
        /// A definition of `route.json`.
        var definition: String
        var text: String

        var testDescription: String { "\(definition) of \(text.prefix(8))..." }

        /// `start`, then `piece` as often as it fits into `length`, then "a" up to it.
        init(_ definition: String, _ length: Int, start: String, piece: String) {
            self.definition = definition
            let count = (length - start.count - 1) / piece.count
            let text = start + String(repeating: piece, count: count)
            self.text = text + String(repeating: "a", count: length - text.count)
        }
    }

    @Test(arguments: [
        Longest("literalPath", 1024, start: "/", piece: "a"),
        Longest("literalPath", 1024, start: "/", piece: "%41"),
        Longest("literalPath", 1024, start: "/", piece: "a/"),
        Longest("hostname", 253, start: "", piece: String(repeating: "a", count: 62) + "."),
        Longest("hostname", 253, start: "", piece: "a-b."),
        Longest("hostPattern", 253, start: "*.", piece: "a."),
        Longest("fieldValue", 4096, start: "", piece: "a "),
        Longest("token", 256, start: "", piece: "a-"),
        Longest("name", 1024, start: "", piece: "é"),
    ])
    func `a text of the greatest length is accepted and a longer one refused`(
        longest: Longest
    ) throws {
        let route = try Published.document(of: "route")
        let definition = try #require(route.at("/$defs/\(longest.definition)"))
        let schema = try Schema(JSONDocument(parsing: definition.canonical()).root)
        #expect(try schema.validate(value(longest.text)) == [])
        let problems = try schema.validate(value(longest.text + "a"))
        #expect(problems.map(\.keyword) == ["maxLength"])
    }

    private func value(_ text: String) throws -> JSONValue {
        try JSONDocument(parsing: JSON.string(text).text()).root
    }
}
