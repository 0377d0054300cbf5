import Glibc
import SluiceBase
import Testing

struct SocketTests {
    /// 127.0.0.1 as the kernel wants it.
    private static func loopback(_ port: UInt16) -> [UInt8] {
        [UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 0xff), 127, 0, 0, 1]
            + [UInt8](repeating: 0, count: 8)
    }

    /// ::1, or :: when `isAny`.
    private static func loopback6(_ port: UInt16, isAny: Bool) -> [UInt8] {
        [UInt8(AF_INET6), 0, UInt8(port >> 8), UInt8(port & 0xff), 0, 0, 0, 0]
            + [UInt8](repeating: 0, count: 15) + [isAny ? 0 : 1, 0, 0, 0, 0]
    }

    private static func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(4)
        unsafe getsockopt(descriptor, level, name, &value, &length)
        return value
    }

    private static func connects(to address: [UInt8]) -> Bool {
        let descriptor = address.withBytes(UpstreamSocket.open)
        defer { ListeningSocket.close(descriptor) }
        let status = unsafe address.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return Int32(-1) }
            return unsafe connect(
                descriptor,
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(raw.count)
            )
        }
        guard status != 0, errno == EINPROGRESS else { return status == 0 }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, 5_000) == 1
            && Self.option(descriptor, SOL_SOCKET, SO_ERROR) == 0
    }

    @Test func `several listen on one port`() throws {
        let first = try ListeningSocket.open(Self.loopback(0), backlog: 8)
        defer { ListeningSocket.close(first) }
        let port = StreamSocket.port(of: first)
        let second = try ListeningSocket.open(Self.loopback(port), backlog: 8)
        defer { ListeningSocket.close(second) }
        #expect(port != 0 && StreamSocket.port(of: second) == port)
        #expect(Self.option(first, Int32(IPPROTO_TCP), TCP_NODELAY) != 0)
        #expect(Self.option(first, SOL_SOCKET, SO_KEEPALIVE) != 0)
        let flags = fcntl(first, F_GETFD)
        #expect(flags & FD_CLOEXEC != 0)
        #expect(Self.connects(to: Self.loopback(port)))
    }

    @Test func `a listener for every address takes IPv4 as well`() throws {
        let listener: Int32
        do throws(Errno) {
            listener = try ListeningSocket.open(Self.loopback6(0, isAny: true), backlog: 8)
        } catch {
            // A machine without IPv6 says so; any other error is ours.
            #expect(error == Errno(EAFNOSUPPORT) || error == Errno(EADDRNOTAVAIL))
            return
        }
        defer { ListeningSocket.close(listener) }
        let port = StreamSocket.port(of: listener)
        #expect(Self.connects(to: Self.loopback(port)))
        #expect(Self.connects(to: Self.loopback6(port, isAny: false)))
    }

    @Test func `the address of every interface has an IPv4 form with the same port`() {
        let other = ListeningSocket.withoutIPv6(Self.loopback6(8_080, isAny: true))
        #expect(
            other == [UInt8(AF_INET), 0, 0x1f, 0x90] + [UInt8](repeating: 0, count: 12)
        )
        #expect(ListeningSocket.withoutIPv6(Self.loopback6(8_080, isAny: false)) == nil)
        #expect(ListeningSocket.withoutIPv6(Self.loopback(8_080)) == nil)
    }

    @Test func `a reserve gives its descriptors and takes them back`() {
        var reserve = DescriptorReserve()
        let wasFull = reserve.isFull
        let hasGiven = reserve.give()
        let isFull = reserve.isFull
        #expect(wasFull && hasGiven && !isFull)
        while reserve.give() {}
        reserve.refill()
        let isFullAgain = reserve.isFull
        #expect(isFullAgain)
    }

    @Test func `an address that is not here is refused with its error`() {
        var foreign = Self.loopback(0)
        foreign.replaceSubrange(4..<8, with: [192, 0, 2, 1])
        #expect(throws: Errno(EADDRNOTAVAIL)) { try ListeningSocket.open(foreign, backlog: 8) }
    }

    @Test func `a port that is taken without sharing is refused`() throws {
        let alone = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 8)
        defer { StreamSocket.close(alone) }
        let port = StreamSocket.port(of: alone)
        #expect(throws: Errno(EADDRINUSE)) {
            try ListeningSocket.open(Self.loopback(port), backlog: 8)
        }
    }

    @Test func `bytes go from one socket to the other, and the end does`() throws {
        let listener = try StreamSocket.listen(ipv4: 0x7f00_0001, port: 0, backlog: 8)
        defer { StreamSocket.close(listener) }
        #expect(try StreamSocket.accept(listener) == nil)
        let address = Self.loopback(StreamSocket.port(of: listener))
        let near = address.withBytes(UpstreamSocket.open)
        defer { StreamSocket.close(near) }
        unsafe address.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            _ = unsafe connect(near, base.assumingMemoryBound(to: sockaddr.self), 16)
        }
        var poller = Poller()
        let place = poller.add(listener, reads: true, writes: false)
        poller.wait(milliseconds: 5_000)
        #expect(poller.canRead(place) == true)
        let far = try #require(try StreamSocket.accept(listener))
        defer { StreamSocket.close(far) }
        var bytes: [UInt8] = []
        #expect(StreamSocket.receive(far, into: &bytes, bytesMax: 16) == .blocked)
        #expect(StreamSocket.send(near, Array("hello".utf8)[...]) == .bytes(5))
        StreamSocket.finish(near)
        poller.removeAll()
        poller.add(far, reads: true, writes: false)
        poller.wait(milliseconds: 5_000)
        #expect(StreamSocket.receive(far, into: &bytes, bytesMax: 16) == .bytes(5))
        #expect(bytes == Array("hello".utf8))
        poller.wait(milliseconds: 5_000)
        #expect(StreamSocket.receive(far, into: &bytes, bytesMax: 16) == .ended)
    }
}
