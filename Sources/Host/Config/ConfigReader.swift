internal import SluiceBase
internal import SluiceShared

/// Holds a document against the settings table and notes all that is wrong, not only the first.
struct ConfigReader {
    private(set) var problems: [ConfigProblem] = []

    /// Checks every value of a section against its rows, and looks for
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
        case .network:
            if value.string.flatMap(Network.init) == nil { expect(Network.form, at: value) }
        case .digest:
            let isDigest = value.string.map { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }
            if isDigest != true { expect("a SHA-256 of 64 hexadecimal digits", at: value) }
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
        // 1.2 is a number to YAML, and a word here.
        guard let word = value.string ?? value.numberText, words.contains(word) else {
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
        case .duration(let range, let orNever):
            let isNever = orNever && value.string == TimeSpan.neverWord
            if !isNever, value.timeSpan.map(range.contains) != true {
                let word = orNever ? "\(TimeSpan.neverWord), or " : ""
                expect("\(word)\(TimeSpan.form), \(kind.bounds)", at: value)
            }
        case .section, .list, .constant, .name, .text, .choice, .flag, .address, .network, .digest,
            .free:
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

extension ConfigReader {
    /// Notes what is wrong between values that are each right by themselves.
    mutating func relate(_ configuration: HostConfiguration, _ root: JSONValue) {
        unique("plugins", root)
        unique("listeners", root)
        relateServices(root)
        relateAddresses(root)
        relateTLS(root)
        for (key, text) in configuration.limits.contradictions() {
            note(text, at: root["limits"]?[key] ?? root["limits"] ?? root)
        }
    }

    private mutating func unique(_ list: String, _ root: JSONValue) {
        var lines: [String: Int] = [:]
        for value in elements(root[list]) {
            guard let name = value["name"], let text = name.string else { continue }
            if let line = lines[text] {
                note("the name \"\(text)\" is taken by line \(line); names are unique", at: name)
            }
            lines[text] = lines[text] ?? name.mark.line
        }
    }

    private mutating func relateServices(_ root: JSONValue) {
        let names = elements(root["plugins"]).compactMap { $0["name"]?.string }
        for service in elements(root["listeners"]).flatMap({ elements($0["services"]) }) {
            guard let name = service.string, !names.contains(name) else { continue }
            let hint = nearest(name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
            note("no instance in plugins is called \"\(name)\"\(hint)", at: service)
        }
    }

    private mutating func relateAddresses(_ root: JSONValue) {
        var places: [SocketAddress: String] = [:]
        let admin = root["admin"]?["address"]
        if let address = address(admin ?? root, SettingTable.row("admin.address")?.fallback) {
            places[address] = "the admin API"
        }
        for listener in elements(root["listeners"]) {
            guard let value = listener["address"], let address = address(value, nil) else {
                continue
            }
            guard address.port != 0 else {
                note(
                    "expected a port from 1 to 65535: nobody would know one that the kernel"
                        + " chooses",
                    at: value
                )
                continue
            }
            if let other = places[address] {
                note("\(address) is taken by \(other)", at: value)
            }
            places[address] = places[address] ?? "line \(value.mark.line)"
        }
    }

    private func address(_ value: JSONValue, _ fallback: String?) -> SocketAddress? {
        (value.string ?? fallback).flatMap { try? SocketAddress($0) }
    }

    private func elements(_ value: JSONValue?) -> [JSONValue] {
        value.map { Array($0.elements) } ?? []
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

    /// A duration in nanoseconds, or `Limits.never` for that word.
    var timeSpanOrNever: Int? {
        string == TimeSpan.neverWord ? Limits.never : timeSpan
    }
}
