import SluiceShared
import Testing

/// Seeded damage to good texts: reading answers with a tree or a failure, and never anything else.
struct ParseFuzzTests {
    private static let seedsCount: UInt64 = 20_000
    private static let texts = [
        #"{"a":[1,-2.5e+3,true,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":{}},"é":""}"#,
        #"[[[]],{"k":[{"k":"v"}]},0.1,123456789012345678901234567890]"#,
        "a: &x {b: [1, 'two', \"thr\\u0065e\"]}\nc: *x\n---\n- |\n  text\n- >-\n  more\n",
        "kind: HTTPRoute\nspec:\n  rules:\n  - matches: [{path: {value: /a}}]\n    name: !!str 5\n",
        "? key\n: - - 0x1F\n    - .5\n    - ~\n...\n%YAML 1.2\n--- # end\n'q': \"\\x41\"\n",
    ]
    private static let schema = """
        {"type": ["object", "array"], "maxProperties": 3, "properties": {"a": {"$ref": "#"}},
         "patternProperties": {"^[b-k]": {"oneOf": [{"type": "object"}, {"minItems": 2}]}},
         "additionalProperties": {"anyOf": [{"type": "string"}, {"multipleOf": 0.5}]},
         "items": {"if": {"type": "array"}, "then": {"uniqueItems": true}, "else": {"$ref": "#"}}}
        """

    @Test func `damaged texts are read or refused`() throws {
        let schema = try Schema(try JSONDocument(parsing: Self.schema).root)
        let limits = ParseLimits(depthMax: 16, bytesMax: 4_096, nodesMax: 500, aliasNodesMax: 100)
        var accepted = 0
        for seed in 0..<Self.seedsCount {
            var choices = Seeded(seed: seed)
            let bytes = Self.damaged(&choices)
            var documents: [JSONDocument] = []
            do throws(ParseFailure) {
                documents.append(try JSONDocument(parsing: bytes, source: "", limits: limits))
            } catch {
                expectPlace(error, in: bytes, seed)
            }
            do throws(ParseFailure) {
                documents += try YAML.parse(bytes, source: "", limits: limits)
            } catch {
                expectPlace(error, in: bytes, seed)
            }
            for document in documents {
                accepted += 1
                _ = schema.validate(document.root)
                let again = try JSONDocument(parsing: document.root.canonical())
                #expect(again.root == document.root, "seed \(seed)")
            }
        }
        #expect(accepted > 1_000, "the damage leaves too few good texts to mean anything")
    }

    private func expectPlace(_ failure: ParseFailure, in bytes: [UInt8], _ seed: UInt64) {
        let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + bytes.count { $0 > 0x7F } + 1
        #expect(failure.mark.line >= 1 && failure.mark.line <= lines, "seed \(seed): \(failure)")
        #expect(failure.mark.column >= 1 && failure.mark.column <= bytes.count + 1, "seed \(seed)")
        #expect(!failure.text.isEmpty, "seed \(seed)")
    }

    private static func damaged(_ choices: inout Seeded) -> [UInt8] {
        var bytes = [UInt8](choices.pick(texts).utf8)
        for _ in 0...choices.below(4) where !bytes.isEmpty {
            let place = choices.below(bytes.count)
            switch choices.below(6) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: choices.next())
            case 1: bytes.remove(at: place)
            case 2:
                bytes.insert(
                    choices.pick([UInt8]("{}[]:,\"'\\-&*!|>%@#\n\t 0eé~?".utf8)),
                    at: place
                )
            case 3: bytes.removeLast(min(bytes.count - place, 1 + choices.below(8)))
            case 4:
                let end = min(bytes.count, place + choices.below(20))
                bytes.insert(contentsOf: bytes[place..<end], at: choices.below(bytes.count))
            default: bytes.swapAt(place, choices.below(bytes.count))
            }
        }
        return bytes
    }
}
