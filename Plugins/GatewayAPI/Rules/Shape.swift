internal import SluiceShared

/// What a value of a manifest must look like: one cell of a kind's table.
///
/// The same tables that check files are the source of the structural schemas of our own kinds.
indirect enum Shape: Sendable {
    /// Kept as it is: parts of an object that this module has no opinion about.
    case anything
    case boolean
    case integer(ClosedRange<Int64>)
    /// A whole number in the range, or a text: Kubernetes' IntOrString.
    case integerOrText(ClosedRange<Int64>)
    case text(TextRule)
    /// One of the listed whole numbers.
    case code([Int64])
    /// One of the listed words.
    case word([String])
    /// A list of at most so many items; `unique` names the members that identify an item.
    case list(Shape, count: ClosedRange<Int>, unique: [String] = [])
    /// A map from free keys to values of one shape.
    case map(Shape, keys: TextRule, most: Int)
    case object(ObjectShape)

    /// What people are told was expected.
    var expectation: String {
        switch self {
        case .anything: "a value"
        case .boolean: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .integerOrText(let range):
            "a whole number from \(range.lowerBound) to \(range.upperBound), or a name"
        case .text(let rule): rule.name
        case .code(let codes): "one of \(codes.map(String.init).joined(separator: ", "))"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .list: "a list"
        case .map: "a map"
        case .object: "an object"
        }
    }
}

/// One row: a member of an object.
struct Field: Sendable {
    let name: String
    let shape: Shape
    let isRequired: Bool

    init(_ name: String, _ shape: Shape, required: Bool = false) {
        self.name = name
        self.shape = shape
        isRequired = required
    }
}

/// The members an object may have, and the rules that speak of several of them.
struct ObjectShape: Sendable {
    let fields: [Field]
    let rules: [Rule]

    init(_ fields: [Field], rules: [Rule] = []) {
        self.fields = fields
        self.rules = rules
    }
}

/// A rule over a whole object, with the message the Gateway API's own definitions give.
struct Rule: Sendable {
    let message: String
    /// The value that breaks the rule, or nil when it holds.
    let broken: @Sendable (JSONValue) -> JSONValue?

    init(_ message: String, _ broken: @escaping @Sendable (JSONValue) -> JSONValue?) {
        self.message = message
        self.broken = broken
    }
}

/// One kind: where it lives, which versions are read, and its table.
struct KindTable: Sendable {
    let group: String
    let kind: String
    /// Accepted versions, the newest first.
    let versions: [String]
    let isNamespaced: Bool
    /// What `metadata.name` must look like.
    let name: TextRule
    /// The members beside apiVersion, kind, metadata and status.
    let body: ObjectShape

    /// The value of `apiVersion` for a version of this kind.
    func apiVersion(_ version: String) -> String { group.isEmpty ? version : "\(group)/\(version)" }
}
