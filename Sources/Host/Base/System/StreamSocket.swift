internal import CLinux
internal import Glibc

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

    /// Listens on an IPv6 address of 16 bytes; `::` takes IPv4 as well.
    package static func listen(
        ipv6: [UInt8],
        port: UInt16,
        backlog: Int
    ) throws(Errno) -> Int32 {
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
