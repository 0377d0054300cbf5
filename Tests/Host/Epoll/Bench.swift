import SluiceBase
import SluiceServe
import Testing

/// A kernel with its buffers, and sockets on loopback that the test holds the other end of.
final class Bench {
    /// What a completion is awaited for at most.
    static let patience = 10 * Clock.nanosecondsPerSecond
    /// How long nothing has to happen before a test believes it.
    static let quiet = 30 * Clock.nanosecondsPerMillisecond
    /// The token of operations whose completion nobody awaits.
    static let settle: UInt64 = 999

    var kernel: any SystemPort & ~Copyable
    let arena: Arena
    let listener: Int32
    let address: Arena

    init(_ choice: KernelChoice, buffers: Int = 8, size: Int = 1_024) throws {
        arena = try Arena(count: buffers, size: size)
        kernel = try choice.open(arena)
        listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 16)
        address = try Bench.address(StreamSocket.port(of: listener))
    }

    deinit { StreamSocket.close(listener) }

    /// An IPv4 address and a port, as connect(2) takes them.
    static func address(_ port: UInt16, ipv4: [UInt8] = [127, 0, 0, 1]) throws -> Arena {
        let arena = try Arena(count: 1, size: 16)
        var writer = arena.writer(0)
        writer.append(2)
        writer.append(0)
        writer.append(UInt8(port >> 8))
        writer.append(UInt8(port & 0xff))
        for byte in ipv4 { writer.append(byte) }
        return arena
    }

    /// Bytes that stay in place, `count` of them, none like its neighbour.
    static func content(_ count: Int) throws -> Bytes {
        let arena = try Arena(count: 1, size: count)
        var writer = arena.writer(0)
        for place in 0..<count { writer.append(UInt8(truncatingIfNeeded: place % 251)) }
        return arena.bytes(0, 0, count)
    }

    /// The next `count` completions that are wanted, oldest first.
    func next(
        _ count: Int,
        where isWanted: (Completion) -> Bool = { _ in true }
    ) throws -> [Completion] {
        let deadline = Clock.now() + Self.patience
        var seen: [Completion] = []
        while seen.count < count, Clock.now() < deadline {
            let ready = try kernel.wait(1, atMost: Self.quiet)
            let taken = min(ready, count - seen.count)
            for place in 0..<taken {
                let completion = kernel.look(at: place)
                if isWanted(completion) { seen.append(completion) }
            }
            kernel.advance(taken)
        }
        try #require(seen.count == count, "\(count) completions; there were \(seen)")
        return seen
    }

    func one() throws -> Completion { try next(1)[0] }

    /// How many completions there are after a while that are wanted.
    func rest(where isWanted: (Completion) -> Bool = { _ in true }) throws -> Int {
        let ready = try kernel.wait(1, atMost: Self.quiet)
        var count = 0
        for place in 0..<ready where isWanted(kernel.look(at: place)) { count += 1 }
        return count
    }

    /// A connection: the kernel's end and the test's end, which does not block.
    func pair() throws -> (near: Int32, far: Int32) {
        let near = kernel.openSocket(for: address.bytes(0, 0, 16))
        kernel.connect(near, to: address.bytes(0, 0, 16), token: 1)
        let connected = try one()
        try #require(connected.result == 0 && connected.token == 1)
        return (near, try Bench.accept(listener))
    }

    static func accept(_ listener: Int32) throws -> Int32 {
        let deadline = Clock.now() + patience
        while Clock.now() < deadline {
            if let connection = try StreamSocket.accept(listener) { return connection }
        }
        throw Errno(110)
    }

    /// What a completion brought, as text; its buffer goes back.
    func text(_ completion: Completion) -> String {
        guard completion.buffer >= 0 else { return "" }
        let text = arena.bytes(Int(completion.buffer), 0, Int(completion.result)).text
        kernel.recycle(completion.buffer)
        return text
    }

    /// Everything that comes on the test's end until `count` bytes are there or the end.
    func read(_ far: Int32, _ count: Int) throws -> [UInt8] {
        let deadline = Clock.now() + Self.patience
        var bytes: [UInt8] = []
        while bytes.count < count, Clock.now() < deadline {
            switch StreamSocket.receive(far, into: &bytes, bytesMax: 65_536) {
            case .bytes: break
            case .blocked: _ = try kernel.wait(1, atMost: Clock.nanosecondsPerMillisecond)
            case .ended: return bytes
            case .failed(let errno): throw errno
            }
        }
        return bytes
    }
}

/// Sends on the test's end what surely fits.
func say(_ text: String, on far: Int32) {
    let bytes = Array(text.utf8)
    let transfer = StreamSocket.send(far, bytes[...])
    #expect(transfer == .bytes(bytes.count))
}
