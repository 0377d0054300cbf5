/// The keywords that a schema may use; any other is refused.
enum SchemaKeyword: String, CaseIterable, Sendable {
    // Any value.
    case type, `enum`, const
    // Numbers.
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf
    // Texts.
    case minLength, maxLength, pattern
    // Arrays.
    case items, prefixItems, minItems, maxItems, uniqueItems
    // Objects.
    case properties, patternProperties, additionalProperties, propertyNames
    case required, dependentRequired, minProperties, maxProperties
    // Composition.
    case allOf, anyOf, oneOf, not, `if`, then, `else`
    case ref = "$ref"
    // Structure, at the root only.
    case defs = "$defs"
    case id = "$id"
    case schema = "$schema"
    // Annotations.
    case comment = "$comment"
    case title, description, `default`, examples, deprecated, format, readOnly, writeOnly

    static let dialect = "https://json-schema.org/draft/2020-12/schema"
}
