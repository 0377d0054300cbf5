import SluiceShared
import Testing

/// What holds for all seven schemas.
@Suite struct SchemaTests {
    @Test(arguments: Published.kinds)
    func `a schema names its draft, itself and its meaning`(kind: String) throws {
        let schema = try Published.document(of: kind)
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["$id"]?.string == "https://sluice.dev/schemas/\(kind).json")
        #expect(schema["title"]?.string?.isEmpty == false)
        #expect(schema["description"]?.string?.isEmpty == false)
    }

    /// Only a filter's configuration, which belongs to its plugin, may hold any key.
    @Test(arguments: Published.kinds)
    func `every object is closed`(kind: String) throws {
        var open: [String] = []
        try Published.document(of: kind).eachSchema { schema in
            let isClosed = schema["additionalProperties"]?.bool == false
            if schema["type"]?.string == "object", !isClosed { open.append(schema.pointer) }
        }
        #expect(open == (kind == "route" ? ["/$defs/filter/properties/config"] : []))
    }

    /// A property may leave its sentence to the definition that it refers to.
    @Test(arguments: Published.kinds)
    func `every property and definition is explained in sentences`(kind: String) throws {
        var silent: [String] = []
        try Published.document(of: kind).eachSchema { schema in
            // A schema without a type only narrows what another one declares.
            guard schema["type"] != nil else { return }
            for key in ["properties", "$defs"] {
                for member in schema[key].map({ Array($0.members) }) ?? [] {
                    let text = member.value["description"]?.string
                    let isExplained = text.map { $0.last == "." } ?? (member.value["$ref"] != nil)
                    if !isExplained { silent.append(member.value.pointer) }
                }
            }
        }
        #expect(silent == [])
    }

    @Test(arguments: Published.kinds)
    func `every text and list has a limit`(kind: String) throws {
        var unbounded: [String] = []
        try Published.document(of: kind).eachSchema { schema in
            let limit =
                switch schema["type"]?.string {
                case "string": "maxLength"
                case "array": "maxItems"
                case "integer": "maximum"
                default: "type"
                }
            if schema["type"] != nil, schema[limit] == nil { unbounded.append(schema.pointer) }
        }
        #expect(unbounded == [])
    }

    @Test(arguments: Published.kinds)
    func `every definition is referred to, and every reference is defined`(kind: String) throws {
        let root = try Published.document(of: kind)
        var used: Set<String> = []
        root.eachSchema { schema in
            if let name = schema["$ref"]?.string { used.insert(name) }
        }
        let defined = root["$defs"].map { $0.members.map { "#/$defs/\($0.key)" } } ?? []
        #expect(used == Set(defined))
    }

    @Test func `a definition that is in two schemas is the same in both`() throws {
        /// Words that mean something of their own in each schema.
        let local: Set<String> = ["tls", "limits", "backend"]
        var known: [String: [UInt8]] = [:]
        for kind in Published.kinds {
            guard let definitions = try Published.document(of: kind)["$defs"] else { continue }
            for member in definitions.members where !local.contains(member.key) {
                let text = member.value.canonical()
                #expect(known[member.key, default: text] == text, "\(kind): \(member.key)")
                known[member.key] = text
            }
        }
    }
}
