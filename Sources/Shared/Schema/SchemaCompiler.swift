/// Turns a schema's text into nodes, once, and refuses what it does not know.
struct SchemaCompiler {
    let root: JSONValue
    var nodes: [SchemaNode] = []
    /// Nodes by the position of their text in the root's tree.
    private var compiled: [Int: Int] = [:]
    /// How many schemas stand around the one being compiled, by nesting or by `$ref`.
    private var depth = 0
    private static let depthMax = 200

    /// The members of the root's `$defs`.
    let definitions: [JSONMember]

    init(root: JSONValue) {
        self.root = root
        definitions = root["$defs"].map { Array($0.members) } ?? []
    }

    mutating func compileRoot() throws(SchemaFailure) -> Int {
        let index = try compile(root)
        for member in definitions {
            _ = try compile(member.value)
        }
        try refuseEndlessReferences()
        return index
    }

    /// The node of a schema, compiled when it is met for the first time.
    mutating func compile(_ value: JSONValue) throws(SchemaFailure) -> Int {
        if let known = compiled[value.index] { return known }
        guard depth < Self.depthMax else {
            throw failure(value, "more than \(Self.depthMax) schemas deep; flatten them")
        }
        depth += 1
        defer { depth -= 1 }
        let index = nodes.count
        nodes.append(SchemaNode())
        compiled[value.index] = index
        var node = SchemaNode()
        switch value.kind {
        case .bool: node.isNever = value.bool == false
        case .object:
            for member in value.members { try compile(member, of: value, into: &node) }
        case .null, .number, .string, .array:
            throw failure(value, "a schema is an object, true or false")
        }
        nodes[index] = node
        return index
    }

    private mutating func compile(
        _ member: JSONMember,
        of schema: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        guard let keyword = SchemaKeyword(rawValue: member.key) else {
            let close = nearest(member.key, among: SchemaKeyword.allCases.lazy.map(\.rawValue))
            throw SchemaFailure(
                source: root.source,
                mark: member.keyMark,
                pointer: member.value.pointer,
                text: "the keyword \(quoted(member.key)) is not in the subset of JSON Schema"
                    + (close.map { "; did you mean \(quoted($0))?" } ?? "")
            )
        }
        let value = member.value
        switch keyword {
        case .type, .enum, .const:
            try compileAny(keyword, value, into: &node)
        case .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum, .multipleOf:
            try compileNumber(keyword, value, into: &node)
        case .minLength, .maxLength, .pattern:
            try compileString(keyword, value, into: &node)
        case .items, .prefixItems, .minItems, .maxItems, .uniqueItems:
            try compileArray(keyword, value, into: &node)
        case .properties, .patternProperties, .additionalProperties, .propertyNames, .required,
            .dependentRequired, .minProperties, .maxProperties:
            try compileObject(keyword, value, into: &node)
        case .allOf, .anyOf, .oneOf, .not, .if, .then, .else, .ref:
            try compileComposition(keyword, value, into: &node)
        case .defs, .id, .schema:
            try compileStructure(keyword, value, of: schema)
        case .comment, .title, .description, .default, .examples, .deprecated, .format, .readOnly,
            .writeOnly:
            try compileAnnotation(keyword, value, into: &node)
        }
    }

    private func compileAny(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        switch keyword {
        case .enum: node.enumeration = try list(value, countMin: 0)
        case .const: node.constant = value
        default:
            for word in value.kind == .array ? try list(value, countMin: 1) : [value] {
                guard let name = word.string, let type = SchemaType(rawValue: name) else {
                    let names = SchemaType.allCases.map(\.rawValue).joined(separator: ", ")
                    throw failure(word, "expected a type: one of \(names)")
                }
                node.types.append(type)
            }
        }
    }

    /// `$defs`, `$id` and `$schema` belong to the whole document.
    private func compileStructure(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        of schema: JSONValue
    ) throws(SchemaFailure) {
        guard schema.index == root.index else {
            throw failure(value, "\(keyword.rawValue) may stand at the root of a schema only")
        }
        switch keyword {
        case .defs: _ = try object(value)
        case .schema:
            guard try text(value) == SchemaKeyword.dialect else {
                throw failure(value, "expected \(quoted(SchemaKeyword.dialect))")
            }
        default: _ = try text(value)
        }
    }

    private func compileAnnotation(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        switch keyword {
        case .title: node.title = try text(value)
        case .comment, .description, .format: _ = try text(value)
        case .writeOnly: node.isSecret = try flag(value)
        case .deprecated, .readOnly: _ = try flag(value)
        case .examples: _ = try list(value, countMin: 0)
        default: break
        }
    }

    /// Refuses references that come back to themselves without going down into the value.
    private func refuseEndlessReferences() throws(SchemaFailure) {
        var states = [Visit](repeating: .new, count: nodes.count)
        for index in nodes.indices where returns(to: index, &states) {
            throw failure(root, "a $ref comes back to itself without an object or a list between")
        }
    }

    private enum Visit { case new, open, done }

    private func returns(to index: Int, _ states: inout [Visit]) -> Bool {
        switch states[index] {
        case .open: return true
        case .done: return false
        case .new: break
        }
        states[index] = .open
        for next in nodes[index].composition?.schemas ?? [] where returns(to: next, &states) {
            return true
        }
        states[index] = .done
        return false
    }
}
