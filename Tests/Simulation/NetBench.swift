import SimulatedKernel
import SluiceBase
import SluiceServe
import Testing

/// A simulated kernel with a listening socket, and memory that a test sends from.
final class NetBench {
    /// Turns in which something must have happened.
    static let turnsMax = 2_000

    let net: SimulatedNet
    var port: SimulatedPort
    let listener: Int32
    private let memory: Arena

    init(
        _ hostility: Hostility = [],
        seed: UInt64 = 1,
        buffers: Int = 8,
        size: Int = 64
    ) throws {
        net = SimulatedNet(
            seed: seed,
            arena: try Arena(count: buffers, size: size),
            hostility: hostility
        )
        port = SimulatedPort(net: net)
        listener = net.listen()
        memory = try Arena(count: 1, size: 1 << 20)
    }

    /// The completions of one turn.
    func turn() throws -> [Completion] {
        let ready = try port.wait(1, atMost: 0)
        let seen = (0..<ready).map { net.completions[$0] }
        port.advance(ready)
        return seen
    }

    /// The next `count` completions.
    func next(_ count: Int) throws -> [Completion] {
        var seen: [Completion] = []
        for _ in 0..<Self.turnsMax where seen.count < count { seen += try turn() }
        try #require(seen.count >= count, "\(count) completions; there were \(seen)")
        return seen
    }

    func one() throws -> Completion { try next(1)[0] }

    /// A connection: the host's number, and the peer's end.
    func pair() throws -> (host: Int32, peer: SimulatedSocket) {
        let peer = net.arrive(on: listener)
        let host = port.acceptWaiting(listener)
        try #require(host >= 0)
        return (host, peer)
    }

    /// Text in memory that stays.
    func gather(_ text: String) -> Gather {
        var writer = memory.writer(0)
        for byte in text.utf8 { writer.append(byte) }
        return Gather(memory.bytes(0, 0, text.utf8.count))
    }

    /// What a completion brought, as text; its buffer goes back.
    func text(_ completion: Completion) -> String {
        guard completion.buffer >= 0 else { return "" }
        let bytes = net.arena.bytes(Int(completion.buffer), 0, Int(completion.result))
        defer { port.recycle(completion.buffer) }
        return bytes.text
    }

    /// Receives until `length` bytes are there, again and again where a receive ends early.
    func receive(_ length: Int, on host: Int32, token: UInt64) throws -> [Completion] {
        var seen: [Completion] = []
        var bytes = 0
        port.receive(on: host, token: token)
        for _ in 0..<Self.turnsMax where bytes < length {
            for completion in try turn() where completion.token == token {
                seen.append(completion)
                if completion.result > 0 { bytes += Int(completion.result) }
                if !completion.more { port.receive(on: host, token: token) }
            }
        }
        return seen
    }
}
