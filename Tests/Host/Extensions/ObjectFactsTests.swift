import SluiceBase
import SluiceExtensions
import Testing

/// What is read of a library's file without loading it; a file may say anything.
@Suite struct ObjectFactsTests {
    private func file() throws -> [UInt8] {
        try Files.read(try Fixture("probe").path, bytesMax: 16 << 20)
    }

    @Test func `a library says what it needs and exports`() throws {
        let facts = try ObjectFacts(try file())
        #expect(facts.needed.contains("libc.so.6"))
        #expect(facts.exported.contains("sluice_plugin_entry"))
    }

    @Test func `a file that is cut off is refused wherever it ends`() throws {
        let file = try file()
        for count in stride(from: 0, to: file.count, by: 97) {
            #expect(throws: ObjectFacts.Fault.self) { try ObjectFacts(Array(file.prefix(count))) }
        }
    }

    @Test func `a file with wrong numbers is read or refused, and nothing else`() throws {
        let file = try file()
        var state: UInt64 = 7
        func random(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<2_000 {
            var spoiled = file
            // The head and the table of sections, which stands at the end, name all the rest.
            for _ in 0..<4 {
                let place =
                    random(below: 2) == 0
                    ? random(below: 64) : file.count - 1 - random(below: 2_048)
                spoiled[place] = UInt8(random(below: 256))
            }
            do throws(ObjectFacts.Fault) {
                _ = try ObjectFacts(spoiled)
            } catch {
                #expect(!error.text.isEmpty)
            }
        }
    }
}
