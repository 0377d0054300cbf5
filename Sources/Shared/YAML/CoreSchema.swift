/// Gives plain scalars their type by the core schema (YAML 1.2.2, section 10.3.2).
enum CoreSchema {
    enum Resolution: Equatable {
        case null
        case bool(Bool)
        /// As JSON text.
        case number([UInt8])
        case string
        /// Why the scalar has no value here.
        case refused(String)
    }

    static let tagPrefix = "tag:yaml.org,2002:"

    static func resolve(_ scalar: YAMLScalar) -> Resolution {
        guard let tag = scalar.tag else {
            return scalar.isPlain ? resolvePlain(scalar.bytes) : .string
        }
        let plain = resolvePlain(scalar.bytes)
        switch (tag, plain) {
        case ("!", _), (tagPrefix + "str", _): return .string
        case (tagPrefix + "null", .null): return plain
        case (tagPrefix + "bool", .bool): return plain
        case (tagPrefix + "int", .number(let text)) where isInteger(text): return plain
        case (tagPrefix + "float", .number): return plain
        case (tagPrefix + "null", _), (tagPrefix + "bool", _), (tagPrefix + "int", _),
            (tagPrefix + "float", _):
            let name = tag.dropFirst(tagPrefix.count)
            return .refused("\(quoted(text(scalar.bytes))) is not what its tag !!\(name) says")
        default: return .refused(refusal(ofTag: tag))
        }
    }

    static func refusal(ofTag tag: String) -> String {
        "the tag \(quoted(tag)) does not belong here; remove it"
    }

    private static func resolvePlain(_ bytes: [UInt8]) -> Resolution {
        guard bytes.count <= wordBytesMax else { return resolveNumber(bytes) }
        switch text(bytes) {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
            ".nan", ".NaN", ".NAN":
            return .refused(
                "\(text(bytes)) is no number that JSON has; for a text put it in quotes"
            )
        default: return resolveNumber(bytes)
        }
    }

    /// The longest word of the core schema is `false` or `-.inf`.
    private static let wordBytesMax = 5

    private static func resolveNumber(_ bytes: [UInt8]) -> Resolution {
        guard let first = bytes.first, first <= UInt8(ascii: "9") else { return .string }
        if bytes.starts(with: "0x".utf8) { return based(bytes.dropFirst(2), radix: 16) }
        if bytes.starts(with: "0o".utf8) { return based(bytes.dropFirst(2), radix: 8) }
        guard let spelled = decimal(bytes) else { return .string }
        switch ExactNumber.scan(spelled, from: 0, to: spelled.count) {
        case .end(spelled.count): return .number(spelled)
        case .end: return .string
        case .fault(_, let text): return .refused("\(text); for a text put it in quotes")
        }
    }

    private static func based(_ digits: ArraySlice<UInt8>, radix: UInt8) -> Resolution {
        var value: UInt64 = 0
        guard !digits.isEmpty else { return .string }
        for byte in digits {
            guard let digit = hexadecimalDigit(byte), digit < radix else { return .string }
            let (product, isHigh) = value.multipliedReportingOverflow(by: UInt64(radix))
            guard !isHigh else {
                return .refused("a number larger than 64 bits; write it with decimal digits")
            }
            value = product + UInt64(digit)
        }
        return .number([UInt8](String(value).utf8))
    }

    /// A decimal in JSON's spelling; nil when it matches neither
    /// `[-+]?[0-9]+` nor `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func decimal(_ bytes: [UInt8]) -> [UInt8]? {
        var rest = bytes[...]
        var spelled: [UInt8] = []
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            if sign == UInt8(ascii: "-") { spelled.append(sign) }
            rest = rest.dropFirst()
        }
        let whole = takeDigits(&rest)
        spelled += whole.isEmpty ? [0x30] : withoutLeadingZeros(whole)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = takeDigits(&rest)
            if !fraction.isEmpty { spelled += [UInt8(ascii: ".")] + fraction }
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        guard let letter = rest.first else { return spelled }
        guard letter | 0x20 == UInt8(ascii: "e") else { return nil }
        rest = rest.dropFirst()
        spelled.append(UInt8(ascii: "e"))
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            spelled.append(sign)
            rest = rest.dropFirst()
        }
        let power = takeDigits(&rest)
        return power.isEmpty || !rest.isEmpty ? nil : spelled + power
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    private static func withoutLeadingZeros(_ digits: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let significant = digits.drop { $0 == 0x30 }
        return significant.isEmpty ? digits.suffix(1) : significant
    }

    private static func isInteger(_ number: [UInt8]) -> Bool {
        number.allSatisfy { $0 == UInt8(ascii: "-") || ($0 >= 0x30 && $0 <= 0x39) }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
