/// Durations as people write them: the Gateway API's form, such as `10s`, `500ms` or `1h30m`.
package enum TimeSpan {
    /// What a duration looks like, for messages.
    package static let form = "a duration such as 10s, 500ms or 1h30m"

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
            total += number * unit.nanoseconds
        }
        return parts > 0 ? total : nil
    }

    /// A duration in the fewest parts, such as `1m15s`; `10µs` below a millisecond.
    package static func text(_ nanoseconds: Int) -> String {
        guard nanoseconds > 0 else { return "0s" }
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
