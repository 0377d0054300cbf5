internal import Glibc

/// An IP address and a port; plain data.
///
/// An IPv4 address that is mapped into IPv6 (RFC 4291 2.5.5.2) is stored as IPv4, so that limits,
/// logs and trust see one form.
package struct PeerAddress: BitwiseCopyable, Sendable, Hashable {
    /// The bytes of the longest text: an IPv6 address in brackets with a port.
    package static let bytesMax = 48

    /// 0 for no address, 4 or 6.
    package let family: UInt8
    package let port: UInt16
    /// The upper half of an IPv6 address, most significant byte first; 0 for IPv4.
    package let high: UInt64
    /// The lower half of an IPv6 address, or an IPv4 address.
    package let low: UInt64

    private init(family: UInt8, port: UInt16, high: UInt64, low: UInt64) {
        self.family = family
        self.port = port
        self.high = high
        self.low = low
    }

    /// No address: a Unix socket, or a peer that is gone.
    package static var none: PeerAddress { PeerAddress(family: 0, port: 0, high: 0, low: 0) }

    /// An IPv4 address, most significant byte first.
    package init(v4: UInt32, port: UInt16) {
        self.init(family: 4, port: port, high: 0, low: UInt64(v4))
    }

    /// An IPv6 address; a mapped IPv4 address becomes IPv4.
    package init(v6High high: UInt64, low: UInt64, port: UInt16) {
        let isMapped = high == 0 && low >> 32 == 0xffff
        self.init(
            family: isMapped ? 4 : 6,
            port: port,
            high: high,
            low: isMapped ? low & 0xffff_ffff : low
        )
    }

    /// The address in a `sockaddr_in` or `sockaddr_in6`; none for anything else.
    package init(socketAddress bytes: Bytes) {
        self = .none
        guard bytes.count >= 16 else { return }
        // In the byte order of the machine, which is little-endian wherever Sluice runs.
        let family = Int32(bytes[0]) | Int32(bytes[1]) << 8
        let port = UInt16(truncatingIfNeeded: bytes.bigEndian(2, 2))
        if family == AF_INET {
            self.init(v4: UInt32(truncatingIfNeeded: bytes.bigEndian(4, 4)), port: port)
        } else if family == AF_INET6, bytes.count >= 28 {
            self.init(v6High: bytes.bigEndian(8, 8), low: bytes.bigEndian(16, 8), port: port)
        }
    }

    /// The address whose text is `host`: RFC 5952 or dotted decimal, no zone, no brackets.
    package init?(host: Bytes, port: UInt16) {
        if let v4 = AddressText.v4(host) {
            self.init(v4: v4, port: port)
        } else if let (high, low) = AddressText.v6(host) {
            self.init(v6High: high, low: low, port: port)
        } else {
            return nil
        }
    }

    /// The other end of a connected socket; none when it is gone or not IP.
    package static func peer(of descriptor: Int32) -> PeerAddress {
        named(descriptor, isPeer: true)
    }

    /// This end of a socket; none when it is not IP.
    package static func local(of descriptor: Int32) -> PeerAddress {
        named(descriptor, isPeer: false)
    }

    private static func named(_ descriptor: Int32, isPeer: Bool) -> PeerAddress {
        var name = sockaddr_in6()
        let size = MemoryLayout<sockaddr_in6>.size
        var length = socklen_t(size)
        let status = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe isPeer
                    ? getpeername(descriptor, $0, &length) : getsockname(descriptor, $0, &length)
            }
        }
        guard status == 0 else { return .none }
        return unsafe withUnsafeBytes(of: &name) { raw in
            guard let start = unsafe raw.bindMemory(to: UInt8.self).baseAddress else {
                return .none
            }
            let bytes = unsafe Bytes(start: start, count: min(Int(length), size))
            return PeerAddress(socketAddress: bytes)
        }
    }
}

extension PeerAddress {
    /// Whether there is no address.
    package var isNone: Bool { family == 0 }

    /// As a log writes it; empty when there is none.
    ///
    /// Allocates, so for control threads only.
    package var text: String {
        let memory = Table<UInt8>(repeating: 0, count: Self.bytesMax)
        var writer = memory.writer()
        write(to: &writer)
        return isNone ? "" : writer.bytes.text
    }

    /// The same without a port and without brackets.
    package var hostText: String {
        let memory = Table<UInt8>(repeating: 0, count: Self.bytesMax)
        var writer = memory.writer()
        writeHost(to: &writer)
        return writer.bytes.text
    }

