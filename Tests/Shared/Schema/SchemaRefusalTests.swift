import SluiceShared
import Testing

/// Schemas that are refused, with the place of the mistake.
struct SchemaRefusalTests {
    @Test(arguments: [
        (#"{"typ": "string"}"#, #"s.json:1:2: /typ: the keyword "typ" is not in the subset"#),
        (#"{"typ": "string"}"#, #"did you mean "type"?"#),
        (#"{"contains": {}}"#, #"the keyword "contains" is not in the subset of JSON Schema"#),
        (#"{"unevaluatedProperties": false}"#, "is not in the subset"),
        (#"{"type": "int"}"#, "1:10: /type: expected a type: one of null, boolean, object"),
        (#"{"type": []}"#, "/type: expected a list, not empty"), ("7", "a schema is an object"),
        (#"{"properties": {"a": 7}}"#, "1:22: /properties/a: a schema is an object, true or false"),
        (#"{"properties": []}"#, "expected an object"), (#"{"required": "a"}"#, "expected a list"),
        (#"{"required": [1]}"#, "/required/0: expected a text"),
        (#"{"enum": 1}"#, "expected a list"),
        (#"{"minimum": "1"}"#, "expected a number"), (#"{"minLength": -1}"#, "of at least 0"),
        (#"{"maxItems": 1.5}"#, "of at least 0"), (#"{"multipleOf": 0}"#, "a number above 0"),
        (#"{"multipleOf": -2}"#, "a number above 0"), (#"{"uniqueItems": 1}"#, "true or false"),
        (#"{"multipleOf": 1234567890123456789}"#, "at most 18 digits"),
        (#"{"pattern": "(a"}"#, #"/pattern: the pattern "(a" is refused: missing closing"#),
        (#"{"pattern": "(a)\\1"}"#, "is refused"), (#"{"pattern": "\\C"}"#, "is refused"),
        (#"{"patternProperties": {"[": true}}"#, "/patternProperties/[: the pattern"),
        (#"{"anyOf": []}"#, "not empty"), (#"{"items": [true]}"#, "a schema is an object"),
        (##"{"$ref": "#/$defs/x"}"##, ##"/$ref: "#/$defs/x" names nothing here; a $ref is #"##),
        (#"{"$ref": "http://a.test/b"}"#, "names nothing here"),
        (#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, "/$schema: expected"),
        (#"{"not": {"$id": "x"}}"#, "/not/$id: $id may stand at the root of a schema only"),
        (#"{"not": {"$defs": {}}}"#, "$defs may stand at the root of a schema only"),
        (##"{"$ref": "#"}"##, "a $ref comes back to itself"), (#"{"title": 1}"#, "expected a text"),
        (
            ##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}}"##,
            "a $ref comes back to itself without an object or a list between"
        ),
        (##"{"$defs": {"a": {"typo": 1}}}"##, "/$defs/a/typo: the keyword"),
    ])
    func `a schema with a mistake is refused`(text: String, problem: String) throws {
        let root = try JSONDocument(parsing: text, source: "s.json").root
        let failure = #expect(throws: SchemaFailure.self) { try Schema(root) }
        #expect(failure?.description.contains(problem) == true, "\(failure?.description ?? "")")
    }

    @Test func `a chain of references is limited`() throws {
        let links = (0..<10_000).map { "\"d\($0)\": {\"$ref\": \"#/$defs/d\($0 + 1)\"}" }
        let definitions = links.joined(separator: ",")
        let text = "{\"$ref\": \"#/$defs/d0\", \"$defs\": {\(definitions),\"d10000\": {}}}"
        let root = try JSONDocument(parsing: text, source: "s.json").root
        let failure = #expect(throws: SchemaFailure.self) { try Schema(root) }
        #expect(failure?.text.contains("more than 200 schemas deep") == true)
    }
}
