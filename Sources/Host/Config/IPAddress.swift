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
        if let ipv4 = Self.ipv4(text) {
            self.init(ipv4: ipv4)
        } else if let (high, low) = Self.ipv6(text) {
            self.init(high: high, low: low)
        } else {
            return nil
        }
    }

    /// The IPv4 address as a number, most significant byte first.
    package var ipv4: UInt32 {
        UInt32(truncatingIfNeeded: low)
    }

    /// 127.0.0.0/8, ::1, or the former mapped into IPv6.
    package var isLoopback: Bool {
        guard high == 0 else { return false }
        return low == 1 || (low >> 32 == Self.mappedPrefix && (low >> 24) & 0xFF == 127)
    }

    /// 0.0.0.0 or `::`.
    package var isUnspecified: Bool {
        isIPv4 ? ipv4 == 0 : high == 0 && low == 0
    }

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

    private static func ipv4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let byte = decimal(part) else { return nil }
            value = value << 8 | UInt32(byte)
        }
        return value
    }

    /// A leading zero is refused: some readers take it for octal.
    private static func decimal(_ part: Substring) -> UInt8? {
        let digits = part.utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30
        else { return nil }
        return UInt8(part)
    }

    private static func ipv6(_ text: String) -> (UInt64, UInt64)? {
        let halves = halves(of: text)
        guard let first = halves.first, halves.count <= 2, text.utf8.count >= 2,
            let head = groups(first, mayEndInIPv4: halves.count == 1)
        else { return nil }
        guard halves.count == 2 else {
            return head.count == 8 ? pack(head) : nil
        }
        guard let tail = groups(halves[1], mayEndInIPv4: true), head.count + tail.count <= 7
        else { return nil }
        return pack(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// The text around its `::`; three parts when it has two of them.
    private static func halves(of text: String) -> [String] {
        var parts: [String] = [""]
        var rest = text[...]
        while let character = rest.first {
            if rest.hasPrefix("::") {
                parts.append("")
                rest = rest.dropFirst(2)
            } else {
                parts[parts.count - 1].append(character)
                rest = rest.dropFirst()
            }
        }
        return parts
    }

    private static func groups(_ text: String, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains("."),
                let address = ipv4(String(part))
            {
                groups.append(UInt16(truncatingIfNeeded: address >> 16))
                groups.append(UInt16(truncatingIfNeeded: address))
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func pack(_ groups: [UInt16]) -> (UInt64, UInt64) {
        let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return (high, low)
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or RFC 5952: lower case, the longest run of zero groups as `::`.
    package var description: String {
        guard !isIPv4 else {
            return [24, 16, 8, 0].map { String(ipv4 >> $0 & 0xFF) }.joined(separator: ".")
        }
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
        }
        let run = Self.longestZeroRun(groups)
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard run.count > 1 else { return text(0..<8) }
        return text(0..<run.lowerBound) + "::" + text(run.upperBound..<8)
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count {
            guard index == groups.count || groups[index] != 0 else { continue }
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }
}

/// An IP address as the data path compares it: an IPv4-mapped one is the IPv4 address itself.
package struct AddressWords: Sendable, BitwiseCopyable, Equatable {
    /// 4 or 6.
    package let family: UInt8
    /// The upper 64 bits of an IPv6 address; 0 for IPv4.
    package let high: UInt64
    /// The lower 64 bits of an IPv6 address; an IPv4 address in the lower 32.
    package let low: UInt64

    package init(family: UInt8, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
    }
}

extension IPAddress {
    package var words: AddressWords {
        let isMapped = high == 0 && low >> 32 == Self.mappedPrefix
        return isMapped
            ? AddressWords(family: 4, high: 0, low: UInt64(ipv4))
            : AddressWords(family: 6, high: high, low: low)
    }
}

/// An address or a network in CIDR form; an IPv4-mapped network of /96 or longer is an IPv4 one.
package struct IPNetwork: Sendable, Hashable {
    /// Bits after the prefix may be set; they do not count.
    package let address: IPAddress
    package let prefixLength: Int

    /// What a network looks like, for messages.
    package static let form =
        "an IPv4 or IPv6 address, or a network such as \"10.0.0.0/8\" or \"fd00::/8\""

    /// Reads `10.0.0.0/8`, `192.0.2.1` or `fd00::/8`; nil when it is none.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let longest = address.isIPv4 ? 32 : 128
        self.address = address
        guard parts.count == 2 else {
            prefixLength = longest
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1]), length <= longest
        else { return nil }
        prefixLength = length
    }

    /// The first address of the network and its mask, as `AddressWords` counts them.
    package var words: (first: AddressWords, mask: AddressWords) {
        let isV4 = address.isIPv4 || (address.words.family == 4 && prefixLength >= 96)
        let length = isV4 && !address.isIPv4 ? prefixLength - 96 : prefixLength
        let start =
            isV4
            ? address.words : AddressWords(family: 6, high: address.high, low: address.low)
        let mask =
            isV4
            ? AddressWords(family: 4, high: 0, low: Self.ones(length + 32) & 0xFFFF_FFFF)
            : AddressWords(family: 6, high: Self.ones(length), low: Self.ones(length - 64))
        let first = AddressWords(
            family: start.family,
            high: start.high & mask.high,
            low: start.low & mask.low
        )
        return (first, mask)
    }

    /// A word whose first `count` bits are set.
    private static func ones(_ count: Int) -> UInt64 {
        count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> UInt64(count))
    }
}

extension IPNetwork: CustomStringConvertible {
    /// `10.0.0.0/8`, or the address alone when the network has only one.
    package var description: String {
        let isWhole = prefixLength == (address.isIPv4 ? 32 : 128)
        return isWhole ? "\(address)" : "\(address)/\(prefixLength)"
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
