internal import SluiceShared

/// Holds a manifest against the table of its kind and collects everything that is wrong.
struct Checker {
    /// Findings of one object that are reported before the rest is left unsaid.
    static let findingsMax = 20

    /// One thing that is wrong, where it stands.
    struct Finding {
        let value: JSONValue
        let mark: Mark
        let code: String
        let text: String
    }

    private(set) var findings: [Finding] = []

    mutating func check(_ value: JSONValue, _ shape: Shape) {
        guard findings.count < Self.findingsMax else { return }
        switch shape {
        case .anything: break
        case .boolean: expect(value.kind == .bool, value, shape)
        case .integer(let range): checkInteger(value, range, shape)
        case .integerOrText(let range):
            if value.kind == .string { break }
            checkInteger(value, range, shape)
        case .text(let rule):
            checkText(value, rule)
        case .code(let codes):
            guard let number = value.int64 else { return mistyped(value, shape) }
            if !codes.contains(number) { report(value, "enum", found(value, shape.expectation)) }
        case .word(let words):
            guard let text = value.string else { return mistyped(value, shape) }
            if !words.contains(text) { reportWord(value, text, words) }
        case .list(let item, let count, let unique): checkList(value, item, count, unique, shape)
        case .map(let item, let keys, let most): checkMap(value, item, keys, most)
        case .object(let object): checkObject(value, object)
        }
    }

    mutating func report(_ value: JSONValue, _ code: String, _ text: String, at mark: Mark? = nil) {
        guard findings.count < Self.findingsMax else { return }
        findings.append(Finding(value: value, mark: mark ?? value.mark, code: code, text: text))
    }

    // MARK: Scalars

    private mutating func checkInteger(
        _ value: JSONValue,
        _ range: ClosedRange<Int64>,
        _ shape: Shape
    ) {
        guard let number = value.int64 else { return mistyped(value, shape) }
        if !range.contains(number) { report(value, "limit", found(value, shape.expectation)) }
    }

    private mutating func checkText(_ value: JSONValue, _ rule: TextRule) {
        guard let text = value.string else {
            let sight = rule.isSecret ? "; the value is not shown" : ", found \(describe(value))"
            return report(value, "type", "expected \(rule.name)" + sight)
        }
        if let objection = rule.objection(to: text) { report(value, "format", objection) }
    }

    private mutating func expect(_ holds: Bool, _ value: JSONValue, _ shape: Shape) {
        if !holds { mistyped(value, shape) }
    }

    private mutating func mistyped(_ value: JSONValue, _ shape: Shape) {
        report(value, "type", found(value, shape.expectation))
    }

    private mutating func reportWord(_ value: JSONValue, _ text: String, _ words: [String]) {
        var sentence = "expected one of \(words.joined(separator: ", ")), found \(quoted(text))"
        if let near = nearest(text, among: words) { sentence += "; did you mean \(quoted(near))?" }
        report(value, "enum", sentence)
    }

    private func found(_ value: JSONValue, _ expectation: String) -> String {
        "expected \(expectation), found \(describe(value))"
    }

    // MARK: Collections

    private mutating func checkList(
        _ value: JSONValue,
        _ item: Shape,
        _ count: ClosedRange<Int>,
        _ unique: [String],
        _ shape: Shape
    ) {
        guard value.kind == .array else { return mistyped(value, shape) }
        if !count.contains(value.count) {
            let range =
                count.lowerBound == 0
                ? "at most \(count.upperBound)" : "\(count.lowerBound) to \(count.upperBound)"
            report(value, "limit", "expected \(range) items, found \(value.count)")
        }
        var seen: Set<String> = []
        for element in value.elements {
            check(element, item)
            guard !unique.isEmpty, let identity = identity(of: element, unique) else { continue }
            if !seen.insert(identity).inserted {
                let names = unique.joined(separator: ", ")
                report(element, "duplicate", "another item of the list has the same \(names)")
            }
        }
    }

    private func identity(of element: JSONValue, _ names: [String]) -> String? {
        guard element.kind == .object else { return element.string ?? element.numberText }
        return names.map { element[$0]?.string ?? element[$0]?.numberText ?? "" }
            .joined(separator: "\u{0}")
    }

    private mutating func checkMap(
        _ value: JSONValue,
        _ item: Shape,
        _ keys: TextRule,
        _ most: Int
    ) {
        guard value.kind == .object else {
            return report(value, "type", found(value, "a map"))
        }
        if value.count > most {
            report(value, "limit", "expected at most \(most) entries, found \(value.count)")
        }
        for member in value.members {
            if !keys.accepts(member.key) {
                report(
                    member.value,
                    "format",
                    "expected \(keys.name) as the key, found \(quoted(member.key))",
                    at: member.keyMark
                )
            }
            check(member.value, item)
        }
    }

    // MARK: Objects

    private mutating func checkObject(_ value: JSONValue, _ shape: ObjectShape) {
        guard value.kind == .object else {
            return report(value, "type", found(value, "an object"))
        }
        let before = findings.count
        var said: UInt64 = 0
        for member in value.members {
            guard let index = shape.fields.firstIndex(where: { $0.name == member.key }) else {
                reportUnknown(member, shape)
                continue
            }
            guard !member.value.isNull else { continue }
            said |= 1 << UInt64(index)
            check(member.value, shape.fields[index].shape)
        }
        for (index, field) in shape.fields.enumerated()
        where field.isRequired && said & (1 << UInt64(index)) == 0 {
            report(
                value,
                "required",
                "\(quoted(field.name)) is missing; expected \(field.shape.expectation)"
            )
        }
        // Rules may rely on the types and requirements that the rows have just checked.
        guard findings.count == before else { return }
        for rule in shape.rules {
            if let culprit = rule.broken(value) { report(culprit, "rule", rule.message) }
        }
    }

    private mutating func reportUnknown(_ member: JSONMember, _ shape: ObjectShape) {
        var text = "unknown field \(quoted(member.key))"
        if let near = nearest(member.key, among: shape.fields.map(\.name)) {
            text += "; did you mean \(quoted(near))?"
        } else {
            text += "; expected one of \(shape.fields.map(\.name).joined(separator: ", "))"
        }
        report(member.value, "unknown-field", text, at: member.keyMark)
    }
}

/// Characters of a value that a message repeats.
private let quotedCharactersMax = 60

/// The text in quotation marks, cut short when it is long.
func quoted(_ text: String) -> String {
    guard text.count > quotedCharactersMax else { return "\"\(text)\"" }
    return "\"\(text.prefix(quotedCharactersMax))...\""
}

/// What a reader would call the value.
func describe(_ value: JSONValue) -> String {
    switch value.kind {
    case .null: "nothing"
    case .bool: value.bool == true ? "true" : "false"
    case .number: value.numberText ?? "a number"
    case .string: quoted(value.string ?? "")
    case .array: "a list"
    case .object: "an object"
    }
}
