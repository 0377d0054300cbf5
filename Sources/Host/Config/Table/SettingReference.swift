/// The settings table as the tables of docs/configuration.md.
package enum SettingReference {
    /// Between these lines of the document stands what the table writes.
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
