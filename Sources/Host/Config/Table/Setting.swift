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
        case duration(ClosedRange<Int>)
        case address
        case free
    }

    /// Where it stands, such as `listeners[].address`.
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

    /// The path of the section or list that it stands in; empty at the top.
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
        case .duration: "duration"
        case .address: "address"
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
        case .duration(let range):
            "\(TimeSpan.text(range.lowerBound)) to \(TimeSpan.text(range.upperBound))"
        case .section, .constant, .choice, .flag, .address, .free: ""
        }
    }
}
