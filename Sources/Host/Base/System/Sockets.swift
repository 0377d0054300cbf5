internal import CLinux
internal import Glibc

/// Listening sockets of workers: several share one port, and the kernel spreads connections.
package enum ListeningSocket {
    /// Opens, binds and listens on a `sockaddr_in` or `sockaddr_in6`; the address `::` takes IPv4
    /// as well, and on a machine without IPv6 nothing else.
    ///
    /// Accepted connections inherit TCP_NODELAY and keepalive.
    package static func open(_ address: [UInt8], backlog: Int) throws(Errno) -> Int32 {
        let isIPv6 = address.count > 16
        let descriptor = clinux_stream_socket(isIPv6 ? AF_INET6 : AF_INET)
        guard descriptor >= 0 else {
            let failure = Errno.last
            guard failure.code == EAFNOSUPPORT, let other = withoutIPv6(address) else {
                throw failure
            }
            return try open(other, backlog: backlog)
        }
        clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
        clinux_set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        clinux_set_option(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if isIPv6 { clinux_set_option(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        let bound = unsafe address.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return Int32(-1) }
            return unsafe bind(
                descriptor,
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(raw.count)
            )
        }
        guard bound == 0, Glibc.listen(descriptor, Int32(backlog)) == 0 else {
            let failure = Errno.last
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// The IPv4 form of the address `::`, with its port; nil for any other address.
    package static func withoutIPv6(_ address: [UInt8]) -> [UInt8]? {
        guard address.count >= 24, address[8..<24].allSatisfy({ $0 == 0 }) else { return nil }
        var family = sa_family_t(AF_INET)
        let start = unsafe withUnsafeBytes(of: &family) { unsafe Array($0) }
        return start + address[2..<4] + [UInt8](repeating: 0, count: 12)
    }

    package static func close(_ descriptor: Int32) { Glibc.close(descriptor) }
}

/// Sockets towards origins.
package enum UpstreamSocket {
    /// A non-blocking socket of the family of a `sockaddr_in` or `sockaddr_in6`, with TCP_NODELAY
    /// and keepalive; -1 when descriptors ran out.
    package static func open(for address: Bytes) -> Int32 {
        let descriptor = clinux_stream_socket(address.count > 16 ? AF_INET6 : AF_INET)
        guard descriptor >= 0 else { return -1 }
        clinux_set_option(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        clinux_set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        return descriptor
    }
}

/// Non-blocking TCP sockets for control threads: the admin API.
///
/// Workers ask their ring instead.
package enum StreamSocket {
    /// What a transfer came to.
    package enum Transfer: Equatable, Sendable {
        case bytes(Int)
        /// Nothing now; poll.
        case blocked
        case ended
        case failed(Errno)
    }

    /// Listens on an IPv4 address, most significant byte first.
    package static func listen(ipv4: UInt32, port: UInt16, backlog: Int) throws(Errno) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = ipv4.bigEndian
        return try listen(AF_INET, backlog) { descriptor in
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    /// Listens on an IPv6 address of 16 bytes; `::` takes IPv4 as well, and on a machine without
    /// IPv6 nothing else.
    package static func listen(
        ipv6: [UInt8],
        port: UInt16,
        backlog: Int
    ) throws(Errno) -> Int32 {
        if !hasIPv6, ipv6.allSatisfy({ $0 == 0 }) {
            return try listen(ipv4: 0, port: port, backlog: backlog)
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: ipv6) }
        return try listen(AF_INET6, backlog) { descriptor in
            clinux_set_option(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
            return unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    /// Whether the kernel makes IPv6 sockets.
    private static var hasIPv6: Bool {
        let descriptor = clinux_stream_socket(AF_INET6)
        guard descriptor >= 0 else { return Errno.last.code != EAFNOSUPPORT }
        Glibc.close(descriptor)
        return true
    }

    private static func listen(
        _ family: Int32,
        _ backlog: Int,
        bind: (Int32) -> Int32
    ) throws(Errno) -> Int32 {
        let descriptor = clinux_stream_socket(family)
        guard descriptor >= 0 else { throw Errno.last }
        clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        guard bind(descriptor) == 0, Glibc.listen(descriptor, Int32(backlog)) == 0 else {
            let failure = Errno.last
            Glibc.close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Connects to a `sockaddr_in` or `sockaddr_in6` and waits for it until `deadline`, monotonic
    /// nanoseconds.
    package static func connect(_ address: [UInt8], until deadline: UInt64) throws(Errno) -> Int32 {
        let descriptor = clinux_stream_socket(address.count > 16 ? AF_INET6 : AF_INET)
        guard descriptor >= 0 else { throw Errno.last }
        let status = unsafe address.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return Int32(-1) }
            return unsafe Glibc.connect(
                descriptor,
                base.assumingMemoryBound(to: sockaddr.self),
                socklen_t(raw.count)
            )
        }
        guard status != 0 else { return descriptor }
        var failure = Errno.last
        if failure.code == EINPROGRESS {
            var poller = Poller()
            let place = poller.add(descriptor, reads: false, writes: true)
            poller.wait(milliseconds: Clock.milliseconds(until: deadline, from: Clock.now()))
            failure = poller.canWrite(place) ? error(of: descriptor) : Errno(ETIMEDOUT)
            if failure.code == 0 { return descriptor }
        }
        Glibc.close(descriptor)
        throw failure
    }

    /// What became of a connection attempt; 0: it stands.
    private static func error(of descriptor: Int32) -> Errno {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return Errno(code)
    }

    /// The port a socket is bound to; 0 when it is bound to none.
    package static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        // The port stands at the same place in both families.
        return status == 0 ? UInt16(bigEndian: address.sin6_port) : 0
    }

    /// The next connection, non-blocking; nil when none waits.
    package static func accept(_ descriptor: Int32) throws(Errno) -> Int32? {
        let connection = clinux_accept(descriptor)
        if connection >= 0 { return connection }
        let failure = Errno.last
        let isTransient = [EAGAIN, EINTR, ECONNABORTED, EPROTO].contains(failure.code)
        guard isTransient else { throw failure }
        return nil
    }

    /// Reads what is there, at most `bytesMax`, behind what `bytes` holds.
    package static func receive(
        _ descriptor: Int32,
        into bytes: inout [UInt8],
        bytesMax: Int
    ) -> Transfer {
        var piece = [UInt8](repeating: 0, count: bytesMax)
        let count = unsafe recv(descriptor, &piece, bytesMax, 0)
        guard count != 0 else { return .ended }
        guard count > 0 else { return refusal() }
        bytes += piece[..<count]
        return .bytes(count)
    }

    /// Sends what fits now; never raises SIGPIPE.
    package static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Transfer {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(
                descriptor,
                buffer.baseAddress,
                buffer.count,
                Int32(MSG_NOSIGNAL)
            )
        }
        return count >= 0 ? .bytes(count) : refusal()
    }

    private static func refusal() -> Transfer {
        let failure = Errno.last
        return failure.code == EAGAIN || failure.code == EINTR ? .blocked : .failed(failure)
    }

    /// Says that nothing more will be sent; the peer may still send.
    package static func finish(_ descriptor: Int32) {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    package static func close(_ descriptor: Int32) {
        Glibc.close(descriptor)
    }
}

/// poll(2) over a handful of descriptors, for loops that are not workers.
package struct Poller: ~Copyable {
    private var entries: [pollfd] = []

    /// Nothing is watched yet.
    package init() {}

    /// Forgets every descriptor.
    package mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    /// Watches a descriptor during the next wait; returns its place.
    @discardableResult
    package mutating func add(_ descriptor: Int32, reads: Bool, writes: Bool) -> Int {
        let events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0)
        entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        return entries.count - 1
    }

    /// Waits until a descriptor is ready or `milliseconds` have passed; -1 waits for ever.
    package mutating func wait(milliseconds: Int32) {
        let count = unsafe poll(&entries, nfds_t(entries.count), milliseconds)
        guard count < 0 else { return }
        // An interrupted wait leaves old answers behind.
        for index in entries.indices { entries[index].revents = 0 }
    }

    /// Whether the descriptor at `place` may be read, or has ended or failed.
    package func canRead(_ place: Int) -> Bool {
        Int32(entries[place].revents) & (POLLIN | POLLHUP | POLLERR | POLLNVAL) != 0
    }

    /// Whether the descriptor at `place` has failed, or both its directions have ended.
    package func hasFailed(_ place: Int) -> Bool {
        Int32(entries[place].revents) & (POLLHUP | POLLERR | POLLNVAL) != 0
    }

    /// Whether the descriptor at `place` may be written, or has failed.
    package func canWrite(_ place: Int) -> Bool {
        Int32(entries[place].revents) & (POLLOUT | POLLHUP | POLLERR | POLLNVAL) != 0
    }
}

/// Descriptors kept open for the moment when no other is left.
package struct DescriptorReserve: ~Copyable {
    private static let countMax = 4
    private var held: [Int32] = []

    /// Opens them, as many as there are.
    package init() { refill() }

    deinit { for descriptor in held { close(descriptor) } }

    package var isFull: Bool { held.count == Self.countMax }

    /// Closes one, so that the next call that needs a descriptor gets it; whether there was one.
    package mutating func give() -> Bool {
        guard let descriptor = held.popLast() else { return false }
        close(descriptor)
        return true
    }

    /// Takes back what was given, as far as there are descriptors.
    package mutating func refill() {
        while !isFull {
            let descriptor = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            held.append(descriptor)
        }
    }
}

/// What a worker does to a socket at once, by a system call of its own: nothing here waits, runs
/// later or completes.
package enum SocketControl {
    /// Ends the sending half.
    ///
    /// A failure means that the connection is gone, which its receive reports.
    package static func finish(_ descriptor: Int32) { _ = clinux_socket_finish(descriptor) }

    /// Sends what of `bytes` fits into the kernel's buffer, and forgets the rest.
    package static func sendAtOnce(_ bytes: Bytes, on descriptor: Int32) {
        _ = unsafe send(descriptor, bytes.start, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
    }

    /// Closes a descriptor; with `resets` the peer gets a reset and unsent bytes are dropped.
    package static func close(_ descriptor: Int32, resets: Bool) {
        clinux_socket_close(descriptor, resets ? 1 : 0)
    }

    /// The next connection in the kernel's queue, non-blocking and close-on-exec; -1 when none
    /// waits or none can be taken.
    package static func acceptWaiting(_ descriptor: Int32) -> Int32 {
        max(-1, clinux_socket_accept(descriptor))
    }

    /// Whether a connection goes on and nothing of the peer waits to be received.
    package static func isQuiet(_ descriptor: Int32) -> Bool {
        clinux_socket_is_quiet(descriptor) != 0
    }

    /// How many bytes the peer's kernel has acknowledged since the connection began; 0 when the
    /// socket is no TCP connection.
    package static func acknowledged(_ descriptor: Int32) -> UInt64 {
        clinux_socket_acknowledged(descriptor)
    }
}
