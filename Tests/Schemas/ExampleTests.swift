import SluiceShared
import Testing

/// The examples beside the schemas, valid and invalid.
@Suite struct ExampleTests {
    @Test(arguments: Published.kinds)
    func `a schema loads and accepts its own examples`(kind: String) throws {
        let schema = try Published.schema(of: kind)
        let inside = try #require(try Published.document(of: kind)["examples"])
        #expect(inside.count > 0)
        for example in inside.elements {
            #expect(schema.validate(example) == [], "\(example.pointer) in \(kind).json")
        }
    }

    @Test(arguments: Published.kinds)
    func `every example is valid`(kind: String) throws {
        let schema = try Published.schema(of: kind)
        let names = try Published.names(in: Published.examples, of: kind)
        #expect(names.count >= 2)
        for name in names {
            let example = try Published.document("\(Published.examples)/\(name)")
            #expect(schema.validate(example) == [], "\(name)")
        }
    }

    @Test(arguments: Published.kinds)
    func `every invalid example is refused at its pointer`(kind: String) throws {
        let schema = try Published.schema(of: kind)
        let names = try Published.names(in: Published.invalid, of: kind)
        #expect(names.count >= 3)
        for name in names {
            let file = try Published.document("\(Published.invalid)/\(name)")
            let expected = try #require(file["expect"], "\(name)")
            let pointer = try #require(expected["pointer"]?.string, "\(name)")
            let keyword = try #require(expected["keyword"]?.string, "\(name)")
            let example = try #require(file["document"], "\(name)")
            // The document is parsed by itself, so that pointers start at its own root.
            let alone = try JSONDocument(parsing: example.canonical(), source: name)
            let problems = schema.validate(alone.root)
            let found = problems.contains { $0.pointer == pointer && $0.keyword == keyword }
            #expect(found, "\(name): \(pointer) \(keyword), found \(problems)")
        }
    }

    @Test func `every example belongs to a kind`() throws {
        for folder in [Published.examples, Published.invalid] {
            for name in try Published.names(in: folder) {
                let kind = try #require(name.split(separator: "-").first).description
                #expect(Published.kinds.contains(kind), "\(name)")
            }
        }
    }

    @Test(arguments: Published.kinds)
    func `the examples use every property`(kind: String) throws {
        var properties: Set<String> = []
        try Published.document(of: kind).eachSchema { schema in
            for member in schema["properties"].map({ Array($0.members) }) ?? [] {
                properties.insert(member.key)
            }
        }
        var used: Set<String> = []
        for name in try Published.names(in: Published.examples, of: kind) {
            used.formUnion(try Published.document("\(Published.examples)/\(name)").keys)
        }
        #expect(properties.subtracting(used) == [])
    }
}
