internal import SluiceShared

/// What decides between equals: the older wins, then the name that sorts first.
struct Age: Comparable, Sendable {
    /// Seconds since 1970 and nanoseconds; nil is younger than everything that has one.
    let created: Instant?
    let name: String
    /// The document's own name, so that the order is total.
    let document: String

    init(_ order: JSONValue?, document: String) {
        created = order?["created"]?.string.flatMap(Instant.init(rfc3339:))
        name = order?["name"]?.string ?? document
        self.document = document
    }

    static func < (left: Age, right: Age) -> Bool {
        if left.created != right.created {
            guard let one = left.created else { return false }
            guard let other = right.created else { return true }
            return one < other
        }
        if left.name != right.name {
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        return left.document.utf8.lexicographicallyPrecedes(right.document.utf8)
    }
}

/// A point in time on the calendar's line.
struct Instant: Comparable, Sendable {
    let seconds: Int64
    let nanoseconds: Int64

    /// Reads `2026-01-01T00:00:00.5+02:00` (RFC 3339 section 5.6); nil when it is not one.
    init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40 else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            guard bytes[range].allSatisfy({ (48...57).contains($0) }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        var zone = 19
        var fraction: Int64 = 0
        if bytes[zone] == UInt8(ascii: ".") {
            let digits = bytes[20...].prefix { (48...57).contains($0) }
            zone = digits.endIndex
            guard (1...9).contains(digits.count), zone < bytes.count else { return nil }
            fraction = digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
            for _ in digits.count..<9 { fraction *= 10 }
        }
        guard let offset = Instant.offset(Array(bytes[zone...])) else { return nil }
        let days = Instant.days(year: year, month: month, day: day)
        seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        nanoseconds = fraction
    }

    static func < (left: Instant, right: Instant) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The seconds that a zone is ahead of UTC: `Z`, `+02:00`.
    private static func offset(_ zone: [UInt8]) -> Int64? {
        if zone == [UInt8(ascii: "Z")] { return 0 }
        let digits = zone.indices.filter { $0 != 0 && $0 != 3 }.map { Int64(zone[$0]) - 48 }
        guard zone.count == 6, digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let seconds = (digits[0] * 10 + digits[1]) * 3_600 + (digits[2] * 10 + digits[3]) * 60
        return zone[0] == UInt8(ascii: "-") ? -seconds : seconds
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted >= 0 ? shifted / 400 : (shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
