import SluiceBase
import SluiceRouting
import SluiceShared
import Testing

/// The schemas in the binary are those of `docs/schemas`.
struct SchemaTests {
    @Test(arguments: DocumentKind.allCases)
    func `the embedded schema is the published one`(kind: DocumentKind) throws {
        let path = SchemaTests.folder + "/\(kind.rawValue).json"
        let published = try JSONDocument(parsing: Files.read(path, bytesMax: 1 << 20), source: path)
        let embedded = try JSONDocument(
            parsing: DocumentSchemas.text(of: kind),
            source: "embedded"
        )
        #expect(published.root.canonical() == embedded.root.canonical(), "run `make schemas`")
    }

    @Test(arguments: DocumentKind.allCases)
    func `every kind's schema can be compiled`(kind: DocumentKind) throws {
        let embedded = try JSONDocument(parsing: DocumentSchemas.text(of: kind), source: "schema")
        _ = try Schema(embedded.root)
    }

    static let folder: String = {
        var parts = #filePath.split(separator: "/")
        parts.removeLast(4)
        return "/" + parts.joined(separator: "/") + "/docs/schemas"
    }()
}
