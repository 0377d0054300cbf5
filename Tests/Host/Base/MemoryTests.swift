import SluiceBase
import Testing

/// Tables, writers and arenas.
struct MemoryTests {
    @Test func `a table keeps what is put into it`() {
        let table = Table(repeating: 7, count: 3)
        table[1] = 9
        #expect((0..<3).map { table[$0] } == [7, 9, 7])
        let copy = Table([1, 2, 3])
        #expect(copy.count == 3 && copy.view.count == 3 && copy.view[2] == 3)
        #expect(Table([Int]()).count == 0)
    }

    @Test func `bytes of a table are views of it`() {
        let table = Table<UInt8>(repeating: 0, count: 8)
        var writer = table.writer(from: 2)
        writer.append("abc")
        #expect(table.bytes(0, 8).array == [0, 0, 97, 98, 99, 0, 0, 0])
        #expect(table.view.bytes(2, 3).text == "abc")
        #expect(table.writer(from: 8).remaining == 0)
    }

    @Test func `an index outside a table stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = Table([1, 2])[2] }
        await #expect(processExitsWith: .failure) { Table([1, 2])[-1] = 0 }
        await #expect(processExitsWith: .failure) { _ = Table([1, 2]).view[2] }
        await #expect(processExitsWith: .failure) { _ = Table<UInt8>([1, 2]).bytes(1, 2).count }
        await #expect(processExitsWith: .failure) { _ = Table<UInt8>([1]).writer(from: 2).count }
    }

    @Test func `what does not fit is dropped whole and said`() {
        let table = Table<UInt8>(repeating: 46, count: 5)
        var writer = table.writer()
        writer.append("abc")
        writer.append("def")
        #expect(writer.overflowed && writer.bytes.text == "abc" && writer.remaining == 2)
        writer.append("de")
        #expect(writer.bytes.text == "abcde")
        writer.append(UInt8(ascii: "f"))
        #expect(writer.count == 5 && writer.written(at: 4) == UInt8(ascii: "e"))
        var full = table.writer(from: 5)
        full.append("")
        #expect(!full.overflowed)
        full.append(UInt8(0))
        #expect(full.overflowed && full.count == 0)
    }

    @Test func `numbers are written in decimal`() {
        for number in [0, 1, 9, 10, 99, 100, 12_345, -1, -10, Int.max, Int.min] {
            let text = String(number)
            let table = Table<UInt8>(repeating: 0, count: 32)
            var writer = table.writer()
            writer.append(decimal: number)
            #expect(writer.bytes.text == text)
            var exact = table.writer(from: 32 - text.utf8.count)
            exact.append(decimal: number)
            #expect(!exact.overflowed && exact.bytes.text == text)
            var short = table.writer(from: 33 - text.utf8.count)
            short.append(decimal: number)
            #expect(short.overflowed && short.count == 0, "\(number) left its sign")
        }
    }

    @Test func `buffers of an arena do not touch`() throws {
        let arena = try Arena(count: 4, size: 16)
        for number in 0..<4 {
            var writer = arena.writer(number)
            for _ in 0..<20 { writer.append(UInt8(number)) }
            #expect(writer.overflowed)
        }
        for number in 0..<4 {
            #expect(arena.bytes(number, 0, 16).array.allSatisfy { $0 == UInt8(number) })
        }
        #expect(arena.bytes(3, 16, 0).isEmpty)
        #expect(arena.writer(3, from: 16).remaining == 0)
    }

    @Test func `a range outside a buffer stops the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = try Arena(count: 2, size: 16).bytes(2, 0, 1).count
        }
        await #expect(processExitsWith: .failure) {
            _ = try Arena(count: 2, size: 16).bytes(0, 8, 9).count
        }
        await #expect(processExitsWith: .failure) {
            _ = try Arena(count: 2, size: 16).bytes(0, 8, .max - 4).count
        }
        await #expect(processExitsWith: .failure) {
            _ = try Arena(count: 2, size: 16).writer(0, from: 17).count
        }
    }

    @Test func `an arena that cannot be mapped says why`() {
        #expect(throws: Errno(12)) { _ = try Arena(count: 1, size: 1 << 60) }
    }
}
