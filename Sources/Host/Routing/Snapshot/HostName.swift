internal import SluiceBase

/// How a host is read on the data path.
enum HostName {
    /// The host without its port and without a trailing dot (RFC 9110 7.2, RFC 3986 3.2.2).
    static func bare(_ host: Bytes) -> Bytes {
        var end = host.count
        if end > 0 && host[0] == UInt8(ascii: "[") {
            let bracket = host.index(of: UInt8(ascii: "]"))
            if bracket >= 0 { end = bracket &+ 1 }
        } else {
            let colon = host.index(of: UInt8(ascii: ":"))
            if colon >= 0 { end = colon }
        }
        if end > 1 && host[end &- 1] == UInt8(ascii: ".") { end &-= 1 }
        return host.prefix(end)
    }

    /// One more than the number of dots.
    static func labels(_ host: Bytes) -> Int {
        var count = 1
        var dot = host.index(of: UInt8(ascii: "."))
        while dot >= 0 {
            count &+= 1
            dot = host.index(of: UInt8(ascii: "."), from: dot &+ 1)
        }
        return count
    }

    /// The bit of `HostTable.wildcardLabels` that stands for suffixes of `labels` labels.
    static func labelsBit(_ labels: Int) -> UInt64 { 1 << UInt64(min(labels, 63)) }
}
