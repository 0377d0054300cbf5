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
        let (adopted, hazard) = (Cell.permanent(), Cell.permanent())
        #expect(published.read(unless: 0, hazard: hazard) == nil)
        published.publish(10, number: 1)
        #expect(published.read(unless: 0, hazard: hazard).map { $0 == (1, 10) } == true)
        adopted.release(1)
        #expect(published.read(unless: 1, hazard: hazard) == nil)
        published.publish(20, number: 2)
        let reader = Published<Int>.Reader(adopted: adopted, hazard: hazard)
        #expect(published.release([reader]) == [])
        #expect(published.read(unless: 1, hazard: hazard).map { $0 == (2, 20) } == true)
        #expect(published.release([reader]) == [])
        adopted.release(2)
        #expect(published.release([reader]) == [1])
    }

    @Test func `a stuck reader keeps what it uses and nothing else`() {
        let published = Published<UInt64>()
        let cells = (0..<2).map { _ in (adopted: Cell.permanent(), hazard: Cell.permanent()) }
        let readers = cells.map {
            Published<UInt64>.Reader(adopted: $0.adopted, hazard: $0.hazard)
        }
        published.publish(1, number: 1)
        for cell in cells {
            cell.adopted.release(published.read(unless: 0, hazard: cell.hazard)?.number ?? 0)
        }
        var freed: [UInt64] = []
        for number in 2...Self.roundsCount {
            published.publish(number, number: number)
            let read = published.read(unless: number - 1, hazard: cells[1].hazard)
            #expect(read?.value == number)
            cells[1].adopted.release(number)
            freed += published.release(readers)
        }
        #expect(freed == Array(2..<Self.roundsCount))
    }

    @Test func `readers see whole values in order while the publisher frees old ones`() throws {
        let published = Published<Pair>()
        let cells = (0..<Self.threadsCount).map { _ in
            (adopted: Cell.permanent(), hazard: Cell.permanent())
        }
        let faults = Cell.permanent()
        let threads = try cells.enumerated().map { reader, cell in
            try Thread(name: "reader-\(reader)") {
                let end = Clock.now() + Self.patienceNanoseconds
                var number: UInt64 = 0
                while number < Self.roundsCount, Clock.now() < end {
                    guard let (next, pair) = published.read(unless: number, hazard: cell.hazard)
                    else { continue }
                    if next < number || pair.left != next || pair.right != ~next { faults.add(1) }
                    number = next
                    cell.adopted.release(number)
                }
            }
        }
        let readers = cells.map { Published<Pair>.Reader(adopted: $0.adopted, hazard: $0.hazard) }
        for number in 1...Self.roundsCount {
            published.publish(Pair(left: number, right: ~number), number: number)
            _ = published.release(readers)
        }
        for thread in threads { thread.join() }
        #expect(faults.value == 0)
        #expect(cells.map(\.adopted.value) == cells.map { _ in Self.roundsCount })
    }

    @Test func `a ring says when its consumer may sleep and when it is full`() {
        let ring = SharedRing(capacity: 2, empty: 0)
        #expect(ring.next() == nil && ring.isEmpty)
        #expect(ring.add(1) == .addedFirst && !ring.isEmpty)
        #expect(ring.add(2) == .added)
        #expect(ring.add(3) == .full)
        #expect(ring.next() == 1)
        #expect(ring.add(4) == .added)
        #expect([ring.next(), ring.next(), ring.next()] == [2, 4, nil])
        #expect(ring.add(5) == .addedFirst)
    }

    @Test func `a consumer that sleeps until it is woken gets every element in order`() throws {
        let ring = SharedRing(capacity: 8, empty: UInt64(0))
        let inbox = try Inbox()
        let producer = try Thread(name: "producer") {
            for number in 1...Self.roundsCount {
                while true {
                    let outcome = ring.add(number)
                    if outcome == .addedFirst { inbox.wake() }
                    if outcome != .full { break }
                }
            }
        }
        let end = Clock.now() + Self.patienceNanoseconds
        var expected: UInt64 = 1
        while expected <= Self.roundsCount, Clock.now() < end {
            while let number = ring.next() {
                #expect(number == expected)
                expected += 1
            }
            if expected <= Self.roundsCount { inbox.await(until: end) }
        }
        producer.join()
        #expect(expected == Self.roundsCount + 1)
    }

    @Test func `a name is copied up to its bound`() {
        #expect(NameCopy().count == 0 && NameCopy().text == "")
        let name = "default/web".withBytes { NameCopy($0) }
        #expect(name.text == "default/web" && name.count == 11)
        let long = String(repeating: "a", count: 200).withBytes { NameCopy($0) }
        #expect(long.text == String(repeating: "a", count: NameCopy.bytesMax))
    }

    @Test func `a deadline that does not fit never comes`() {
        #expect(Clock.deadline(5, after: 7) == 12)
        #expect(Clock.deadline(5, after: -7) == 5)
        #expect(Clock.deadline(5, after: Int.max) == Clock.never)
        #expect(Clock.deadline(Clock.never - 1, after: 7) == Clock.never)
    }

    @Test func `a thread stays on a processor that the process may use`() throws {
        let processors = ProcessFacts.processors()
        #expect(!processors.isEmpty && processors == processors.sorted())
        let last = try #require(processors.last)
        let found = Cell.permanent()
        try Thread(name: "pinned") {
            let isAllowed = Thread.stay(on: last) && !Thread.stay(on: 8_191)
            if isAllowed, ProcessFacts.processors() == [last] { found.set(1) }
        }.join()
        #expect(found.value == 1)
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
