/// Sizes as people write them: `4096`, `64KiB` or `1MiB`.
package enum ByteSize {
    /// What a size looks like, for messages.
    package static let form = "a size such as 4096, 64KiB or 1MiB"

    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1_024 * mebibyte), ("MiB", mebibyte), ("KiB", kibibyte), ("B", 1), ("", 1),
    ]
    /// Ten digits of any unit fit an Int.
    private static let digitsMax = 10

    /// Bytes of a size, or nil if it is not one.
    package static func bytes(_ text: String) -> Int? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let name = text.utf8[digits.endIndex...]
        guard (1...digitsMax).contains(digits.count),
            let number = Int(String(Substring(digits))),
            let unit = units.first(where: { $0.name.utf8.elementsEqual(name) })
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    /// A size in the largest unit that divides it.
    package static func text(_ bytes: Int) -> String {
        guard bytes > 0,
            let unit = units.first(where: { bytes % $0.bytes == 0 }), unit.bytes > 1
        else { return String(bytes) }
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}

/// Durations as people write them: the Gateway API's form, such as `10s`, `500ms` or `1h30m`.
package enum TimeSpan {
    /// What a duration looks like, for messages.
    package static let form = "a duration such as 10s, 500ms or 1h30m"
    /// The word for a time that never ends, where a setting allows it.
    package static let neverWord = "never"

    private static let units: [(name: String, nanoseconds: Int)] = [
        ("h", 3_600 * second), ("m", 60 * second), ("s", second), ("ms", millisecond),
    ]
    /// GEP-2257: at most four parts of at most five digits.
    private static let partsMax = 4
    private static let digitsMax = 5

    /// Nanoseconds of a duration by GEP-2257 (Gateway API), or nil if it is not one.
    package static func nanoseconds(_ text: String) -> Int? {
        var rest = text.utf8[...]
        var total = 0
        var parts = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[digits.endIndex...]
            let name = rest.prefix { !(0x30...0x39).contains($0) }
            rest = rest[name.endIndex...]
            parts += 1
            guard parts <= partsMax, (1...digitsMax).contains(digits.count),
                let number = Int(String(Substring(digits))),
                let unit = units.first(where: { $0.name.utf8.elementsEqual(name) })
            else { return nil }
            total = saturated(total, adding: number, times: unit.nanoseconds)
        }
        return parts > 0 ? total : nil
    }

    /// The longest duration is shorter than `Limits.never`, which alone means no limit.
    private static func saturated(_ total: Int, adding number: Int, times unit: Int) -> Int {
        let (product, isTooLong) = number.multipliedReportingOverflow(by: unit)
        let (sum, isOverflowing) = total.addingReportingOverflow(product)
        return isTooLong || isOverflowing ? Limits.never - 1 : sum
    }

    /// A duration in the fewest parts, such as `1m15s`; `10µs` below a millisecond.
    package static func text(_ nanoseconds: Int) -> String {
        guard nanoseconds > 0 else { return "0s" }
        guard nanoseconds != Limits.never else { return neverWord }
        var rest = nanoseconds
        var text = ""
        for unit in units where rest >= unit.nanoseconds {
            // 75s reads better than 1m15s, and a day has no unit of its own.
            let count = rest / unit.nanoseconds
            let remainder = rest % unit.nanoseconds
            guard remainder == 0 || unit.nanoseconds <= second else { continue }
            text += "\(count)\(unit.name)"
            rest = remainder
        }
        return rest > 0 ? text + "\(rest / 1_000)µs" : text
    }
}

/// What an instance or a listener may be called: it becomes part of file names and metrics.
package enum NameRule {
    package static let bytesMax = 63

    /// Lower-case letters, digits and inner hyphens, as a DNS label (RFC 1123).
    package static func allows(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1...bytesMax).contains(bytes.count)
            && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            && bytes.first.map(isLetterOrDigit) == true
            && bytes.last.map(isLetterOrDigit) == true
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
