import Glibc
import SluiceShared

/// Debian's `json-schema-test-suite`, whose newest draft is 7, spoken in 2020-12's words.
enum SchemaSuite {
    static let folder = "/usr/share/json-schema-test-suite/tests/draft7"

    /// A schema with its values, under the file and the description that the suite gives it.
    struct Group {
        var name: String
        var schema: JSON
        var tests: [(name: String, value: JSONValue, isValid: Bool)]
    }

    struct Absent: Error, CustomStringConvertible {
        var path: String
        var description: String {
            "\(path) is not there: install Debian's json-schema-test-suite with `make deps`"
        }
    }

    /// The groups of one file.
    static func groups(_ file: String) throws -> [Group] {
        let path = "\(folder)/\(file)"
        guard let bytes = bytes(of: path) else { throw Absent(path: path) }
        return try JSONDocument(parsing: bytes, source: file).root.elements.map { group in
            Group(
                name: "\(file): \(group["description"]?.string ?? "")",
                schema: translated(group["schema"]?.json() ?? nil),
                tests: group["tests"]?.elements.compactMap { test in
                    guard let value = test["data"], let isValid = test["valid"]?.bool else {
                        return nil
                    }
                    return (test["description"]?.string ?? "", value, isValid)
                } ?? []
            )
        }
    }

    /// Draft 7's older words with the same meaning in 2020-12.
    static func translated(_ schema: JSON) -> JSON {
        switch schema {
        case .array(let elements): return .array(elements.map(translated))
        case .object(let members): return .object(translated(members))
        case .null, .bool, .integer, .number, .string: return schema
        }
    }

    private static func translated(_ members: [String: JSON]) -> [String: JSON] {
        var result: [String: JSON] = [:]
        let hasTuple = if case .array = members["items"] { true } else { false }
        for (key, value) in members {
            switch (key, value) {
            case ("definitions", _): result["$defs"] = translated(value)
            case ("$ref", .string(let reference)) where reference.hasPrefix("#/definitions/"):
                result["$ref"] = .string("#/$defs/" + reference.dropFirst("#/definitions/".count))
            case ("items", .array): result["prefixItems"] = translated(value)
            case ("additionalItems", _) where hasTuple: result["items"] = translated(value)
            case ("dependencies", .object(let rules)) where rules.values.allSatisfy(isList):
                result["dependentRequired"] = value
            case ("enum", _), ("const", _): result[key] = value
            default: result[key] = translated(value)
            }
        }
        return result
    }

    private static func isList(_ value: JSON) -> Bool {
        if case .array = value { true } else { false }
    }

    /// The names of the suite's files.
    static func files() throws -> [String] {
        guard let stream = unsafe opendir(folder) else { throw Absent(path: folder) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { characters in
                    unsafe String(cString: characters)
                }
            }
            if name.hasSuffix(".json") { names.append(name) }
        }
        return names.sorted()
    }

    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while case let count = unsafe fread(&block, 1, block.count, file), count > 0 {
            bytes += block.prefix(count)
        }
        return bytes
    }
}
