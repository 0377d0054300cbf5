/// Durations of the Gateway API (GEP-2257): `1h30m`, `10s`, `500ms`, `0s`.
enum RouteDuration {
    /// Numbers in one duration, and digits in one number.
    static let partsMax = 4
    static let digitsMax = 5

    /// Nanoseconds, or nil when the text is not a duration.
    static func nanoseconds(_ text: String) -> UInt64? {
        var rest = Array(text.utf8)[...]
        var total: UInt64 = 0
        var parts = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (48...57).contains($0) }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !(48...57).contains($0) }
            rest = rest.dropFirst(unit.count)
            guard (1...digitsMax).contains(digits.count), parts < partsMax,
                let scale = scale(String(decoding: unit, as: UTF8.self))
            else { return nil }
            parts += 1
            total += digits.reduce(0) { $0 * 10 + UInt64($1 - 48) } * scale
        }
        return parts > 0 ? total : nil
    }

    private static func scale(_ unit: String) -> UInt64? {
        switch unit {
        case "ms": 1_000_000
        case "s": 1_000_000_000
        case "m": 60_000_000_000
        case "h": 3_600_000_000_000
        default: nil
        }
    }
}
