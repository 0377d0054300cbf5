import SluiceShared
import Testing

/// Documents, keys, marks and errors.
struct YAMLTests {
    @Test func `every document of a text is read and empty ones are left out`() throws {
        let text = """
            # a comment alone
            ---
            a: 1
            ---
            ---
            # nothing
            ---
            null
            ...
            ---
            - b
            """
        let documents = try YAML.parse([UInt8](text.utf8), source: "all.yaml")
        #expect(documents.map { $0.root.json() } == [["a": 1], nil, ["b"]])
        #expect(documents.map(\.root.mark.line) == [3, 8, 11])
        #expect(documents.allSatisfy { $0.source == "all.yaml" })
        #expect(try YAML.parse([], source: "").isEmpty)
        #expect(try YAML.parse([UInt8]("---\n---\n".utf8), source: "").isEmpty)
    }

    @Test func `a value knows its line and column`() throws {
        let text = """
            kind: HTTPRoute
            spec:
              rules:
              - name: "é"
                matches: [{path: {value: /a}}, 7]
            """
        let root = try #require(try YAML.parse([UInt8](text.utf8), source: "").first?.root)
        let rule = try #require(root["spec"]?["rules"]?[0])
        #expect(rule.mark == Mark(line: 4, column: 5))
        #expect(rule["name"]?.mark == Mark(line: 4, column: 11))
        #expect(rule["matches"]?[0]?["path"]?["value"]?.mark == Mark(line: 5, column: 30))
        #expect(rule["matches"]?[1]?.pointer == "/spec/rules/0/matches/1")
        #expect(
            rule.members.map(\.keyMark) == [.init(line: 4, column: 5), .init(line: 5, column: 5)]
        )
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3", #"a.yaml:3:1: duplicate key "a""#),
        ("x:\n  a: {b: 1, b: 2}", #"a.yaml:2:13: /x/a: duplicate key "b""#),
        ("a: 1\n'a': 2", "2:1: duplicate key"),
        ("8080: x", "1:1: a key must be a text, found 8080"),
        ("true: x", "found true; put the key in quotes"), ("~: x", "found nothing"),
        ("? \n: x", "found nothing"),
        ("? [a]\n: x", "1:3: a key must be a text, found a list"),
        ("{{a: b}: c}", "a key must be a text, found a list or a map"),
        ("<<: {a: b}", "1:1: the merge key << is not part of YAML 1.2; write the members out"),
        ("a: [1, 2", "1:9: /a/2: did not find expected ',' or ']'"),
        ("a: 'x", "1:6: /a: found unexpected end of stream"),
        ("a:\n\t- b", "2:1: /a: a tab cannot indent; use spaces"),
        ("a: b: c", "1:5: mapping values are not allowed"), ("a: @x", "cannot start any token"),
        ("a: 1\n b: 2", "2:3"), ("- a\nb: c", "2:1: /1: did not find expected '-' indicator"),
        ("a: *x", "1:4: /a: the alias *x has no anchor before it"),
        ("a: \"\\q\"", "found unknown escape character"),
        ("%YAML 9.9\n---\na", "incompatible YAML"),
        ("a: \u{1}", "1:4: control characters are not allowed; save the file as UTF-8 text"),
    ])
    func `a bad text is refused with its place`(text: String, problem: String) {
        expectRefusal([UInt8](text.utf8), .standard, problem)
    }

    @Test func `bytes that are not UTF-8 are refused where they stand`() {
        let text = [UInt8]("a: b\né: ".utf8) + [0xFF]
        expectRefusal(text, .standard, "a.yaml:2:4: invalid leading UTF-8 octet; save the file")
    }

    @Test func `keys in quotes and merge signs in quotes are texts`() throws {
        let text = "\u{FEFF}'8080': 1\n\"<<\": 2\non: 3\n? k\n: 4\n!!str 5: 6\n"
        let documents = try YAML.parse([UInt8](text.utf8), source: "")
        #expect(
            documents.first?.root.json() == ["8080": 1, "<<": 2, "on": 3, "k": 4, "5": 6]
        )
    }

    @Test func `size, depth and nodes are limited over all documents`() {
        let nested = [UInt8]("[[[[]]]]".utf8)
        expectRefusal(nested, ParseLimits(depthMax: 3), "1:4: /0/0/0: nested deeper than 3 levels")
        expectRefusal(nested, ParseLimits(bytesMax: 7), "1:1: the text has 8 bytes, more than")
        let documents = [UInt8]("- 1\n- 2\n---\n- 3\n".utf8)
        expectRefusal(documents, ParseLimits(nodesMax: 4), "4:3: /0: more than 4 values")
        expectRefusal([UInt8](repeating: 0x5B, count: 100_000), .standard, "1:65: ")
        let blocks = String(repeating: "- ", count: 100_000)
        expectRefusal([UInt8](blocks.utf8), .standard, "1:129: ")
    }

    private func expectRefusal(
        _ bytes: [UInt8],
        _ limits: ParseLimits,
        _ problem: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let failure = #expect(throws: ParseFailure.self, sourceLocation: location) {
            try YAML.parse(bytes, source: "a.yaml", limits: limits)
        }
        let text = failure?.description ?? "accepted"
        #expect(text.contains(problem), "\(text)", sourceLocation: location)
    }
}
