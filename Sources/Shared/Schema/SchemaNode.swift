/// One compiled schema; other schemas are named by their position in the list of all.
struct SchemaNode: Sendable {
    var title: String?
    /// Whether no message may show the value: `writeOnly`.
    var isSecret = false
    /// The schema `false`.
    var isNever = false
    var types: [SchemaType] = []
    var enumeration: [JSONValue]?
    var constant: JSONValue?
    var number: NumberRules?
    var string: StringRules?
    var array: ArrayRules?
    var object: ObjectRules?
    var composition: CompositionRules?
}

extension SchemaNode {
    /// The key when the schema does nothing but require one.
    var singleRequiredKey: String? {
        guard let object, object.required.count == 1, object.properties.isEmpty,
            object.patterns.isEmpty, object.additional == nil, object.names == nil,
            object.dependent.isEmpty, object.countMin == nil, object.countMax == nil,
            types.isEmpty || types == [.object], enumeration == nil, constant == nil,
            composition == nil
        else { return nil }
        return object.required.first
    }
}

/// The words of `type`.
enum SchemaType: String, CaseIterable, Sendable {
    case null, boolean, object, array, number, integer, string

    func accepts(_ value: JSONValue) -> Bool {
        switch (self, value.kind) {
        case (.null, .null), (.boolean, .bool), (.object, .object), (.array, .array),
            (.number, .number), (.string, .string):
            true
        case (.integer, .number): value.exactNumber.isInteger
        default: false
        }
    }
}

struct NumberRules: Sendable {
    var minimum: JSONValue?
    var maximum: JSONValue?
    var exclusiveMinimum: JSONValue?
    var exclusiveMaximum: JSONValue?
    var divisor: JSONValue?
}

struct StringRules: Sendable {
    var charactersMin: Int?
    var charactersMax: Int?
    var pattern: Pattern?
}

struct ArrayRules: Sendable {
    var prefix: [Int] = []
    /// For the elements behind the prefix.
    var items: Int?
    var countMin: Int?
    var countMax: Int?
    var isUnique = false
}

struct ObjectRules: Sendable {
    var properties: [String: Int] = [:]
    var patterns: [(pattern: Pattern, schema: Int)] = []
    /// For the members that neither a property nor a pattern names.
    var additional: Int?
    var names: Int?
    var required: [String] = []
    var dependent: [(key: String, required: [String])] = []
    var countMin: Int?
    var countMax: Int?
}

struct CompositionRules: Sendable {
    var reference: Int?
    var allOf: [Int] = []
    var anyOf: [Int] = []
    var oneOf: [Int] = []
    var not: Int?
    var condition: Int?
    var then: Int?
    var otherwise: Int?

    /// Every schema that is asked about the same value.
    var schemas: [Int] {
        allOf + anyOf + oneOf + [reference, not, condition, then, otherwise].compactMap(\.self)
    }
}
