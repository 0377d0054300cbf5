/// Writes metrics as Prometheus text, format 0.0.4.
package struct Exposition {
    /// The media type of what is written.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    /// Starts a family; its samples follow and no other family's come between.
    package mutating func begin(_ family: MetricFamily) {
        text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    /// Writes a whole number.
    package mutating func sample(
        _ family: MetricFamily,
        _ labels: [MetricLabel] = [],
        _ value: UInt64
    ) {
        line(family, labels, String(value))
    }

    /// Writes a number with a fraction.
    package mutating func sample(
        _ family: MetricFamily,
        _ labels: [MetricLabel] = [],
        fraction value: Double
    ) {
        line(family, labels, String(value))
    }

    /// A family with a single sample.
    package mutating func single(_ family: MetricFamily, _ value: UInt64) {
        begin(family)
        sample(family, [], value)
    }

    /// Adds lines that are exposition text already, such as a plugin's metrics.
    package mutating func append(_ lines: String) {
        text += lines
        if !lines.isEmpty, !lines.hasSuffix("\n") { text += "\n" }
    }

    private mutating func line(_ family: MetricFamily, _ labels: [MetricLabel], _ value: String) {
        text += family.name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// The format's escapes: backslash and line feed, and the quote in label values.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
