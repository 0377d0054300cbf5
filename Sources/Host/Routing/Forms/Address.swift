/// An IP address of a listener or an endpoint; never a name.
package enum Address: Hashable, Sendable {
    case v4([UInt8])
    case v6([UInt8])

    /// The address of a listener that names none: every address of both families.
    package static let everything = Address.v6([UInt8](repeating: 0, count: 16))

    /// Reads `127.0.0.1` or `::1`; no zone, no brackets, no leading zeros in IPv4 (RFC 6943 3.1.1).
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        if let parts = Address.v4Parts(bytes[...]) {
            self = .v4(parts)
        } else if let groups = Address.v6Groups(bytes) {
            self = .v6(groups)
        } else {
            return nil
        }
    }

    /// As a person writes it (RFC 5952 for IPv6).
    package var text: String {
        switch self {
        case .v4(let parts): parts.map(String.init).joined(separator: ".")
        case .v6(let bytes): Address.v6Text(bytes)
        }
    }

    /// `address:port` as a URL writes it.
    package func authority(port: UInt16) -> String {
        switch self {
        case .v4: "\(text):\(port)"
        case .v6: "[\(text)]:\(port)"
        }
    }

    /// A `sockaddr_in` or `sockaddr_in6` of Linux, padded to 16 or 28 bytes.
    package func socketAddress(port: UInt16) -> [UInt8] {
        let portBytes = [UInt8(port >> 8), UInt8(port & 0xff)]
        switch self {
        case .v4(let parts):
            return Address.family(2) + portBytes + parts + [UInt8](repeating: 0, count: 8)
        case .v6(let bytes):
            let flow = [UInt8](repeating: 0, count: 4)
            return Address.family(10) + portBytes + flow + bytes + [UInt8](repeating: 0, count: 4)
        }
    }

    /// The family is a 16-bit number in the order of the machine.
    private static func family(_ number: UInt16) -> [UInt8] {
        let little = UInt16(littleEndian: 1) == 1
        return little ? [UInt8(number), 0] : [0, UInt8(number)]
    }
}

extension Address {
    private static func v4Parts(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (48...57).contains($0) }),
                part.count == 1 || part.first != UInt8(ascii: "0"),
                let value = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bytes.append(value)
        }
        return bytes
    }

    private static func v6Groups(_ text: [UInt8]) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        for index in text.indices.dropLast() where text[index] == colon && text[index + 1] == colon
        {
            if gap != nil { return nil }
            gap = index
        }
        guard let gap else {
            guard let groups = groups(text[...]), groups.count == 16 else { return nil }
            return groups
        }
        guard let head = groups(text[..<gap], mayEndInV4: false),
            let tail = groups(text[(gap + 2)...]), head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of groups between colons; the last may be an IPv4 address.
    private static func groups(_ text: ArraySlice<UInt8>, mayEndInV4: Bool = true) -> [UInt8]? {
        if text.isEmpty { return [] }
        let groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, group) in groups.enumerated() {
            if mayEndInV4, index == groups.count - 1, let parts = v4Parts(group) {
                bytes += parts
                continue
            }
            guard (1...4).contains(group.count), group.first != UInt8(ascii: "+"),
                let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
            else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return bytes
    }

    private static func v6Text(_ bytes: [UInt8]) -> String {
        let groups = (0..<8).map { UInt16(bytes[$0 * 2]) << 8 | UInt16(bytes[$0 * 2 + 1]) }
        let gap = longestZeros(groups)
        func joined(_ range: Range<Int>) -> String {
            range.map { String(groups[$0], radix: 16) }.joined(separator: ":")
        }
        guard gap.count >= 2 else { return joined(0..<8) }
        return joined(0..<gap.lowerBound) + "::" + joined(gap.upperBound..<8)
    }

    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > longest.count { longest = start..<index }
            start = index + 1
        }
        return longest
    }
}