    package var isIPv6: Bool { family == 6 }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        isIPv6 ? high == 0 && low == 1 : family == 4 && low >> 24 == 127
    }

    /// Writes `host:port`, an IPv6 host in brackets; nothing when there is no address.
    package func write(to output: inout ByteWriter) {
        guard !isNone else { return }
        if isIPv6 { output.append(UInt8(ascii: "[")) }
        writeHost(to: &output)
        if isIPv6 { output.append(UInt8(ascii: "]")) }
        output.append(UInt8(ascii: ":"))
        output.append(decimal: Int(port))
    }

    /// Writes the address without a port and without brackets (RFC 5952).
    package func writeHost(to output: inout ByteWriter) {
        if isIPv6 { return writeIPv6(to: &output) }
        guard family == 4 else { return }
        output.append(octet: UInt8(truncatingIfNeeded: low >> 24))
        output.append(UInt8(ascii: "."))
        output.append(octet: UInt8(truncatingIfNeeded: low >> 16))
        output.append(UInt8(ascii: "."))
        output.append(octet: UInt8(truncatingIfNeeded: low >> 8))
        output.append(UInt8(ascii: "."))
        output.append(octet: UInt8(truncatingIfNeeded: low))
    }

    private func writeIPv6(to output: inout ByteWriter) {
        let zeros = longestZeros
        var index = 0
        while index < 8 {
            if index == zeros.start {
                output.append("::")
                index &+= zeros.count
                continue
            }
            if index > 0, index != zeros.start &+ zeros.count {
                output.append(UInt8(ascii: ":"))
            }
            output.append(group: group(index))
            index &+= 1
        }
    }

    /// The sixteen bits at `index`, 0 to 7.
    private func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 &- 16 &* (index & 3)))
    }

    /// The longest run of at least two groups of zeros, the first of equal ones (RFC 5952 4.2).
    private var longestZeros: (start: Int, count: Int) {
        var best = (start: -1, count: 1)
        var count = 0
        for index in 0..<8 {
            count = group(index) == 0 ? count &+ 1 : 0
            if count > best.count { best = (index &- count &+ 1, count) }
        }
        return best.start < 0 ? (-1, 0) : best
    }
}

/// A network of IP addresses in CIDR notation, for trust and limits; plain data.
package struct Network: BitwiseCopyable, Sendable, Hashable {
    /// What a network looks like, for messages.
    package static let form =
        "an IPv4 or IPv6 address, or a network such as \"10.0.0.0/8\" or \"fd00::/8\""

    /// Bits that count: of a network of IPv4, at most 32.
    package let length: Int
    private let base: PeerAddress
    private let highMask: UInt64
    private let lowMask: UInt64

    /// The network of a text as `10.0.0.0/8`, `fd00::/8` or `::1`; nil for anything else.
    ///
    /// Without a length it is the one address. Bits behind the length are ignored. A network of
    /// mapped addresses (`::ffff:10.0.0.0/104`) is the IPv4 network.
    package init?(_ text: String) {
        guard let network = text.withBytes({ Network(text: $0) }) else { return nil }
        self = network
    }

    private init?(text: Bytes) {
        let slash = text.index(of: UInt8(ascii: "/"))
        let host = slash < 0 ? text : text.prefix(slash)
        guard let address = PeerAddress(host: host, port: 0) else { return nil }
        let isMapped = !address.isIPv6 && host.index(of: UInt8(ascii: ":")) >= 0
        let bitsMax = address.isIPv6 || isMapped ? 128 : 32
        var written = bitsMax
        if slash >= 0 {
            guard let number = AddressText.number(text.from(slash &+ 1)), number <= bitsMax else {
                return nil
            }
            written = number
        }
        // Of the mapped addresses alone: a wider network is one of IPv6 that has no other text.
        if isMapped, written < 96 { return nil }
        let bits = isMapped ? written &- 96 : written
        length = bits
        highMask = address.isIPv6 ? Network.mask(bits) : 0
        lowMask = address.isIPv6 ? Network.mask(bits &- 64) : Network.mask(bits &+ 32)
        base = address
    }

    /// The upper `bits` of sixty-four.
    private static func mask(_ bits: Int) -> UInt64 {
        bits <= 0 ? 0 : bits >= 64 ? UInt64.max : UInt64.max << UInt64(64 &- bits)
    }

    /// Whether the address is in the network, whatever its port; false for none.
    package func contains(_ address: PeerAddress) -> Bool {
        !address.isNone && address.isIPv6 == base.isIPv6
            && (address.high ^ base.high) & highMask == 0
            && (address.low ^ base.low) & lowMask == 0
    }
}

