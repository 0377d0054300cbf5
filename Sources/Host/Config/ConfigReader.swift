internal import SluiceShared

/// Holds a document against the settings table and notes all that is wrong, not only the first.
struct ConfigReader {
    private(set) var problems: [ConfigProblem] = []

    /// Checks every value of a section against the rows that stand in it, and looks for
    /// unknown and missing keys.
    mutating func check(section value: JSONValue, at path: String) {
        guard value.kind == .object else {
            return expect("an object with the keys \(known(path))", at: value)
        }
        let keys = SettingTable.keys(in: path)
        for member in value.members {
            if let row = SettingTable.row(Self.join(path, member.key)) {
                check(member.value, row)
            } else {
                let hint = nearest(member.key, among: keys).map { "; did you mean \"\($0)\"?" }
                let known = "; known keys: \(known(path))"
                let text = "unknown key \"\(member.key)\"" + (hint ?? known)
                note(text, line: member.keyMark.line, column: member.keyMark.column, value)
            }
        }
        for row in SettingTable.rows(in: path) where row.isRequired && value[row.key] == nil {
            note("\"\(row.key)\" is missing: \(row.sentence)", at: value)
        }
    }

    /// Notes a problem at a value.
    mutating func note(_ text: String, at value: JSONValue) {
        note(text, line: value.mark.line, column: value.mark.column, value)
    }

    private mutating func note(_ text: String, line: Int, column: Int, _ value: JSONValue) {
        problems.append(
            ConfigProblem(
                source: value.source,
                line: line,
                column: column,
                pointer: value.pointer,
                text: text
            )
        )
    }

    private mutating func expect(_ expected: String, at value: JSONValue) {
        note("expected \(expected), found \(value.found)", at: value)
    }

    private func known(_ path: String) -> String {
        SettingTable.keys(in: path).joined(separator: ", ")
    }

    private static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }
}

extension ConfigReader {
    private mutating func check(_ value: JSONValue, _ row: Setting) {
        switch row.kind {
        case .section:
            check(section: value, at: row.path)
        case .list(let countMax):
            check(list: value, countMax, elements: "\(row.path)[]")
        case .constant(let constant):
            if value.string != constant { expect("\"\(constant)\"", at: value) }
        case .name:
            if value.string.map(NameRule.allows) != true {
                expect("a name: \(row.kind.bounds), first and last no hyphen", at: value)
            }
        case .text(let bytesMax):
            if value.string.map({ (1...bytesMax).contains($0.utf8.count) }) != true {
                expect("a text of 1 to \(bytesMax) bytes", at: value)
            }
        case .choice(let words):
            check(choice: value, words)
        case .flag:
            if value.bool == nil { expect("true or false", at: value) }
        case .integer, .integerOr, .bytes, .duration:
            check(number: value, row.kind)
        case .address:
            check(address: value)
        case .free:
            break
        }
    }

    private mutating func check(list value: JSONValue, _ countMax: Int, elements path: String) {
        guard value.kind == .array else { return expect("a list", at: value) }
        guard value.count <= countMax else {
            return expect("at most \(countMax) elements", at: value)
        }
        for element in value.elements {
            if let row = SettingTable.row(path) {
                check(element, row)
            } else {
                check(section: element, at: path)
            }
        }
    }

    private mutating func check(choice value: JSONValue, _ words: [String]) {
        guard let word = value.string, words.contains(word) else {
            let near = value.string.flatMap { nearest($0, among: words) }
            let hint = near.map { "; did you mean \"\($0)\"?" } ?? ""
            return note(
                "expected one of \(words.joined(separator: ", ")), found \(value.found)\(hint)",
                at: value
            )
        }
    }

    private mutating func check(number value: JSONValue, _ kind: Setting.Kind) {
        switch kind {
        case .integer(let range):
            if value.integer(in: range) == nil { expect("a number from \(kind.bounds)", at: value) }
        case .integerOr(let word, let range):
            if value.string != word, value.integer(in: range) == nil {
                expect("\(word) or a number from \(kind.bounds)", at: value)
            }
        case .bytes(let range):
            if value.byteSize.map(range.contains) != true {
                expect("\(ByteSize.form), \(kind.bounds)", at: value)
            }
        case .duration(let range):
            if value.timeSpan.map(range.contains) != true {
                expect("\(TimeSpan.form), \(kind.bounds)", at: value)
            }
        case .section, .list, .constant, .name, .text, .choice, .flag, .address, .free:
            break
        }
    }

    private mutating func check(address value: JSONValue) {
        guard let text = value.string else { return expect(SocketAddress.form, at: value) }
        do throws(SocketAddress.Refusal) {
            _ = try SocketAddress(text)
        } catch {
            note(error.text, at: value)
        }
    }
}

extension JSONValue {
    /// The value for a message: what it is, and a scalar's text.
    var found: String {
        switch kind {
        case .null: "nothing"
        case .bool: bool == true ? "true" : "false"
        case .number: "the number \(numberText ?? "")"
        case .string: "\"\(String((string ?? "").prefix(80)))\""
        case .array: "a list"
        case .object: "an object"
        }
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        guard let number = int64.flatMap(Int.init(exactly:)), range.contains(number) else {
            return nil
        }
        return number
    }

    /// A size as a number of bytes or a text with a unit.
    var byteSize: Int? {
        int64.flatMap(Int.init(exactly:)) ?? string.flatMap(ByteSize.bytes)
    }

    /// A duration in nanoseconds; a bare 0 is one too, other bare numbers lack their unit.
    var timeSpan: Int? {
        int64 == 0 ? 0 : string.flatMap(TimeSpan.nanoseconds)
    }
}
