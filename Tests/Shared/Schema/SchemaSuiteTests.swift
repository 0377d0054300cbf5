import SluiceShared
import Testing

/// The subset does what JSON Schema says, by the suite's own cases.
struct SchemaSuiteTests {
    /// Every file of the suite that is run.
    private static let files = [
        "additionalItems.json", "additionalProperties.json", "allOf.json", "anyOf.json",
        "boolean_schema.json", "const.json", "default.json", "dependencies.json", "enum.json",
        "exclusiveMaximum.json", "exclusiveMinimum.json", "if-then-else.json", "items.json",
        "maxItems.json", "maxLength.json", "maxProperties.json", "maximum.json", "minItems.json",
        "minLength.json", "minProperties.json", "minimum.json", "multipleOf.json", "not.json",
        "oneOf.json", "optional/bignum.json", "optional/zeroTerminatedFloats.json", "pattern.json",
        "patternProperties.json", "properties.json", "propertyNames.json", "ref.json",
        "required.json", "type.json", "uniqueItems.json",
    ]

    /// Files left out as a whole, each with its reason.
    private static let filesLeftOut = [
        "contains.json": "contains is not in the subset",
        "definitions.json": "a remote $ref to the metaschema",
        "refRemote.json": "remote $ref is not in the subset",
    ]

    /// Groups whose schema must be refused, since it leaves the subset.
    private static let refused: [String: String] = [
        "additionalItems.json: items is schema, no additionalItems":
            "additionalItems has no meaning beside a plain items, and no name in 2020-12",
        "additionalItems.json: additionalItems as false without items": "the same",
        "dependencies.json: multiple dependencies subschema": "dependentSchemas",
        "dependencies.json: dependencies with boolean subschemas": "dependentSchemas",
        "ref.json: relative pointer ref to object": "a $ref beside $defs",
        "ref.json: relative pointer ref to array": "a $ref beside $defs",
        "ref.json: escaped pointer ref": "unknown keywords as definitions",
        "ref.json: remote ref, containing refs itself": "a remote $ref",
        "ref.json: Recursive references between schemas": "$id below the root",
    ]

    /// Groups that draft 2020-12 decides otherwise.
    private static let changed: [String: String] = [
        "ref.json: ref overrides any sibling keywords": "since 2019-09 siblings of $ref count"
    ]

    @Test(arguments: files)
    func `the subset agrees with the suite`(file: String) throws {
        for group in try SchemaSuite.groups(file) where Self.changed[group.name] == nil {
            let document = try JSONDocument(parsing: group.schema.canonical(), source: file)
            if Self.refused[group.name] != nil {
                #expect(throws: SchemaFailure.self, "\(group.name)") { try Schema(document.root) }
                continue
            }
            let schema = try Schema(document.root)
            for test in group.tests {
                let problems = schema.validate(test.value)
                #expect(problems.isEmpty == test.isValid, "\(group.name): \(test.name) \(problems)")
            }
        }
    }

    @Test func `every file of the suite is run or left out for a reason`() throws {
        let run = Self.files.filter { !$0.hasPrefix("optional/") }
        #expect(try SchemaSuite.files() == (run + Self.filesLeftOut.keys).sorted())
    }

    @Test func `every group left out is in the suite`() throws {
        let names = Set(try Self.files.flatMap(SchemaSuite.groups).map(\.name))
        #expect(Set(Self.refused.keys).union(Self.changed.keys).subtracting(names).isEmpty)
    }
}
