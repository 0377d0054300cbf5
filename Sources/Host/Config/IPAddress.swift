package import SluiceBase

/// An IP address as 16 bytes in network order; an IPv4 address is kept in its mapped form.
package struct IPAddress: Sendable, Hashable {
    /// The upper and lower half, most significant byte first; `::ffff:a.b.c.d` for IPv4.
    package let high: UInt64
    package let low: UInt64
    /// Written as IPv4: such a socket is IPv4 alone.
    package let isIPv4: Bool

    private static let mappedPrefix: UInt64 = 0xFFFF

    /// An IPv6 address.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        isIPv4 = false
    }

    /// An IPv4 address, most significant byte first.
    package init(ipv4: UInt32) {
        high = 0
        low = Self.mappedPrefix << 32 | UInt64(ipv4)
        isIPv4 = true
    }

    /// `::`, every address of the machine.
    package static let any = IPAddress(high: 0, low: 0)

    /// The address of the text of RFC 5952 or dotted decimal, or nil: no zone, no leading zero.
    package init?(_ text: String) {
        guard let address = text.withBytes({ PeerAddress(host: $0, port: 0) }) else { return nil }
        if address.isIPv6 {
            self.init(high: address.high, low: address.low)
        } else if text.utf8.contains(UInt8(ascii: ":")) {
            self.init(high: 0, low: Self.mappedPrefix << 32 | address.low)
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.low))
        }
    }

    /// The IPv4 address as a number, most significant byte first.
    package var ipv4: UInt32 {
        UInt32(truncatingIfNeeded: low)
    }

    /// 127.0.0.0/8, ::1, or the former mapped into IPv6.
    package var isLoopback: Bool { peer(port: 0).isLoopback }

    /// The 16 bytes in network order.
    package var bytes: [UInt8] {
        (0..<16).map { index in
            let half = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * (index % 8)))
        }
    }

    /// `address:port` as a URL writes it.
    package func authority(port: UInt16) -> String {
        isIPv4 ? "\(self):\(port)" : "[\(self)]:\(port)"
    }

    /// A `sockaddr_in` or `sockaddr_in6` of Linux, 16 or 28 bytes long.
    package func socketAddress(port: UInt16) -> [UInt8] {
        let head = Self.family(isIPv4 ? 2 : 10) + [UInt8(port >> 8), UInt8(port & 0xFF)]
        guard !isIPv4 else { return head + bytes[12...] + [UInt8](repeating: 0, count: 8) }
        let zeros = [UInt8](repeating: 0, count: 4)
        return head + zeros + bytes + zeros
    }

    /// The family is a 16-bit number in the order of the machine.
    private static func family(_ number: UInt8) -> [UInt8] {
        UInt16(littleEndian: 1) == 1 ? [number, 0] : [0, number]
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or RFC 5952: lower case, the longest run of zero groups as `::`.
    package var description: String {
        let address = peer(port: 0)
        return address.isIPv6 || isIPv4 ? address.hostText : "::ffff:" + address.hostText
    }

    /// The address as the data path compares it: an IPv4-mapped one is the IPv4 address itself.
    package func peer(port: UInt16) -> PeerAddress {
        PeerAddress(v6High: high, low: low, port: port)
    }
}

/// Where a listener of the host's own or the admin API listens: an IP address and a port.
package struct SocketAddress: Sendable, Hashable {
    package let address: IPAddress
    package let port: UInt16

    /// An address and a port; port 0 lets the kernel choose.
    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Why a text is not an address to listen on, as a sentence's second half.
    package struct Refusal: Error, Sendable, Equatable {
        package let text: String
    }

    /// What an address looks like, for messages.
    package static let form =
        "an address such as \"127.0.0.1:8081\", \"[::1]:80\" or \":8080\" (all addresses)"

    /// Reads `127.0.0.1:8081`, `[::1]:80` or `:8080`, which is dual-stack `[::]:8080`.
    package init(_ text: String) throws(Refusal) {
        guard !text.hasPrefix("unix:") else {
            throw Refusal(
                text: "listening on a unix socket is not supported yet; use \(Self.form)"
            )
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw Refusal(text: "the port is missing in \"\(text)\"; expected \(Self.form)")
        }
        address = try Self.host(String(text[..<colon]), of: text)
        port = try Self.port(String(text[text.index(after: colon)...]), of: text)
    }

    private static func host(_ host: String, of text: String) throws(Refusal) -> IPAddress {
        guard !host.isEmpty else { return .any }
        if host.hasPrefix("["), host.hasSuffix("]") {
            if let address = IPAddress(String(host.dropFirst().dropLast())), !address.isIPv4 {
                return address
            }
        } else if let address = IPAddress(host) {
            if address.isIPv4 { return address }
            throw Refusal(text: "an IPv6 address with a port needs brackets: \"[::1]:80\"")
        }
        throw Refusal(text: "\"\(host)\" in \"\(text)\" is no IP address; expected \(form)")
    }

    private static func port(_ port: String, of text: String) throws(Refusal) -> UInt16 {
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port) else {
            throw Refusal(
                text: "\"\(port)\" in \"\(text)\" is no port; expected a number from 0 to 65535"
            )
        }
        return number
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:80` or `[::1]:80`.
    package var description: String {
        address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
