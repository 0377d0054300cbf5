import SluiceBase
import Testing

/// What threads share: cells, published values, and the threads themselves.
struct SharedTests {
    private static let threadsCount = 4
    private static let roundsCount: UInt64 = 20_000
    private static let patienceNanoseconds: UInt64 = 30_000_000_000

    /// Runs `body` on several threads and waits for all of them.
    private func together(_ body: @escaping @Sendable (Int) -> Void) throws {
        let threads = try (0..<Self.threadsCount).map { number in
            try Thread(name: "together-\(number)") { body(number) }
        }
        for thread in threads { thread.join() }
    }

    @Test func `a cell holds what is stored`() {
        let cell = Cell.permanent(5)
        #expect(cell.value == 5 && cell.acquire() == 5)
        cell.set(6)
        #expect(cell.exchange(7) == 6)
        cell.release(8)
        cell.bump()
        cell.bump(2)
        #expect(cell.value == 11)
        #expect(cell.add(-1) == 11 && cell.value == 10)
        #expect(!cell.exchange(1, ifEqual: 11) && cell.value == 10)
        #expect(cell.exchange(1, ifEqual: 10) && cell.value == 1)
    }

    @Test func `additions of threads are not lost`() throws {
        let cell = Cell.permanent()
        let won = Cell.permanent()
        try together { _ in
            for _ in 0..<Self.roundsCount {
                cell.add(3)
                var seen = won.value
                while !won.exchange(seen + 1, ifEqual: seen) { seen = won.value }
            }
        }
        #expect(cell.value == 3 * Self.roundsCount * UInt64(Self.threadsCount))
        #expect(won.value == Self.roundsCount * UInt64(Self.threadsCount))
    }

    @Test func `cells of a block are apart and start at zero`() throws {
        let block = try CellBlock(count: 600)
        for index in 0..<600 {
            #expect(block[index].value == 0)
            block[index].set(UInt64(index))
        }
        #expect((0..<600).allSatisfy { block[$0].value == UInt64($0) })
    }

    /// Two words that a torn or freed value would not have equal.
    private struct Pair: BitwiseCopyable {
        var left: UInt64
        var right: UInt64
    }

    @Test func `a reader has nothing until something is published, and each number once`() {
        let published = Published<Int>()
        #expect(published.read(unless: 0) == nil)
        published.publish(10, number: 1)
        #expect(published.read(unless: 0).map { $0 == (1, 10) } == true)
        #expect(published.read(unless: 1) == nil)
        published.publish(20, number: 2)
        published.release(before: 2)
        #expect(published.read(unless: 1).map { $0 == (2, 20) } == true)
    }

    @Test func `readers see whole values in order while the publisher frees old ones`() throws {
        let published = Published<Pair>()
        let passed = (0..<Self.threadsCount).map { _ in Cell.permanent() }
        let faults = Cell.permanent()
        let readers = try (0..<Self.threadsCount).map { reader in
            try Thread(name: "reader-\(reader)") {
                let end = Clock.now() + Self.patienceNanoseconds
                var number: UInt64 = 0
                while number < Self.roundsCount, Clock.now() < end {
                    guard let (next, pair) = published.read(unless: number) else { continue }
                    if next < number || pair.left != next || pair.right != ~next { faults.add(1) }
                    number = next
                    passed[reader].release(number)
                }
            }
        }
        for number in 1...Self.roundsCount {
            published.publish(Pair(left: number, right: ~number), number: number)
            published.release(before: passed.map { $0.acquire() }.min() ?? 0)
        }
        for reader in readers { reader.join() }
        #expect(faults.value == 0)
        #expect(passed.map(\.value) == passed.map { _ in Self.roundsCount })
    }

    @Test func `a thread runs its body once under its worker number`() throws {
        let runs = Cell.permanent()
        try together { number in
            if Thread.worker == -1 { runs.add(1) }
            Thread.becomeWorker(number)
            if Thread.worker == number { runs.add(1) }
        }
        #expect(runs.value == 2 * UInt64(Self.threadsCount))
        #expect(Thread.worker == -1)
    }
}