/// Reads the texts of addresses; allocates nothing.
private enum AddressText {
    /// Four decimal numbers; a leading zero is refused, some readers take it for octal.
    static func v4(_ text: Bytes) -> UInt32? {
        var value: UInt32 = 0
        var index = 0
        for part in 0..<4 {
            let dot = text.index(of: UInt8(ascii: "."), from: index)
            guard part < 3 ? dot >= 0 : dot < 0 else { return nil }
            let end = dot < 0 ? text.count : dot
            guard index <= end, let octet = number(text.slice(index, end &- index)), octet < 256
            else { return nil }
            value = value << 8 | UInt32(truncatingIfNeeded: octet)
            index = end &+ 1
        }
        return value
    }

    /// One to three decimal digits without a leading zero.
    static func number(_ text: Bytes) -> Int? {
        guard text.count >= 1, text.count <= 3 else { return nil }
        guard text.count == 1 || text[0] != 0x30 else { return nil }
        var value = 0
        for index in 0..<text.count {
            let digit = text[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// Eight groups, at most one run of them written `::`, the last two perhaps as IPv4.
    static func v6(_ text: Bytes) -> (high: UInt64, low: UInt64)? {
        let gap = doubleColon(text)
        guard gap >= 0 else {
            guard let all = groups(text, endsWithIPv4: true), all.count == 8 else { return nil }
            return (all.high, all.low)
        }
        guard let head = groups(text.prefix(gap), endsWithIPv4: false),
            let tail = groups(text.from(gap &+ 2), endsWithIPv4: true),
            head.count &+ tail.count < 8
        else { return nil }
        // Shifts by 64 and more give 0, and by a negative number go the other way.
        let bits = 16 &* (8 &- head.count)
        let high = head.high << bits | head.low >> (64 &- bits)
        return (high | tail.high, head.low << bits | tail.low)
    }

    private static func doubleColon(_ text: Bytes) -> Int {
        var colon = text.index(of: UInt8(ascii: ":"))
        while colon >= 0, colon &+ 1 < text.count {
            if text[colon &+ 1] == UInt8(ascii: ":") { return colon }
            colon = text.index(of: UInt8(ascii: ":"), from: colon &+ 1)
        }
        return -1
    }

    /// Groups of one to four hexadecimal digits, right-aligned in 128 bits; none for no text.
    private static func groups(
        _ text: Bytes,
        endsWithIPv4: Bool
    ) -> (high: UInt64, low: UInt64, count: Int)? {
        var value = (high: UInt64(0), low: UInt64(0), count: 0)
        guard !text.isEmpty else { return value }
        var index = 0
        while true {
            let colon = text.index(of: UInt8(ascii: ":"), from: index)
            let end = colon < 0 ? text.count : colon
            let part = text.slice(index, end &- index)
            if colon < 0, endsWithIPv4, let v4 = v4(part) {
                push(UInt64(v4 >> 16), &value)
                push(UInt64(v4 & 0xffff), &value)
            } else if let group = group(part) {
                push(group, &value)
            } else {
                return nil
            }
            guard value.count <= 8 else { return nil }
            guard colon >= 0 else { return value }
            index = end &+ 1
            guard index < text.count else { return nil }
        }
    }

    private static func push(
        _ group: UInt64,
        _ value: inout (high: UInt64, low: UInt64, count: Int)
    ) {
        value.high = value.high << 16 | value.low >> 48
        value.low = value.low << 16 | group
        value.count &+= 1
    }

    private static func group(_ text: Bytes) -> UInt64? {
        guard text.count >= 1, text.count <= 4 else { return nil }
        var value: UInt64 = 0
        for index in 0..<text.count {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte &- 0x30
            case 0x41...0x46: digit = byte &- 0x37
            case 0x61...0x66: digit = byte &- 0x57
            default: return nil
            }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}

extension ByteWriter {
    /// Appends a number below 256 in decimal digits.
    fileprivate mutating func append(octet: UInt8) {
        if octet >= 100 { append(0x30 &+ octet / 100) }
        if octet >= 10 { append(0x30 &+ octet / 10 % 10) }
        append(0x30 &+ octet % 10)
    }

    /// Appends sixteen bits in lower-case hexadecimal digits without leading zeros.
    fileprivate mutating func append(group: UInt16) {
        var shift: UInt16 = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0
        while true {
            let nibble = UInt8(truncatingIfNeeded: group >> shift & 15)
            append(nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble)
            guard shift > 0 else { return }
            shift &-= 4
        }
    }
}

extension Bytes {
    /// The number in `length` bytes at `offset`, most significant byte first; at most eight.
    fileprivate func bigEndian(_ offset: Int, _ length: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in offset..<(offset &+ length) { value = value << 8 | UInt64(self[index]) }
        return value
    }
}
