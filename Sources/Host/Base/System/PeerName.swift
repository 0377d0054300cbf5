internal import Glibc

/// The other end of a connection, for plugins and logs.
package enum PeerName {
    /// Bytes of the longest name: an IPv6 address in brackets with a port.
    package static let bytesMax = 64

    /// Writes `address:port` of the peer of a TCP socket; nothing when it is gone.
    ///
    /// An IPv4 peer of a dual-stack socket is written as IPv4. Allocates nothing.
    package static func write(of descriptor: Int32, to output: inout ByteWriter) {
        var peer = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let status = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(descriptor, $0, &length)
            }
        }
        guard status == 0 else { return }
        unsafe withUnsafeBytes(of: &peer) { raw in
            guard let start = unsafe raw.bindMemory(to: UInt8.self).baseAddress else { return }
            unsafe append(Bytes(start: start, count: Int(length)), to: &output)
        }
    }

    /// The layouts of `sockaddr_in` and `sockaddr_in6`: port at 2, addresses at 4 and at 8.
    private static func append(_ address: Bytes, to output: inout ByteWriter) {
        guard address.count >= 16 else { return }
        let isIPv6 = address.count >= 24
        let isMapped = isIPv6 && isMapped(address.slice(8, 16))
        if isIPv6 && !isMapped {
            appendIPv6(address.slice(8, 16), to: &output)
        } else {
            appendIPv4(address.slice(isMapped ? 20 : 4, 4), to: &output)
        }
        output.append(0x3a)
        output.append(decimal: Int(address[2]) << 8 | Int(address[3]))
    }

    /// `::ffff:a.b.c.d` (RFC 4291 2.5.5.2).
    private static func isMapped(_ address: Bytes) -> Bool {
        for index in 0..<10 where address[index] != 0 { return false }
        return address[10] == 0xff && address[11] == 0xff
    }

    private static func appendIPv4(_ address: Bytes, to output: inout ByteWriter) {
        for index in 0..<4 {
            if index > 0 { output.append(0x2e) }
            output.append(decimal: Int(address[index]))
        }
    }

    private static func appendIPv6(_ address: Bytes, to output: inout ByteWriter) {
        output.append(0x5b)
        // The longest text of an IPv6 address, its NUL included (RFC 4291, inet_ntop(3)).
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { text in
            guard let start = text.baseAddress,
                unsafe inet_ntop(AF_INET6, address.start, start, 46) != nil
            else { return }
            unsafe start.withMemoryRebound(to: UInt8.self, capacity: 46) {
                unsafe output.append(Bytes(start: $0, count: strlen(start)))
            }
        }
        output.append(0x5d)
    }
}
