import Glibc
import SluiceBase
import SluiceRing
import Testing

/// Connecting, cancelling, waiting and waking, on the real kernel.
@Suite(.enabled(if: Loopback.refusal == nil, Loopback.refusalText))
struct RingControlTests {
    private static let token: UInt64 = 0x0123_4567_89ab_cdef

    @Test func `a connection is made`() throws {
        var loopback = try Loopback()
        let listener = try Listener()
        let address = Table<UInt8>(listener.address)
        let descriptor = UpstreamSocket.open(for: address.bytes(0, address.count))
        loopback.ring.connect(descriptor, to: address.bytes(0, address.count), token: Self.token)
        #expect(try loopback.next(Self.token)?.result == 0)
        loopback.ring.accept(on: listener.descriptor, token: 1)
        let accepted = try #require(try loopback.next(1)).result
        loopback.ring.send(Gather("hello"), on: descriptor, token: 2)
        #expect(try loopback.next(2)?.result == 5)
        loopback.ring.receive(on: accepted, token: 3)
        let received = try #require(try loopback.next(3))
        #expect(loopback.text(received) == "hello")
        StreamSocket.close(accepted)
        StreamSocket.close(descriptor)
    }

    @Test func `a connection to nobody is refused`() throws {
        var loopback = try Loopback()
        // Bound and not listening: the port is nobody else's.
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { StreamSocket.close(holder) }
        unsafe Listener.address(0).withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            _ = unsafe bind(holder, base.assumingMemoryBound(to: sockaddr.self), 16)
        }
        let address = Table<UInt8>(Listener.address(StreamSocket.port(of: holder)))
        let descriptor = UpstreamSocket.open(for: address.bytes(0, 16))
        defer { StreamSocket.close(descriptor) }
        loopback.ring.connect(descriptor, to: address.bytes(0, 16), token: Self.token)
        #expect(try loopback.next(Self.token)?.result == -ECONNREFUSED)
    }

    @Test func `cancelling an operation ends that one`() throws {
        var loopback = try Loopback()
        var descriptor: Int32 = -1
        let peer = try Peer(other: &descriptor)
        defer { StreamSocket.close(descriptor) }
        loopback.ring.receive(on: descriptor, token: 1)
        loopback.ring.watch(descriptor, token: 2)
        #expect(try loopback.tokens(until: 9) == [])
        loopback.ring.cancel(operation: 2, token: 3)
        let cancelled = try #require(try loopback.next(2))
        #expect(cancelled.result == -ECANCELED && !cancelled.more)
        peer.send("x")
        let received = try #require(try loopback.next(1))
        #expect(received.more && loopback.text(received) == "x")
    }

    @Test func `cancelling what is not there says so`() throws {
        var loopback = try Loopback()
        loopback.ring.cancel(operation: 77, token: Self.token)
        #expect(try loopback.next(Self.token)?.result == -ENOENT)
    }

    @Test func `a timeout completes after its time`() throws {
        var loopback = try Loopback()
        let start = Clock.now()
        loopback.ring.timeout(20_000_000, token: Self.token)
        let done = try #require(try loopback.next(Self.token))
        #expect(done.result == -ETIME && !done.more)
        #expect(Clock.now() - start >= 20_000_000)
    }

    @Test func `a wait for nothing ends after its time`() throws {
        var loopback = try Loopback()
        let start = Clock.now()
        #expect(try loopback.ring.wait(1, atMost: 5_000_000) == 0)
        #expect(Clock.now() - start >= 5_000_000)
        #expect(try loopback.ring.wait(0, atMost: 0) == 0)
    }

    @Test func `an inbox wakes the ring each time somebody posts`() throws {
        var loopback = try Loopback()
        let inbox = try Inbox()
        loopback.ring.watch(inbox.wakeDescriptor, token: Self.token)
        for _ in 0..<3 {
            let poster = try Thread(name: "poster") { inbox.wake() }
            let woken = try #require(try loopback.next(Self.token))
            #expect(woken.result & Int32(POLLIN) != 0 && woken.more)
            inbox.clearWake()
            poster.join()
        }
        #expect(try loopback.tokens(until: 1) == [])
    }

    @Test func `more operations than the queue has entries are all submitted`() throws {
        var loopback = try Loopback()
        for token in 1...100 as ClosedRange<UInt64> {
            loopback.ring.cancel(operation: 1_000, token: token)
        }
        for token in 1...100 as ClosedRange<UInt64> {
            #expect(try loopback.next(token)?.result == -ENOENT)
        }
    }

    @Test func `rings come and go without keeping memory or descriptors`() throws {
        let arena = try Arena(count: 2, size: 64)
        let before = descriptorsCount()
        for _ in 0..<20 { _ = try Ring(entries: 8, arena: arena) }
        // Other tests open a few at the same time; twenty rings left open would show.
        #expect(descriptorsCount() < before + 20)
    }

    private func descriptorsCount() -> Int {
        (0..<1_024).count { fcntl($0, F_GETFD) >= 0 }
    }
}
