import SluiceGatewayAPI
import SluiceKit
import SluiceShared
import Testing

/// Each file is manifests, a line of dashes, and what they become.
@Suite struct GoldenTests {
    static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/") + "/Golden/gatewayapi"

    static func files() -> [String] {
        ((try? Files.list(folder)) ?? []).map(\.name).filter { $0.hasSuffix(".txt") }
    }

    @Test func `there are golden files`() {
        #expect(Self.files().count >= 8)
    }

    @Test(arguments: files())
    func `manifests become the documents written below them`(file: String) throws {
        let (manifests, expected) = try read(file)
        #expect(try World(manifests, source: file).rendering + "\n" == expected)
    }

    @Test(arguments: files())
    func `every document fits its published schema`(file: String) throws {
        let world = try World(try read(file).manifests, source: file)
        for (name, document) in world.translation.documents {
            let schema = try schema(of: name.kind)
            let problems = schema.validate(try JSONDocument(parsing: document.content.text()).root)
            #expect(problems.map(\.text).isEmpty, "\(name): \(problems)")
        }
    }

    private func read(_ file: String) throws -> (manifests: String, expected: String) {
        let bytes = try Files.read("\(Self.folder)/\(file)", bytesMax: 1 << 20)
        let parts = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n----------\n",
            maxSplits: 1
        )
        try #require(parts.count == 2)
        return (String(parts[0]) + "\n", String(parts[1]))
    }

    private func schema(of kind: DocumentKind) throws -> Schema {
        let root = Self.folder.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3).joined(separator: "/")
        let path = "\(root)/docs/schemas/\(kind.rawValue).json"
        return try Schema(
            try JSONDocument(parsing: Files.read(path, bytesMax: 1 << 20), source: path).root
        )
    }
}
