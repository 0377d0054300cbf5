import SluiceShared
import Testing

/// Large texts are read in time that grows with their size, not with its square.
struct ParseCostTests {
    /// Far above what a release build needs on a slow and busy machine (about 0.1 s).
    private static let patience = Duration.seconds(10)

    @Test func `five thousand manifests are read at once`() throws {
        let text = (0..<5_000).map(Self.manifest).joined(separator: "---\n")
        #expect(text.utf8.count > 1_000_000)
        let duration = try ContinuousClock().measure {
            let documents = try YAML.parse([UInt8](text.utf8), source: "all.yaml")
            #expect(documents.count == 5_000)
            #expect(documents.last?.root["metadata"]?["name"]?.string == "route-4999")
        }
        #expect(duration < Self.patience)
    }

    @Test func `an object of a hundred thousand keys is read at once`() throws {
        let text = "{" + (0..<100_000).map { "\"key-\($0)\":\($0)" }.joined(separator: ",") + "}"
        let duration = try ContinuousClock().measure {
            let root = try JSONDocument(parsing: text).root
            #expect(root.members.reduce(0) { $0 + ($1.value.int64 ?? 0) } == 4_999_950_000)
            #expect(root.canonical().count == text.utf8.count)
        }
        #expect(duration < Self.patience)
    }

    @Test func `a list of a hundred thousand different values is checked at once`() throws {
        let schema = try Schema(try JSONDocument(parsing: #"{"uniqueItems": true}"#).root)
        let text = "[" + (0..<100_000).map { "[\($0)]" }.joined(separator: ",") + "]"
        let root = try JSONDocument(parsing: text).root
        let duration = ContinuousClock().measure { #expect(schema.validate(root).isEmpty) }
        #expect(duration < Self.patience)
    }

    @Test func `a megabyte of escapes is read at once`() throws {
        let text = "\"" + String(repeating: "a\\n", count: 350_000) + "\""
        let duration = try ContinuousClock().measure {
            let root = try JSONDocument(parsing: text).root
            #expect(root.string?.utf8.count == 700_000)
        }
        #expect(duration < Self.patience)
    }

    @Test func `a megabyte of tag directives is refused at once`() throws {
        let text = (0..<60_000).map { "%TAG !a\($0)! b\n" }.joined() + "---\na"
        let duration = ContinuousClock().measure {
            let failure = #expect(throws: ParseFailure.self) {
                try YAML.parse([UInt8](text.utf8), source: "a.yaml")
            }
            #expect(failure?.description.contains("a.yaml:1001:1: more than 1000 lines") == true)
        }
        #expect(duration < Self.patience)
    }

    private static func manifest(_ number: Int) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: route-\(number), namespace: default}
        spec:
          parentRefs: [{name: web}]
          rules:
          - matches: [{path: {type: PathPrefix, value: /r\(number)}}]
            backendRefs: [{name: svc-\(number), port: 80}]

        """
    }
}
