package import SluiceBase

/// A host with an optional port, as Host fields and absolute targets carry it (RFC 3986 3.2).
package enum Authority {
    /// Whether `value` is a host name, an IPv4 address or a bracketed IPv6 address, with a port
    /// from 0 to 65535 or none.
    ///
    /// User information and the empty host are refused.
    static func isValid(_ value: Bytes, _ octets: OctetTable) -> Bool {
        guard value.count > 0, value.count <= 261, octets.isHost(value) else { return false }
        let host = Authority.host(of: value)
        guard host.count > 0 else { return false }
        if host.count == value.count { return isHost(host) }
        guard value[host.count] == 0x3a else { return false }
        return isHost(host) && isPort(value.from(host.count &+ 1))
    }

    /// The host without its port; brackets of IPv6 stay.
    package static func host(of value: Bytes) -> Bytes {
        if value.count > 0, value[0] == 0x5b {
            let end = value.index(of: 0x5d)
            return end < 0 ? .empty : value.prefix(end &+ 1)
        }
        let colon = value.index(of: 0x3a)
        return colon < 0 ? value : value.prefix(colon)
    }

    private static func isHost(_ host: Bytes) -> Bool {
        guard host[0] == 0x5b else {
            return host.index(of: 0x5b) < 0 && host.index(of: 0x5d) < 0
                && host.index(of: 0x3a) < 0 && hasWholeEscapes(host)
        }
        return isIPv6(host.slice(1, host.count &- 2))
    }

    private static func isPort(_ port: Bytes) -> Bool {
        guard !port.isEmpty else { return true }
        guard port.count <= 5, let number = port.decimal() else { return false }
        return number <= 65_535
    }

    private static func hasWholeEscapes(_ host: Bytes) -> Bool {
        var index = host.index(of: 0x25)
        while index >= 0 {
            guard index &+ 2 < host.count, host.hex(at: index &+ 1) >= 0,
                host.hex(at: index &+ 2) >= 0
            else { return false }
            index = host.index(of: 0x25, from: index &+ 1)
        }
        return true
    }

    /// RFC 4291 2.2: groups of one to four hex digits, one `::` at most, perhaps IPv4 at the end.
    private static func isIPv6(_ text: Bytes) -> Bool {
        var groups = 0
        var compressed = false
        var index = 0
        guard text.count >= 2 else { return false }
        if text[0] == 0x3a {
            guard text[1] == 0x3a else { return false }
            compressed = true
            index = 2
        }
        while index < text.count {
            let colon = text.index(of: 0x3a, from: index)
            let end = colon < 0 ? text.count : colon
            let group = text.slice(index, end &- index)
            if colon < 0, group.index(of: 0x2e) >= 0 {
                return isIPv4(group) && (compressed ? groups <= 5 : groups == 6)
            }
            guard isGroup(group) else { return false }
            groups &+= 1
            if colon < 0 { break }
            index = end &+ 1
            guard index < text.count else { return false }
            if text[index] == 0x3a {
                guard !compressed else { return false }
                compressed = true
                index &+= 1
            }
        }
        return compressed ? groups <= 7 : groups == 8
    }

    private static func isGroup(_ group: Bytes) -> Bool {
        guard group.count >= 1, group.count <= 4 else { return false }
        for index in 0..<group.count where group.hex(at: index) < 0 { return false }
        return true
    }

    private static func isIPv4(_ text: Bytes) -> Bool {
        var parts = 0
        var index = 0
        while index <= text.count {
            let dot = text.index(of: 0x2e, from: index)
            let end = dot < 0 ? text.count : dot
            let part = text.slice(index, end &- index)
            guard part.count <= 3, let number = part.decimal(), number <= 255 else { return false }
            parts &+= 1
            if dot < 0 { break }
            index = end &+ 1
        }
        return parts == 4
    }
}

extension Bytes {
    /// The value of the hexadecimal digit at `index`, or -1.
    @inline(__always)
    func hex(at index: Int) -> Int {
        let byte = self[index]
        switch byte {
        case 0x30...0x39: return Int(byte &- 0x30)
        case 0x41...0x46: return Int(byte &- 0x37)
        case 0x61...0x66: return Int(byte &- 0x57)
        default: return -1
        }
    }
}
