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
