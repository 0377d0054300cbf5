internal import CLinux
internal import Glibc

/// How much a line matters; the numbers are those of `SLUICE_LOG_*` in the plugin header.
package enum LogLevel: UInt8, Sendable, CaseIterable {
    case trace, debug, info, warn, error

    package var word: String { String(describing: self) }
}

/// The host's log: one line an event on standard error, `time level text key=value ...`.
///
/// Control threads only: a line is built from `String`s. The level check comes first.
package enum Log {
    /// Lines below this level are not built; one byte that plugins read as well.
    package static let threshold: LogThreshold = LogThreshold(.info)

    package static func info(_ text: @autoclosure () -> String, _ fields: String...) {
        write(.info, text(), fields)
    }

    package static func warn(_ text: @autoclosure () -> String, _ fields: String...) {
        write(.warn, text(), fields)
    }

    package static func error(_ text: @autoclosure () -> String, _ fields: String...) {
        write(.error, text(), fields)
    }

    /// Writes one line; `fields` alternate key and value.
    package static func write(_ level: LogLevel, _ text: String, _ fields: [String]) {
        guard threshold.allows(level) else { return }
        var bytes = Array("\(timestamp()) \(line(level, text, fields))\n".utf8)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            _ = unsafe Glibc.write(STDERR_FILENO, buffer.baseAddress, buffer.count)
        }
    }

    /// What stands behind the time: `level text key=value ...`, without a line end.
    package static func line(_ level: LogLevel, _ text: String, _ fields: [String]) -> String {
        var line = "\(level.word) \(sanitised(text))"
        var index = 0
        while index + 1 < fields.count {
            line += " \(fields[index])=\(quoted(fields[index + 1]))"
            index += 2
        }
        return line
    }

    /// Control characters never reach a terminal or a log parser as they came.
    private static func sanitised(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.map { scalar in
            isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }

    /// C0, DEL and C1: a terminal may obey each of them.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }

    /// In quotation marks where a reader could take the value's end for something else.
    private static func quoted(_ value: String) -> String {
        let plain = value.utf8.allSatisfy {
            $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 != 0x5c && $0 < 0x7f
        }
        if plain && !value.isEmpty { return value }
        let escaped = value.unicodeScalars.map { scalar in
            scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : String(scalar)
        }
        return "\"\(sanitised(escaped.joined()))\""
    }

    /// RFC 3339 in UTC with milliseconds.
    private static func timestamp() -> String {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        var parts = unsafe tm()
        unsafe gmtime_r(&now.tv_sec, &parts)
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = [
            Int(unsafe parts.tm_year) + 1900, Int(unsafe parts.tm_mon) + 1,
            Int(unsafe parts.tm_mday),
        ]
        .map { padded($0, 2) }.joined(separator: "-")
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
            .joined(separator: ":")
        return "\(date)T\(time).\(padded(now.tv_nsec / 1_000_000, 3))Z"
    }
}

/// The log threshold: one byte at a fixed address, so that plugins read it without a call.
@safe
package struct LogThreshold: @unchecked Sendable {
    package let address: UnsafeMutablePointer<UInt8>

    init(_ level: LogLevel) {
        unsafe address = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        unsafe address.initialize(to: level.rawValue)
    }

    package func set(_ level: LogLevel) { unsafe address.pointee = level.rawValue }

    package func allows(_ level: LogLevel) -> Bool { unsafe level.rawValue >= address.pointee }
}
