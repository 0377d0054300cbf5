/// One row of the settings table: it validates, gives the default and writes the reference.
package struct Setting: Sendable {
    /// What a value must be.
    package enum Kind: Sendable {
        case section
        case list(countMax: Int)
        case constant(String)
        case name
        case text(bytesMax: Int)
        case choice([String])
        case flag
        case integer(ClosedRange<Int>)
        case integerOr(String, ClosedRange<Int>)
        case bytes(ClosedRange<Int>)
        /// `orNever`: the word `never` is one, too.
        case duration(ClosedRange<Int>, orNever: Bool)
        case address
        case network
        /// A SHA-256 in hexadecimal.
        case digest
        case free
    }

    /// Its place, such as `listeners[].address`.
    package let path: String
    package let kind: Kind
    /// The default as the configuration would write it; nil: required, or absent means off.
    package let fallback: String?
    package let isRequired: Bool
    /// What it is for, in one sentence.
    package let sentence: String

    init(
        _ path: String,
        _ kind: Kind,
        fallback: String? = nil,
        isRequired: Bool = false,
        _ sentence: String
    ) {
        self.path = path
        self.kind = kind
        self.fallback = fallback
        self.isRequired = isRequired
        self.sentence = sentence
    }

    /// The path of the section or list that it is in; empty at the top.
    package var parent: String {
        path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
    }

    /// The last part of its path, without a list's brackets.
    package var key: String {
        String(path.split(separator: ".").last ?? "")
    }
}

extension Setting.Kind {
    /// What the value is, for the reference.
    package var type: String {
        switch self {
        case .section: "section"
        case .list: "list"
        case .constant(let value): "`\(value)`"
        case .name: "name"
        case .text: "text"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .flag: "`true`, `false`"
        case .integer: "number"
        case .integerOr(let word, _): "number or `\(word)`"
        case .bytes: "size"
        case .duration(_, let orNever): orNever ? "duration or `never`" : "duration"
        case .address: "address"
        case .network: "network"
        case .digest: "SHA-256"
        case .free: "anything"
        }
    }

    /// The bounds of the value, for the reference; empty when there are none.
    package var bounds: String {
        switch self {
        case .list(let countMax): "at most \(countMax)"
        case .name: "1 to \(NameRule.bytesMax) of a–z, 0–9 and -"
        case .text(let bytesMax): "at most \(bytesMax) bytes"
        case .integer(let range), .integerOr(_, let range):
            "\(range.lowerBound) to \(range.upperBound)"
        case .bytes(let range):
            "\(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))"
        case .duration(let range, _):
            "\(TimeSpan.text(range.lowerBound)) to \(TimeSpan.text(range.upperBound))"
        case .digest: "64 hexadecimal digits"
        case .section, .constant, .choice, .flag, .address, .network, .free: ""
        }
    }
}

/// The settings table as the tables of docs/configuration.md.
package enum SettingReference {
    /// What the table writes is between these lines of the document.
    package static let opening = "<!-- settings: written by `sluice settings --markdown` -->"
    package static let closing = "<!-- settings end -->"

    /// The reference, a table for the file and one for the limits.
    package static func markdown() -> String {
        let limitPrefix = "limits."
        let rows = SettingTable.rows
        let file = rows.filter { !$0.path.hasPrefix(limitPrefix) }
        let limits = rows.filter { $0.path.hasPrefix(limitPrefix) }
        return """
            \(opening)
            ### The file

            \(table(file))

            ### Limits

            \(table(limits))
            \(closing)

            """
    }

    private static func table(_ rows: [Setting]) -> String {
        let head = ["| Key | Type | Default | Limits | What it is |", "|---|---|---|---|---|"]
        let lines = rows.map { row in
            let fallback = row.isRequired ? "required" : row.fallback.map { "`\($0)`" } ?? ""
            let cells = ["`\(row.path)`", row.kind.type, fallback, row.kind.bounds, row.sentence]
            return "| \(cells.joined(separator: " | ")) |"
        }
        return (head + lines).joined(separator: "\n")
    }

    /// The top of the table for `sluice run --help`, one line a key, `width` columns for it.
    package static func summary(width: Int) -> String {
        SettingTable.rows(in: "").map { row in
            let gap = String(repeating: " ", count: max(1, width - row.path.count))
            let fallback = row.fallback.map { " (default \($0))" } ?? ""
            return "  \(row.path)\(gap)\(row.kind.type)\(fallback)"
        }.joined(separator: "\n")
    }
}
