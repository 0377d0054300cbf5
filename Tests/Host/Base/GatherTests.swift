import SluiceBase
import Testing

@Suite struct GatherTests {
    private static let text: [Bytes] = ["ab", "c", "defg", "h", "ij", "klm", "n", "op"]

    private func array(_ gather: Gather) -> [UInt8] {
        (0..<gather.count).flatMap { gather[$0].array }
    }

    @Test func `eight runs fit, a ninth does not, and empty ones take no room`() {
        var gather = Gather()
        for run in Self.text {
            let hasTaken = gather.append(run)
            let hasPassed = gather.append(.empty)
            #expect(hasTaken && hasPassed)
        }
        let isFull = !gather.append("q")
        #expect(isFull)
        #expect(gather.count == Gather.piecesMax && gather.bytes == 16)
        #expect(array(gather) == Array("abcdefghijklmnop".utf8))
    }

    @Test func `what is sent is dropped, wherever it ends`() {
        for first in 0...16 {
            for second in 0...(16 - first) {
                var gather = Gather()
                for run in Self.text { gather.append(run) }
                gather.removeFirst(first)
                gather.removeFirst(second)
                let rest = Array("abcdefghijklmnop".utf8.dropFirst(first + second))
                #expect(gather.bytes == rest.count && array(gather) == rest)
            }
        }
    }
}
