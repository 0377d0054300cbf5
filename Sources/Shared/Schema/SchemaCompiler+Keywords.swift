extension SchemaCompiler {
    func compileNumber(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        guard value.kind == .number else { throw failure(value, "expected a number") }
        var rules = node.number ?? NumberRules()
        switch keyword {
        case .minimum: rules.minimum = value
        case .maximum: rules.maximum = value
        case .exclusiveMinimum: rules.exclusiveMinimum = value
        case .exclusiveMaximum: rules.exclusiveMaximum = value
        default:
            let divisor = value.exactNumber
            guard divisor.divisorDigits != nil, !divisor.isNegative else {
                throw failure(value, "expected a number above 0 with at most 18 digits")
            }
            rules.divisor = value
        }
        node.number = rules
    }

    func compileString(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        var rules = node.string ?? StringRules()
        switch keyword {
        case .minLength: rules.charactersMin = try size(value)
        case .maxLength: rules.charactersMax = try size(value)
        default: rules.pattern = try pattern(text(value), at: value)
        }
        node.string = rules
    }

    mutating func compileArray(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        var rules = node.array ?? ArrayRules()
        switch keyword {
        case .items: rules.items = try compile(value)
        case .prefixItems: rules.prefix = try compileList(value)
        case .minItems: rules.countMin = try size(value)
        case .maxItems: rules.countMax = try size(value)
        default: rules.isUnique = try flag(value)
        }
        node.array = rules
    }

    mutating func compileObject(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        var rules = node.object ?? ObjectRules()
        switch keyword {
        case .properties:
            for member in try object(value) {
                rules.properties[member.key] = try compile(member.value)
            }
        case .patternProperties:
            for member in try object(value) {
                let pattern = try pattern(member.key, at: member.value)
                rules.patterns.append((pattern, try compile(member.value)))
            }
        case .additionalProperties: rules.additional = try compile(value)
        case .propertyNames: rules.names = try compile(value)
        case .required: rules.required = try texts(value)
        case .dependentRequired:
            for member in try object(value) {
                rules.dependent.append((member.key, try texts(member.value)))
            }
        case .minProperties: rules.countMin = try size(value)
        default: rules.countMax = try size(value)
        }
        node.object = rules
    }

    mutating func compileComposition(
        _ keyword: SchemaKeyword,
        _ value: JSONValue,
        into node: inout SchemaNode
    ) throws(SchemaFailure) {
        var rules = node.composition ?? CompositionRules()
        switch keyword {
        case .allOf: rules.allOf = try compileList(value)
        case .anyOf: rules.anyOf = try compileList(value)
        case .oneOf: rules.oneOf = try compileList(value)
        case .not: rules.not = try compile(value)
        case .if: rules.condition = try compile(value)
        case .then: rules.then = try compile(value)
        case .else: rules.otherwise = try compile(value)
        default: rules.reference = try compile(target(value))
        }
        node.composition = rules
    }

    private mutating func compileList(_ value: JSONValue) throws(SchemaFailure) -> [Int] {
        var schemas: [Int] = []
        for element in try list(value, countMin: 1) { schemas.append(try compile(element)) }
        return schemas
    }

    /// What a `$ref` names: the root, or a definition of the root.
    private func target(_ value: JSONValue) throws(SchemaFailure) -> JSONValue {
        let reference = try text(value)
        if reference == "#" { return root }
        for member in definitions
        where "#/$defs/" + escapedToken(member.key) == reference {
            return member.value
        }
        throw failure(
            value,
            "\(quoted(reference)) names nothing here; a $ref is # or #/$defs/<name>"
        )
    }

    private func pattern(_ text: String, at value: JSONValue) throws(SchemaFailure) -> Pattern {
        do {
            return try Pattern(text)
        } catch {
            throw failure(value, "the pattern \(quoted(text)) is refused: \(error.text)")
        }
    }
}

/// Reading a keyword's own value.
extension SchemaCompiler {
    func text(_ value: JSONValue) throws(SchemaFailure) -> String {
        guard let text = value.string else { throw failure(value, "expected a text") }
        return text
    }

    func flag(_ value: JSONValue) throws(SchemaFailure) -> Bool {
        guard let flag = value.bool else { throw failure(value, "expected true or false") }
        return flag
    }

    func size(_ value: JSONValue) throws(SchemaFailure) -> Int {
        guard let size = value.int64, size >= 0 else {
            throw failure(value, "expected an integer of at least 0")
        }
        return Int(size)
    }

    func list(_ value: JSONValue, countMin: Int) throws(SchemaFailure) -> [JSONValue] {
        guard value.kind == .array, value.count >= countMin else {
            throw failure(value, countMin == 0 ? "expected a list" : "expected a list, not empty")
        }
        return Array(value.elements)
    }

    func texts(_ value: JSONValue) throws(SchemaFailure) -> [String] {
        var texts: [String] = []
        for element in try list(value, countMin: 0) { texts.append(try text(element)) }
        return texts
    }

    func object(_ value: JSONValue) throws(SchemaFailure) -> JSONMembers {
        guard value.kind == .object else { throw failure(value, "expected an object") }
        return value.members
    }

    func failure(_ value: JSONValue, _ text: String) -> SchemaFailure {
        SchemaFailure(
            source: root.source,
            mark: value.mark,
            pointer: value.pointer,
            text: text
        )
    }
}
