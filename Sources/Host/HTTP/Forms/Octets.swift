package import SluiceBase

/// Classes of octets, in one table of flags (RFC 9110 5.6.2, RFC 3986).
enum Octet {
    static let token: UInt8 = 1
    static let target: UInt8 = 2
    static let host: UInt8 = 4
    /// Of an identifier that a peer chose and that is passed on (`X-Request-Id`).
    static let identifier: UInt8 = 8
    /// RFC 3986 2.3.
    static let unreserved: UInt8 = 16
    /// In a path, and without a meaning for its canonical form.
    static let plainPath: UInt8 = 32

    /// The flags of each octet.
    private static let classes = Table(flags)

    private static var flags: [UInt8] {
        var flags = [UInt8](repeating: 0, count: 256)
        for byte in 0x21...0x7e where byte != 0x23 { flags[byte] |= target }
        for byte in 0x21...0x7e where !"#?%;./\\".utf8.contains(UInt8(byte)) {
            flags[byte] |= plainPath
        }
        for byte in "!#$%&'*+-.^_`|~".utf8 { flags[Int(byte)] |= token }
        for byte in "-._~!$&'()*+,;=%:[]".utf8 { flags[Int(byte)] |= host }
        for byte in "-._:".utf8 { flags[Int(byte)] |= identifier }
        for byte in "-._~".utf8 { flags[Int(byte)] |= unreserved }
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        for byte in letters.utf8 { flags[Int(byte)] |= token | host | identifier | unreserved }
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

    /// Whether every octet may stand in a request target.
    func isTarget(_ bytes: Bytes) -> Bool { all(bytes, Octet.target) }

    /// Whether every octet may stand in an identifier.
    func isIdentifier(_ bytes: Bytes) -> Bool { all(bytes, Octet.identifier) }

    /// Whether escaping the octet in a URI changes nothing (RFC 3986 2.3).
    @inline(__always)
    func isUnreserved(_ byte: UInt8) -> Bool { classes[Int(byte)] & Octet.unreserved != 0 }

    /// Whether the octet is one of a path that its canonical form keeps, wherever it stands.
    @inline(__always)
    func isPlainInPath(_ byte: UInt8) -> Bool { classes[Int(byte)] & Octet.plainPath != 0 }

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

/// The elements of a comma-separated field value, without white space; empty ones are skipped
/// (RFC 9110 5.6.1).
package struct ListElements {
    private var rest: Bytes

    package init(_ value: Bytes) { rest = value }

    package mutating func next() -> Bytes? {
        while !rest.isEmpty {
            let comma = rest.index(of: 0x2c)
            let element = (comma < 0 ? rest : rest.prefix(comma)).trimmed()
            rest = comma < 0 ? .empty : rest.from(comma &+ 1)
            if !element.isEmpty { return element }
        }
        return nil
    }
}

extension Bytes {
    /// Without spaces and tabs at both ends.
    package func trimmed() -> Bytes {
        var first = 0
        var last = count
        while first < last, self[first] == 0x20 || self[first] == 0x09 { first &+= 1 }
        while last > first, self[last &- 1] == 0x20 || self[last &- 1] == 0x09 { last &-= 1 }
        return slice(first, last &- first)
    }

    /// The value of decimal digits alone, at most eighteen of them; nil for anything else.
    package func decimal() -> Int64? {
        guard count > 0, count <= 18 else { return nil }
        var value: Int64 = 0
        for index in 0..<count {
            let digit = self[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }

    /// Why a Transfer-Encoding other than plain `chunked` is refused.
    func encodingFault() -> HeadFault {
        var codings = ListElements(self)
        var chunked = 0
        var others = 0
        var last = false
        while let coding = codings.next() {
            last = coding.equalsIgnoringCase("chunked")
            if last { chunked &+= 1 } else { others &+= 1 }
        }
        return chunked == 1 && last && others > 0 ? .unknownCoding : .transferEncoding
    }
}
