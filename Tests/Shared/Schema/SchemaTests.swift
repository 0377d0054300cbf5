import SluiceShared
import Testing

/// What a schema may say, and the sentences its refusals make.
struct SchemaTests {
    private static let listener = """
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "listener",
         "title": "Listener", "type": "object", "additionalProperties": false,
         "required": ["port", "protocol"],
         "properties": {
           "port": {"type": "integer", "minimum": 1, "maximum": 65535},
           "protocol": {"enum": ["HTTP", "HTTPS", "TLS", "TCP"]},
           "weight": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
           "name": {"$ref": "#/$defs/name"},
           "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true,
                    "minItems": 1, "maxItems": 3},
           "path": {"type": "object", "additionalProperties": false,
                    "properties": {"prefix": {"type": "string"}, "exact": {"type": "string"}},
                    "oneOf": [{"required": ["prefix"]}, {"required": ["exact"]}]},
           "target": {"oneOf": [
             {"title": "a pool", "type": "object", "required": ["kind", "pool"],
              "properties": {"kind": {"const": "pool"}, "pool": {"$ref": "#/$defs/name"}}},
             {"title": "a status", "type": "object", "required": ["kind", "status"],
              "properties": {"kind": {"const": "status"}, "status": {"type": "integer"}}}]},
           "labels": {"propertyNames": {"pattern": "^[a-z]+$"}, "maxProperties": 2},
           "tls": {"dependentRequired": {"key": ["certificate"]},
                   "not": {"required": ["file", "certificate"]}}
         },
         "$defs": {"name": {"type": "string", "minLength": 1, "maxLength": 5,
                            "pattern": "^[a-z]+$"}}}
        """

