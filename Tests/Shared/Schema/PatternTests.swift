import SluiceShared
import Testing

/// The regular expressions of schemas: ECMAScript's common ground, with bounded cost.
struct PatternTests {
    @Test(arguments: [
        ("a+", "xaay", true), ("^a*$", "aaa", true), ("^a*$", "b", false), ("^a$", "a\n", false),
        (#"^\d+$"#, "12", true), (#"^\d+$"#, "١٢", false), (#"^\w$"#, "é", false),
        (#"^\u0041\x42$"#, "AB", true), ("^.$", "é", true), ("^.$", "😀", true),
        ("^.$", "ab", false),
        ("^(?!/).*$", "/a", false), ("^[^/]{1,3}(?:-[a-z]+)?$", "ab-cd", true), ("", "any", true),
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "web-1", true),
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "web-", false), ("a", "", false),
    ])
    func `a pattern is looked for anywhere in a text`(
        pattern: String,
        text: String,
        matches: Bool
    ) throws {
        let rule: JSON = ["pattern": .string(pattern)]
        let schema = try Schema(try JSONDocument(parsing: rule.canonical()).root)
        let value = try JSONDocument(parsing: JSON.string(text).canonical()).root
        #expect(schema.validate(value).isEmpty == matches)
    }

    @Test func `a pattern that explodes is stopped and said so`() throws {
        let schema = try Schema(try JSONDocument(parsing: #"{"pattern": "^(a+)+$"}"#).root)
        let text = String(repeating: "a", count: 60) + "b"
        let value = try JSONDocument(parsing: JSON.string(text).canonical()).root
        #expect(schema.validate(value).first?.text.contains("takes too many steps") == true)
    }
}
