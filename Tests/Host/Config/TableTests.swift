import SluiceBase
import SluiceConfig
import Testing

@Suite struct TableTests {
    @Test func `the defaults contradict neither their ranges nor each other`() {
        let limits = Limits()
        for row in LimitTable.rows {
            let value = limits[keyPath: row.field]
            let isAllowed = row.range.contains(value) || row.mayBeNever && value == Limits.never
            #expect(isAllowed, "\(row.key)")
        }
        #expect(limits.contradictions().isEmpty)
    }

    @Test func `every bound has exactly one row`() {
        var changed = Limits()
        for row in LimitTable.rows { changed[keyPath: row.field] = -1 }
        let values = Mirror(reflecting: changed).children.compactMap { $0.value as? Int }
        #expect(values.count == LimitTable.rows.count)
        #expect(values.allSatisfy { $0 == -1 })
        #expect(Set(LimitTable.rows.map(\.key)).count == LimitTable.rows.count)
    }

    @Test func `every row has a parent and a sentence that ends`() {
        for row in SettingTable.rows {
            let parent = row.parent
            let isTop = parent.isEmpty || SettingTable.rows.contains { $0.path == parent }
            let isInList = parent.hasSuffix("[]")
            #expect(isTop || isInList, "\(row.path)")
            #expect(row.sentence.hasSuffix("."), "\(row.path)")
            #expect(!row.sentence.contains("|"), "\(row.path)")
        }
    }

    @Test func `docs and table agree`() throws {
        let path = Files.path("../../../docs/configuration.md", from: folder)
        let document = String(decoding: try Files.read(path, bytesMax: mebibyte), as: UTF8.self)
        let opening = try #require(document.firstRange(of: SettingReference.opening))
        let closing = try #require(document.firstRange(of: SettingReference.closing))
        let committed = document[opening.lowerBound..<closing.upperBound]
        #expect(
            committed + "\n" == SettingReference.markdown(),
            "write it again: sluice settings --markdown"
        )
    }

    private var folder: String {
        let file = "\(#filePath)"
        return String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
    }
}