    @Test(arguments: [
        ("port: 70000", "2:7: /port: expected an integer from 1 to 65535, found 70000"),
        ("port: 1.5", "/port: expected an integer from 1 to 65535, found 1.5"),
        ("port: '80'", #"/port: expected an integer from 1 to 65535, found "80""#),
        ("prot: HTTP", #"2:1: /prot: unknown key "prot"; did you mean "port"?"#),
        ("protocl: HTTP", #"/protocl: unknown key "protocl"; did you mean "protocol"?"#),
        ("xyz: 1", #"2:1: /xyz: unknown key "xyz""#), ("{}", #"the key "port" is missing"#),
        ("weight: 0", "/weight: expected a number above 0 that is a multiple of 0.5, found 0"),
        ("weight: 0.7", "that is a multiple of 0.5, found 0.7"),
        ("name: ''", "/name: expected a text of 1 to 5 characters, found 0"),
        ("name: abcdef", #"of 1 to 5 characters, found 6: "abcdef""#),
        ("name: a1", #"/name: expected a text like ^[a-z]+$, found "a1""#),
        ("tags: []", "/tags: expected 1 to 3 elements, found 0"),
        ("tags: [a, 7]", "2:11: /tags/1: expected a text, found 7"),
        ("tags: [a, b, a]", #"/tags/2: "a" stands in this list twice, first at 0"#),
        ("tags: {a: b}", "/tags: expected a list, found an object"),
        ("path: {}", #"expected exactly one of the keys "prefix" or "exact", found none"#),
        ("path: {prefix: a, exact: b}", #"found "prefix" and "exact""#),
        ("target: {kind: pool, pool: A}", #"/target/pool: expected a text like ^[a-z]+$"#),
        ("target: {kind: status, status: x}", "/target/status: expected an integer, found"),
        ("target: {kind: pol, pool: A}", #"/target: none of 2 allowed forms: expected "pool""#),
        ("target: 3", "/target: none of 2 allowed forms: expected an object, found 3"),
        ("labels: {A: 1}", #"/labels/A: the key "A" is refused: expected a text like"#),
        ("labels: {a: 1, b: 2, c: 3}", "/labels: expected at most 2 members, found 3"),
        ("tls: {key: a}", #"/tls: the key "certificate" is missing; "key" needs it"#),
        ("tls: {file: a, certificate: b}", #"it must not have "file" with "certificate""#),
    ])
    func `a refusal says what was expected and found`(text: String, problem: String) throws {
        let schema = try Schema(try JSONDocument(parsing: Self.listener).root)
        let source = text == "{}" ? text : "protocol: HTTP\n\(text)"
        let value = try YAML.parse([UInt8](source.utf8), source: "").first?.root
        let problems = schema.validate(try #require(value)).map(\.description)
        #expect(problems.contains { $0.contains(problem) }, "\(problems)")
    }

    @Test func `a word that is not allowed is compared with those that are`() throws {
        let schema = try Schema(try JSONDocument(parsing: Self.listener).root)
        let value = try JSONDocument(parsing: #"{"port": 80, "protocol": "HTPS"}"#).root
        #expect(
            schema.validate(value) == [
                SchemaProblem(
                    pointer: "/protocol",
                    mark: Mark(line: 1, column: 26),
                    keyword: "enum",
                    text: "expected \"HTTP\", \"HTTPS\", \"TLS\" or \"TCP\", found \"HTPS\";"
                        + " did you mean \"HTTPS\"?"
                )
            ]
        )
    }

    @Test func `a title says a pattern in words`() throws {
        let text = #"{"title": "a word in lower case", "pattern": "^[a-z]+$"}"#
        let schema = try Schema(try JSONDocument(parsing: text).root)
        let problems = schema.validate(try JSONDocument(parsing: #""A""#).root)
        #expect(problems.map(\.text) == [#"expected a word in lower case, found "A""#])
    }

    @Test func `a valid value has no problems`() throws {
        let schema = try Schema(try JSONDocument(parsing: Self.listener).root)
        let text = """
            {"port": 8.08e3, "protocol": "HTTP", "weight": 1.5, "name": "web", "tags": ["a"],
             "path": {"exact": "/"}, "target": {"kind": "pool", "pool": "b"}, "labels": {"a": 1},
             "tls": {"key": 1, "certificate": 2}}
            """
        #expect(schema.validate(try JSONDocument(parsing: text).root).isEmpty)
    }

    @Test func `problems are counted up to a limit`() throws {
        let schema = try Schema(try JSONDocument(parsing: #"{"items": {"type": "string"}}"#).root)
        let many = "[" + Array(repeating: "1", count: 5_000).joined(separator: ",") + "]"
        let problems = schema.validate(try JSONDocument(parsing: many).root)
        #expect(problems.count == Schema.problemsMax)
        #expect(problems.last?.pointer == "/99")
    }

    @Test func `a schema may refer to itself through an object`() throws {
        let text = """
            {"type": "object", "additionalProperties": {"$ref": "#"}}
            """
        let schema = try Schema(try JSONDocument(parsing: text).root)
        #expect(schema.validate(try JSONDocument(parsing: #"{"a":{"b":{}}}"#).root).isEmpty)
        let problems = schema.validate(try JSONDocument(parsing: #"{"a":{"b":1}}"#).root)
        #expect(problems.map(\.pointer) == ["/a/b"])
    }

    @Test func `format and the other annotations refuse nothing`() throws {
        let text = """
            {"format": "ipv4", "title": "t", "description": "d", "default": 1, "examples": [1],
             "deprecated": true, "readOnly": true, "writeOnly": false, "$comment": "c"}
            """
        let schema = try Schema(try JSONDocument(parsing: text).root)
        #expect(schema.validate(try JSONDocument(parsing: #""not an address""#).root).isEmpty)
    }

    @Test(arguments: [#""sesame""#, "5", #""open sesame""#])
    func `no message shows a value that is writeOnly`(value: String) throws {
        let text = #"{"type": "string", "pattern": "^-----", "minLength": 9, "writeOnly": true}"#
        let schema = try Schema(try JSONDocument(parsing: text).root)
        let problems = schema.validate(try JSONDocument(parsing: value).root)
        #expect(!problems.isEmpty)
        #expect(problems.allSatisfy { $0.text.contains("a value that is not shown") })
        #expect(!problems.contains { $0.text.contains("sesame") })
    }
}
