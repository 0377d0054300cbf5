package import SluiceBase

/// The IMF-fixdate of now (RFC 9110 5.6.7), rewritten once a second by the worker that owns it.
package struct DateLine: ~Copyable {
    private let text = Table<UInt8>(repeating: 0x20, count: DateLine.length)
    private var second: Int64 = -1
    private static let length = 29

    package init() { update(unixSecond: 0) }

    /// "Sun, 06 Nov 1994 08:49:37 GMT".
    package var bytes: Bytes { text.bytes(0, DateLine.length) }

    /// Writes the date of `unixSecond` if it is another second than before.
    package mutating func update(unixSecond: Int64) {
        guard unixSecond != second else { return }
        second = unixSecond
        let days = unixSecond / 86_400
        let rest = Int(unixSecond % 86_400)
        let (year, month, day) = DateLine.civil(days)
        put(0, DateLine.weekdays.slice(Int((days + 4) % 7) * 3, 3))
        put(3, ", ")
        put(5, digits: day)
        put(8, DateLine.months.slice((month - 1) * 3, 3))
        put(12, digits: year / 100)
        put(14, digits: year % 100)
        put(17, digits: rest / 3600)
        put(19, ":")
        put(20, digits: rest / 60 % 60)
        put(22, ":")
        put(23, digits: rest % 60)
        put(26, "GMT")
    }

    private static let weekdays: Bytes = "SunMonTueWedThuFriSat"
    private static let months: Bytes = "JanFebMarAprMayJunJulAugSepOctNovDec"

    private func put(_ place: Int, _ bytes: Bytes) {
        for index in 0..<bytes.count { text[place + index] = bytes[index] }
    }

    private func put(_ place: Int, digits value: Int) {
        text[place] = UInt8(truncatingIfNeeded: 48 + value / 10 % 10)
        text[place + 1] = UInt8(truncatingIfNeeded: 48 + value % 10)
    }

    /// Days since 1970 to a date: Howard Hinnant's algorithm for the civil calendar.
    private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
