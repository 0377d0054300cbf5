extension SchemaNode {
    /// What the node's types and number rules ask for: "an integer from 1 to 65535".
    var expectation: String {
        let names = types.isEmpty ? ["a number"] : types.map(\.words)
        let bounds = number?.words ?? ""
        return alternatives(names) + bounds
    }

    /// The value for a message, unless it is secret.
    func found(_ value: JSONValue) -> String {
        isSecret ? "a value that is not shown" : value.found
    }
}

extension SchemaType {
    var words: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .object: "an object"
        case .array: "a list"
        case .number: "a number"
        case .integer: "an integer"
        case .string: "a text"
        }
    }
}

extension NumberRules {
    /// The bounds, with a space before: " from 1 to 65535", " above 0".
    var words: String {
        var words = ""
        switch (minimum?.numberText, maximum?.numberText) {
        case (let low?, let high?): words += " from \(low) to \(high)"
        case (let low?, nil): words += " of at least \(low)"
        case (nil, let high?): words += " of at most \(high)"
        case (nil, nil): break
        }
        if let low = exclusiveMinimum?.numberText { words += " above \(low)" }
        if let high = exclusiveMaximum?.numberText { words += " below \(high)" }
        if let divisor = divisor?.numberText { words += " that is a multiple of \(divisor)" }
        return words
    }
}

extension JSONValue {
    /// The value for a message: short ones as they are, long ones cut.
    var found: String {
        switch kind {
        case .null: "null"
        case .bool: bool == true ? "true" : "false"
        case .number: String((numberText ?? "").prefix(40))
        case .string: quoted(string ?? "")
        case .array: "a list of \(count)"
        case .object: "an object"
        }
    }
}

/// "a", "a or b", "a, b or c".
func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}

/// A count between two bounds: "1 to 3", "at least 1", "at most 3", or "exactly 2".
func bounds(_ low: Int?, _ high: Int?) -> String {
    switch (low, high) {
    case (let low?, let high?): low == high ? "exactly \(low)" : "\(low) to \(high)"
    case (let low?, nil): "at least \(low)"
    case (nil, let high?): "at most \(high)"
    case (nil, nil): "any number of"
    }
}
