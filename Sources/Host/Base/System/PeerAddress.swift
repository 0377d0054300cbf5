internal import Glibc

/// An IP address and a port: one end of a connection.
package struct PeerAddress: BitwiseCopyable, Sendable, Hashable {
    private var family: UInt8 = 0
    private var port: UInt16 = 0
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// No address.
    package static let none = PeerAddress()

    private init() {}

    /// An IPv4 address, most significant byte first.
    package init(v4: UInt32, port: UInt16) {
        family = 4
        low = UInt64(v4)
        self.port = port
    }

    /// The other end of a TCP connection; `none` when it is gone.
    package static func peer(of descriptor: Int32) -> PeerAddress {
        unsafe read { unsafe getpeername(descriptor, $0, $1) }
    }

    /// The own end of a TCP connection; `none` when it is gone.
    package static func local(of descriptor: Int32) -> PeerAddress {
        unsafe read { unsafe getsockname(descriptor, $0, $1) }
    }

    private static func read(
        _ name: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> PeerAddress {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe name($0, &length)
            }
        }
        guard status == 0, address.sin_family == sa_family_t(AF_INET) else { return .none }
        return PeerAddress(
            v4: UInt32(bigEndian: address.sin_addr.s_addr),
            port: UInt16(bigEndian: address.sin_port)
        )
    }
}
