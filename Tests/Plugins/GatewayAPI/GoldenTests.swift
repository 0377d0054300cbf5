import SluiceKit
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
        let bytes = try Files.read("\(Self.folder)/\(file)", bytesMax: 1 << 20)
        let parts = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n----------\n",
            maxSplits: 1
        )
        try #require(parts.count == 2)
        let world = try World(String(parts[0]) + "\n", source: file)
        #expect(world.rendering + "\n" == parts[1])
    }
}
