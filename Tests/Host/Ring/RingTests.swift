import Glibc
import SluiceBase
import SluiceRing
import Testing

/// The ring on the real kernel, over loopback.
@Suite(.enabled(if: Loopback.refusal == nil, Loopback.refusalText))
struct RingTests {
    private static let token: UInt64 = 0xfeed_beef_dead_cafe

    @Test func `one accept takes every connection`() throws {
        var loopback = try Loopback()
        let listener = try Listener()
        loopback.ring.accept(on: listener.descriptor, token: Self.token)
        for _ in 0..<3 {
            let peer = try Peer(to: listener)
            let accepted = try #require(try loopback.next(Self.token))
            try #require(accepted.result >= 0 && accepted.more && accepted.buffer == -1)
            #expect(fcntl(accepted.result, F_GETFD) & FD_CLOEXEC != 0)
            StreamSocket.close(accepted.result)
            #expect(peer.hasEnded() == true)
        }
    }

    @Test func `one receive delivers again and again, and the end of the stream`() throws {
        var loopback = try Loopback(buffers: 2)
        var descriptor: Int32 = -1
        var peer: Peer? = try Peer(other: &descriptor)
        defer { StreamSocket.close(descriptor) }
        loopback.ring.receive(on: descriptor, token: Self.token)
        for round in 0..<20 {
            peer?.send("message \(round)")
            let received = try #require(try loopback.next(Self.token))
            #expect(received.more)
            #expect(loopback.text(received) == "message \(round)")
        }
        peer = nil
        let ended = try #require(try loopback.next(Self.token))
        #expect(ended.result == 0 && !ended.more)
    }

    @Test func `a message larger than a buffer comes in pieces in order`() throws {
        var loopback = try Loopback(buffers: 8)
        var descriptor: Int32 = -1
        let peer = try Peer(other: &descriptor)
        defer { StreamSocket.close(descriptor) }
        let text = (0..<60).map { "\($0)," }.joined()
        peer.send(text)
        loopback.ring.receive(on: descriptor, token: Self.token)
        var found = ""
        while found.utf8.count < text.utf8.count {
            let received = try #require(try loopback.next(Self.token))
            try #require(received.result > 0 && received.result <= Loopback.bufferBytes)
            found += loopback.text(received)
        }
        #expect(found == text)
    }

    @Test func `without a buffer a receive ends with ENOBUFS, and goes on when one is back`() throws
    {
        var loopback = try Loopback(buffers: 2)
        var descriptor: Int32 = -1
        let peer = try Peer(other: &descriptor)
        defer { StreamSocket.close(descriptor) }
        loopback.ring.receive(on: descriptor, token: Self.token)
        let size = Loopback.bufferBytes
        peer.send((0..<4).map { String(repeating: String($0), count: size) }.joined())
        var held: [Completion] = []
        while held.last?.result != -ENOBUFS {
            held.append(try #require(try loopback.next(Self.token)))
            try #require(held.count <= 3)
        }
        #expect(held.map(\.result) == [Int32(size), Int32(size), -ENOBUFS])
        #expect(held.last?.more == false && held.last?.buffer == -1)
        #expect(Set(held.dropLast().map(\.buffer)) == [0, 1])
        var texts: [Character] = []
        for completion in held.dropLast() { texts += loopback.text(completion).prefix(1) }
        loopback.ring.receive(on: descriptor, token: Self.token)
        while texts.count < 4 {
            let received = try #require(try loopback.next(Self.token))
            if received.result == -ENOBUFS {
                loopback.ring.receive(on: descriptor, token: Self.token)
            } else {
                texts += loopback.text(received).prefix(1)
            }
        }
        #expect(texts == ["0", "1", "2", "3"])
    }

    @Test func `a send completes when all is sent`() throws {
        var loopback = try Loopback()
        var descriptor: Int32 = -1
        let peer = try Peer(other: &descriptor)
        defer { StreamSocket.close(descriptor) }
        let count = 4 * 1_024 * 1_024
        let bytes = Table<UInt8>((0..<count).map { UInt8(truncatingIfNeeded: $0 / 251) })
        loopback.ring.send(Gather(bytes.bytes(0, count)), on: descriptor, token: Self.token)
        #expect(try loopback.tokens(until: 1) == [], "the peer has read nothing yet")
        var found: [UInt8] = []
        while found.count < count {
            // The send goes on when the ring is entered.
            _ = try loopback.ring.wait(1, atMost: 1_000_000)
            let piece = peer.receive(min(16_384, count - found.count))
            try #require(!piece.isEmpty)
            found += piece
        }
        let sent = try #require(try loopback.next(Self.token))
        #expect(sent.result == Int32(count))
        #expect(found.withBytes { $0.equals(bytes.bytes(0, count)) })
    }

    @Test func `a send to a peer that is gone fails without a signal`() throws {
        var loopback = try Loopback()
        var descriptor: Int32 = -1
        do { _ = try Peer(other: &descriptor) }
        defer { StreamSocket.close(descriptor) }
        loopback.ring.send(Gather("x"), on: descriptor, token: Self.token)
        #expect(try loopback.next(Self.token)?.result == -EPIPE)
    }
}
