import SimulatedKernel
import SluiceBase
import SluiceConfig
import SluiceServe
import Testing

/// Queues over the buffers of a worker, against arrays of bytes.
struct QueueTests {
    /// The buffers of a worker, some queues, and what each must hold.
    private struct Bench: ~Copyable {
        let buffers: Buffers
        var queues = [Queue](repeating: Queue(), count: 4)
        var model = [[UInt8]](repeating: [], count: 4)
        private var free: [Int32]
        private let arena: Arena

        init() throws {
            var limits = Limits()
            limits.smallBuffersPerWorker = 24
            limits.largeBuffersPerWorker = 8
            let arena = try Arena(count: 16, size: 8_192)
            let buffers = try Buffers(limits, receive: arena)
            self.arena = arena
            self.buffers = buffers
            free = (0..<16).map { Int32($0) }
        }

        /// As the port fills a buffer and the worker keeps it.
        mutating func receive(_ bytes: [UInt8], _ queue: Int) -> Bool {
            guard let number = free.popLast() else { return false }
            let buffer = BufferNumber(number: number)
            var writer = arena.writer(Int(number))
            bytes.withBytes { writer.append($0) }
            buffers.lend(buffer)
            guard buffers.append(buffer, offset: 0, length: bytes.count, to: &queues[queue]) else {
                preconditionFailure("the bench has pieces enough")
            }
            model[queue] += bytes
            return true
        }

        mutating func copy(_ bytes: [UInt8], _ queue: Int) {
            var rest = queues[queue]
            let isCopied = bytes.withBytes { buffers.append(copy: $0, to: &rest) }
            queues[queue] = rest
            if isCopied { model[queue] += bytes }
        }

        mutating func move(_ count: Int, _ source: Int, _ target: Int) {
            let before = queues[target].bytes
            var (from, to) = (queues[source], queues[target])
            let isMoved = buffers.move(count, from: &from, to: &to)
            (queues[source], queues[target]) = (from, to)
            // What could not be moved stays where it was.
            let moved = to.bytes - before
            #expect(isMoved ? moved == count : moved < count)
            model[target] += model[source].prefix(moved)
            model[source].removeFirst(moved)
        }

        mutating func share(_ source: Int, _ target: Int) {
            let before = queues[target].bytes
            var to = queues[target]
            _ = buffers.share(queues[source], with: &to)
            queues[target] = to
            model[target] += model[source].prefix(to.bytes - before)
        }

        mutating func link(_ source: Int, _ target: Int) {
            var to = queues[target]
            buffers.link(queues[source], behind: &to)
            queues[target] = to
            queues[source] = Queue()
            model[target] += model[source]
            model[source] = []
        }

        mutating func drop(_ count: Int, _ queue: Int) {
            buffers.drop(count, from: &queues[queue])
            model[queue].removeFirst(count)
        }

        mutating func giveBack() {
            while true {
                let buffer = buffers.takeReturned()
                if buffer.isNone { return }
                #expect(!free.contains(buffer.number), "a buffer comes back once")
                free.append(buffer.number)
            }
        }

        /// Whether the queue's bytes are those of the model; it is empty afterwards.
        mutating func drain(_ queue: Int) -> Bool {
            var bytes: [UInt8] = []
            while !queues[queue].isEmpty {
                let piece = buffers.bytes(queues[queue].first)
                bytes += piece.array
                buffers.drop(piece.count, from: &queues[queue])
            }
            defer { model[queue] = [] }
            return bytes == model[queue]
        }

        /// Everything has been given back.
        var isEmpty: Bool {
            buffers.taken == 0 && buffers.lentCount == 0 && buffers.piecesUsed == 0
                && free.count == 16 && queues.allSatisfy { $0.memory == 0 && $0.bytes == 0 }
        }
    }

    private static func content(_ random: inout SeededRandom, _ most: Int) -> [UInt8] {
        let start = UInt8(truncatingIfNeeded: random.next())
        return (0..<(1 + random.below(most))).map { start &+ UInt8(truncatingIfNeeded: $0) }
    }

    private static func step(_ bench: inout Bench, _ random: inout SeededRandom) {
        let (one, other) = (random.below(4), random.below(4))
        switch random.below(7) {
        case 0, 1: _ = bench.receive(content(&random, 8_192), one)
        case 2: bench.copy(content(&random, random.oneIn(3) ? 6_000 : 200), one)
        case 3 where one != other:
            bench.move(random.below(bench.queues[one].bytes + 1), one, other)
        case 4 where one != other && bench.queues[one].bytes < 20_000: bench.share(one, other)
        case 5 where one != other: bench.link(one, other)
        default: bench.drop(random.below(bench.queues[one].bytes + 1), one)
        }
    }

    @Test(arguments: UInt64(0)..<60)
    func `bytes keep their order and memory comes back, whatever is done`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var bench = try Bench()
        for _ in 0..<300 {
            Self.step(&bench, &random)
            bench.giveBack()
            for queue in 0..<4 {
                let (bytes, memory) = (bench.queues[queue].bytes, bench.queues[queue].memory)
                #expect(bytes == bench.model[queue].count)
                #expect((memory == 0) == (bytes == 0), "memory is held where there are bytes")
            }
        }
        for queue in 0..<4 {
            let isRight = bench.drain(queue)
            #expect(isRight, "queue \(queue) brings other bytes")
        }
        bench.giveBack()
        let isEmpty = bench.isEmpty
        #expect(isEmpty, "something was never given back")
    }

    @Test func `small pieces share a buffer`() throws {
        var bench = try Bench()
        for _ in 0..<1_000 { bench.copy([0x61], 0) }
        #expect(bench.queues[0].bytes == 1_000)
        #expect(bench.queues[0].memory == Buffers.smallBytes)
        let pieces = bench.buffers.piecesUsed
        #expect(pieces == 1)
        let isRight = bench.drain(0)
        #expect(isRight)
    }

    @Test func `a buffer that two queues share goes back with the second`() throws {
        var bench = try Bench()
        _ = bench.receive([UInt8](repeating: 1, count: 8_000), 0)
        bench.share(0, 1)
        bench.drop(8_000, 0)
        var lent = bench.buffers.lentCount
        #expect(lent == 1)
        bench.drop(8_000, 1)
        lent = bench.buffers.lentCount
        #expect(lent == 0)
    }
}
