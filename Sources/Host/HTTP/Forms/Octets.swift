internal import SluiceBase

/// Classes of octets, in one table of flags (RFC 9110 5.6.2, RFC 3986).
enum Octet {
    static let token: UInt8 = 1
    static let target: UInt8 = 2
    static let host: UInt8 = 4

    /// The flags of each octet.
    private static let classes = Table(flags)

    private static var flags: [UInt8] {
        var flags = [UInt8](repeating: 0, count: 256)
        for byte in 0x21...0x7e where byte != 0x23 { flags[byte] |= target }
        for byte in "!#$%&'*+-.^_`|~".utf8 { flags[Int(byte)] |= token }
        for byte in "-._~!$&'()*+,;=%:[]".utf8 { flags[Int(byte)] |= host }
        for byte in "0123456789".utf8 { flags[Int(byte)] |= token | host }
        for byte in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8 {
            flags[Int(byte)] |= token | host
        }
        return flags
    }

    /// The same table as a view that costs nothing to reach.
    static let view: TableView<UInt8> = classes.view
}

/// Checks whole runs of octets.
package struct OctetTable: Sendable, BitwiseCopyable {
    private let classes: TableView<UInt8>

    package init() { classes = Octet.view }

    /// Whether every octet may stand in a method or a field name; false when empty.
    func isToken(_ bytes: Bytes) -> Bool { !bytes.isEmpty && all(bytes, Octet.token) }

    /// Whether an octet may stand in a token.
    func isToken(_ byte: UInt8) -> Bool { classes[Int(byte)] & Octet.token != 0 }

    /// Whether every octet may stand in a request target.
    func isTarget(_ bytes: Bytes) -> Bool { all(bytes, Octet.target) }

    /// Whether every octet may stand in a host with port.
    func isHost(_ bytes: Bytes) -> Bool { all(bytes, Octet.host) }

    private func all(_ bytes: Bytes, _ flag: UInt8) -> Bool {
        for index in 0..<bytes.count where classes[Int(bytes[index])] & flag == 0 { return false }
        return true
    }
}

extension Bytes {
    /// Whether no octet is a control other than HTAB (RFC 9110 5.5): eight at a time.
    func isFieldValue() -> Bool {
        var index = 0
        while index &+ 8 <= count {
            if Bytes.mayHoldControl(word(at: index)) && !isPlain(index, 8) { return false }
            index &+= 8
        }
        return isPlain(index, count &- index)
    }

    private func isPlain(_ offset: Int, _ length: Int) -> Bool {
        for index in offset..<(offset &+ length) {
            let byte = self[index]
            if (byte < 0x20 && byte != 0x09) || byte == 0x7f { return false }
        }
        return true
    }

    /// Whether some byte of `word` is below 0x20 or is 0x7f.
    @inline(__always)
    private static func mayHoldControl(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let low = (word &- ones &* 0x20) & ~word & highs
        let delete = word ^ (ones &* 0x7f)
        return low | ((delete &- ones) & ~delete & highs) != 0
    }
}
