/// A compiled schema: a declared subset of JSON Schema 2020-12.
///
/// Supported: `type enum const`, the number, text, array and object keywords of `SchemaKeyword`,
/// `allOf anyOf oneOf not if then else`, `$defs` at the root and `$ref` to `#` or `#/$defs/<name>`,
/// and the annotations. `format` is an annotation: it never refuses a value. A keyword outside the
/// subset is an error of the schema, so that no rule is silently ignored. A `title` beside a
/// `pattern` is what messages say instead of it.
public struct Schema: Sendable {
    /// How many problems of one value are reported.
    public static let problemsMax = 100

    let nodes: [SchemaNode]
    let root: Int

    /// Compiles a schema; the failure names the place in the schema's own text.
    public init(_ root: JSONValue) throws(SchemaFailure) {
        var compiler = SchemaCompiler(root: root)
        self.root = try compiler.compileRoot()
        nodes = compiler.nodes
    }

    /// What a value does that the schema does not allow, in the order of the schema's rules; empty
    /// when it is valid.
    public func validate(_ value: JSONValue) -> [SchemaProblem] {
        var findings = SchemaFindings()
        SchemaValidator(nodes: nodes).check(value, against: root, &findings)
        return findings.list.map(\.problem)
    }
}

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

/// What a value does that its schema does not allow.
public struct SchemaProblem: Sendable, Equatable, CustomStringConvertible {
    /// JSON Pointer (RFC 6901) of the value.
    public var pointer: String
    /// Where the value, or the unknown key, starts in its text.
    public var mark: Mark
    /// The keyword of the schema that refused it.
    public var keyword: String
    /// One sentence: what was expected and what was found.
    public var text: String

    public init(pointer: String, mark: Mark, keyword: String, text: String) {
        self.pointer = pointer
        self.mark = mark
        self.keyword = keyword
        self.text = text
    }

    public var description: String {
        "\(mark.line):\(mark.column): " + (pointer.isEmpty ? "" : "\(pointer): ") + text
    }
}

/// Why a schema itself was refused.
public struct SchemaFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public var source: String
    public var mark: Mark
    /// JSON Pointer (RFC 6901) of the keyword.
    public var pointer: String
    public var text: String

    public var description: String {
        ParseFailure(source: source, mark: mark, pointer: pointer, text: text).description
    }
}
