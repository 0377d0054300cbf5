/// A compiled schema: a declared subset of JSON Schema 2020-12.
///
/// Supported: `type enum const`, the number, text, array and object keywords of `SchemaKeyword`,
/// `allOf anyOf oneOf not if then else`, `$defs` at the root and `$ref` to `#` or `#/$defs/<name>`,
/// and the annotations. `format` is an annotation: it never refuses a value. A keyword outside the
/// subset is an error of the schema, so that no rule is silently ignored. A `title` beside a
/// `pattern` is what messages say instead of it.
public struct Schema: Sendable {
    /// How many problems of one value are told.
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
