/// A decimal number without rounding: sign, digits and a power of ten.
///
/// Two numbers of equal value have equal parts: no leading or trailing zero digits, zero is
/// positive, has no digits and exponent 0.
struct ExactNumber: Sendable, Equatable {
    private(set) var isNegative = false
    /// From 0 to 9 each, the most significant first.
    private(set) var digits: [UInt8] = []
    /// The value is the digits read as an integer, times ten to this power.
    private(set) var exponent = 0

    /// Reads a number whose grammar `scan` accepted.
    init(_ text: some Sequence<UInt8>) {
        var fractionDigits = 0
        var written = 0
        var part = Part.integer
        var exponentIsNegative = false
        for byte in text {
            switch byte {
            case UInt8(ascii: "-") where part == .exponent: exponentIsNegative = true
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): part = .fraction
            case UInt8(ascii: "e"), UInt8(ascii: "E"): part = .exponent
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if part == .exponent {
                    written = min(written * 10 + Int(byte - 0x30), ParseLimits.exponentMax)
                } else {
                    digits.append(byte - 0x30)
                    fractionDigits += part == .fraction ? 1 : 0
                }
            default: break
            }
        }
        exponent = (exponentIsNegative ? -written : written) - fractionDigits
        normalize()
    }

    private enum Part { case integer, fraction, exponent }

    private mutating func normalize() {
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        digits.removeFirst(digits.prefix { $0 == 0 }.count)
        if digits.isEmpty {
            exponent = 0
            isNegative = false
        }
    }

    var isInteger: Bool { exponent >= 0 }

    /// The value when it is an integer that fits.
    func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        guard isInteger, digits.count + exponent <= Self.integerDigitsMax else { return nil }
        var value: Integer = 0
        for position in 0..<digits.count + exponent {
            let digit = position < digits.count ? Integer(digits[position]) : 0
            let (product, high) = value.multipliedReportingOverflow(by: 10)
            let (sum, over) =
                isNegative
                ? product.subtractingReportingOverflow(digit)
                : product.addingReportingOverflow(digit)
            if high || over { return nil }
            value = sum
        }
        return value
    }

    /// Digits of the largest integer that any type has: 2 to the power of 128.
    private static let integerDigitsMax = 39

    /// The one spelling of this value: that of ECMAScript (RFC 8785, 3.2.2.3), but exact.
    var canonical: [UInt8] {
        guard !digits.isEmpty else { return [0x30] }
        let text = digits.map { $0 + 0x30 }
        let point = digits.count + exponent
        let sign: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        let dot: [UInt8] = [UInt8(ascii: ".")]
        if exponent >= 0 && point <= 21 {
            return sign + text + Array(repeating: 0x30, count: exponent)
        }
        if point > 0 && point <= 21 {
            return sign + text[..<point] + dot + text[point...]
        }
        if point > -6 && point <= 0 {
            return sign + [0x30] + dot + Array(repeating: 0x30, count: -point) + text
        }
        let mantissa = text.count == 1 ? text : text[..<1] + dot + text[1...]
        return sign + mantissa + Array("e\(point > 0 ? "+" : "")\(point - 1)".utf8)
    }

    /// Whether this is an exact integer multiple of `divisor`, which has a `divisorDigits`.
    func isMultiple(of divisor: ExactNumber) -> Bool {
        guard let modulus = divisor.divisorDigits, !digits.isEmpty else { return digits.isEmpty }
        // Without trailing zero digits this number cannot be a multiple of a higher power of ten.
        guard exponent >= divisor.exponent else { return false }
        var rest: UInt64 = 0
        for digit in digits {
            rest = Self.multiply(rest, 10, modulus: modulus)
            rest = (rest + UInt64(digit)) % modulus
        }
        let power = Self.power(10, exponent - divisor.exponent, modulus: modulus)
        return Self.multiply(rest, power, modulus: modulus) == 0
    }

    /// The digits as an integer when there are few enough to divide by.
    var divisorDigits: UInt64? {
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt64($1) }
    }

    private static func multiply(_ one: UInt64, _ other: UInt64, modulus: UInt64) -> UInt64 {
        modulus.dividingFullWidth((one % modulus).multipliedFullWidth(by: other % modulus))
            .remainder
    }

    private static func power(_ base: UInt64, _ exponent: Int, modulus: UInt64) -> UInt64 {
        var result = 1 % modulus
        var square = base % modulus
        var left = exponent
        while left > 0 {
            if left & 1 == 1 { result = multiply(result, square, modulus: modulus) }
            square = multiply(square, square, modulus: modulus)
            left >>= 1
        }
        return result
    }
}

extension ExactNumber: Comparable {
    static func < (one: ExactNumber, other: ExactNumber) -> Bool {
        if one.signum != other.signum { return one.signum < other.signum }
        return one.isNegative ? other.magnitudeIsLess(than: one) : one.magnitudeIsLess(than: other)
    }

    private var signum: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    private func magnitudeIsLess(than other: ExactNumber) -> Bool {
        let point = digits.count + exponent
        let otherPoint = other.digits.count + other.exponent
        if point != otherPoint { return point < otherPoint }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

extension ExactNumber {
    /// Where the JSON number (RFC 8259, section 6) that starts at `start` ends, or what is wrong.
    static func scan(_ bytes: [UInt8], from start: Int, to end: Int) -> NumberScan {
        var at = start
        func skipDigits() -> Int {
            let first = at
            while at < end, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
            return at - first
        }
        if at < end, bytes[at] == UInt8(ascii: "-") { at += 1 }
        let whole = at
        let wholeDigits = skipDigits()
        if wholeDigits == 0 { return .fault(at, "expected a digit") }
        if wholeDigits > 1 && bytes[whole] == 0x30 {
            return .fault(whole, "a number must not start with 0; remove the zero")
        }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            at += 1
            if skipDigits() == 0 { return .fault(at, "expected a digit behind the point") }
        }
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
                at += 1
            }
            let first = at
            if skipDigits() == 0 { return .fault(at, "expected a digit in the exponent") }
            let power = bytes[first..<at].reduce(0) {
                min($0 * 10 + Int($1 - 0x30), ParseLimits.exponentMax + 1)
            }
            if power > ParseLimits.exponentMax {
                return .fault(first, "the exponent is larger than \(ParseLimits.exponentMax)")
            }
        }
        if at - start > ParseLimits.numberCharactersMax {
            let limit = ParseLimits.numberCharactersMax
            return .fault(start, "the number is longer than \(limit) characters")
        }
        return .end(at)
    }
}

/// What looking for the end of a number found.
enum NumberScan {
    case end(Int)
    /// Where, and what is wrong.
    case fault(Int, String)
}
