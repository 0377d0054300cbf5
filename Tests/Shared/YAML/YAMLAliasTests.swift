import SluiceShared
import Testing

/// Anchors and aliases, and how they are kept from growing.
struct YAMLAliasTests {
    @Test func `an alias repeats the value of its anchor`() throws {
        let text = """
            base: &base {name: x, ports: [1, {a: 2}], none: }
            copy: *base
            list: [&word hello, *word, &two [], *two]
            &key k: 1
            in: {*key : 2}
            """
        let root = try #require(try YAML.parse([UInt8](text.utf8), source: "").first?.root)
        let base: JSON = ["name": "x", "ports": [1, ["a": 2]], "none": nil]
        #expect(
            root.json() == [
                "base": base, "copy": base, "list": ["hello", "hello", [], []], "k": 1,
                "in": ["k": 2],
            ]
        )
        let copied = try #require(root["copy"]?["ports"]?[1]?["a"])
        #expect(copied.pointer == "/copy/ports/1/a")
        #expect(copied.mark == Mark(line: 1, column: 38))
    }

    @Test func `a name may be given again`() throws {
        let documents = try YAML.parse([UInt8]("[&a 1, *a, &a 2, *a]".utf8), source: "")
        #expect(documents.first?.root.json() == [1, 1, 2, 2])
    }

    @Test func `an anchor does not reach into the next document`() {
        expectRefusal("&a 1\n---\n*a", "3:1: the alias *a has no anchor before it")
    }

    @Test func `an alias inside its own anchor is refused`() {
        expectRefusal("a: &x [1, *x]", "1:11: /a/1: the alias *x stands inside its own anchor")
        expectRefusal("&x {a: {b: *x}}", "/a/b: the alias *x stands inside its own anchor")
    }

    @Test func `a name given again inside its own anchor does not leak the open one`() {
        expectRefusal("[&a 1, &a [*a]]", "the alias *a stands inside its own anchor")
    }

    @Test func `a billion laughs stop at the limit`() {
        var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        expectRefusal(text, "4:", "aliases repeat more than 10000 values; write them out")
    }

    @Test func `aliases count over all documents and by their values`() throws {
        let text = "[&a [1, 2], *a]\n---\n[&a [1, 2], *a]\n"
        _ = try YAML.parse([UInt8](text.utf8), source: "", limits: .init(aliasNodesMax: 6))
        expectRefusal(text, "3:13: /1: aliases repeat more than 5", limits: .init(aliasNodesMax: 5))
    }

    @Test func `repeated values are as deep as written ones`() {
        expectRefusal(
            "[&a [[1]], [*a]]",
            "1:6: /1/0/0: nested deeper than 3",
            limits: .init(depthMax: 3)
        )
        expectRefusal("{? {&a b: c} : d}", "a key must be a text")
        expectRefusal("[&a [b], {*a : c}]", "a key must be a text, found the alias *a")
        expectRefusal("{&a x: 1, *a : 2}", #"1:11: duplicate key "x""#)
    }

    private func expectRefusal(
        _ text: String,
        _ problems: String...,
        limits: ParseLimits = .standard,
        location: SourceLocation = #_sourceLocation
    ) {
        let failure = #expect(throws: ParseFailure.self, sourceLocation: location) {
            try YAML.parse([UInt8](text.utf8), source: "a.yaml", limits: limits)
        }
        let found = failure?.description ?? "accepted"
        for problem in problems {
            #expect(found.contains(problem), "\(found)", sourceLocation: location)
        }
    }
}
