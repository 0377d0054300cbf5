import SimulatedKernel

/// One end of a tunnel: sends its bytes and its end, and compares what comes with what must.
struct SimulatedTunnelEnd {
    private let outgoing: [UInt8]
    private let expected: [UInt8]
    private var sent = 0
    private var received = 0
    private var hasEnded = false
    /// It ends its stream only when the other side has.
    private let waitsForEnd: Bool
    /// What was wrong; nil while all is well.
    private(set) var wrong: String?
    let name: String

    init(_ name: String, isClient: Bool, _ bytesMax: Int) {
        self.name = name
        outgoing = SimulatedMessage.tunnel(name, isUp: isClient, bytesMax)
        expected = SimulatedMessage.tunnel(name, isUp: !isClient, bytesMax)
        let waits = SimulatedMessage.number(name) % 3
        waitsForEnd = isClient ? waits == 0 : waits == 1
    }

    /// Everything was sent and has come, both ends included.
    var isDone: Bool { hasEnded && received == expected.count }

    mutating func take(_ bytes: [UInt8]) {
        let end = received + bytes.count
        guard end <= expected.count, expected[received..<end].elementsEqual(bytes) else {
            wrong = "the tunnel of \(name) brings other bytes than were sent"
            return
        }
        received = end
    }

    /// Does a little; whether there is more to do before the other side does something.
    mutating func step(_ line: SimulatedLine, _ random: inout SeededRandom) -> Bool {
        take(line.read(atMost: random.oneIn(3) ? 1 + random.below(300) : .max))
        if hasEnded { return !line.isDrained }
        if sent < outgoing.count {
            guard random.oneIn(2) else { return true }
            let left = outgoing.count - sent
            let count = random.oneIn(2) ? left : 1 + random.below(left)
            line.write(outgoing[sent..<(sent + count)])
            sent += count
            return true
        }
        if waitsForEnd, !line.sawEnd { return !line.isDrained }
        hasEnded = true
        line.endWriting()
        return true
    }

    /// Bytes are missing.
    var isShort: Bool { received < expected.count }

    /// How far it has come.
    var report: String {
        "the tunnel of \(name) ended with \(received) of \(expected.count) bytes received, "
            + "\(sent) of \(outgoing.count) sent"
    }
}
