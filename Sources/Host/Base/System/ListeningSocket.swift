internal import CLinux
internal import Glibc

/// Listening sockets of workers: several share one port, and the kernel spreads connections.
package enum ListeningSocket {
    /// Opens, binds and listens on a `sockaddr_in` or `sockaddr_in6`; the address `::` takes IPv4
    /// as well.
    ///
    /// Accepted connections inherit TCP_NODELAY and keepalive.
    package static func open(_ address: [UInt8], backlog: Int) throws(Errno) -> Int32 {
        let isIPv6 = address.count > 16
        let descriptor = clinux_stream_socket(isIPv6 ? AF_INET6 : AF_INET)
        guard descriptor >= 0 else { throw Errno.last }
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
