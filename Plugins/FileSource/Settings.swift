package import SluiceKit
internal import SluiceShared

/// One setting of the plugin: a row of the table that makes the schema and the reference.
package struct Setting: Sendable {
    /// The key in `config`.
    package let name: String
    /// Its shape, as JSON Schema text.
    package let schema: String
    /// Whether it must be there.
    package let isRequired: Bool
    /// One sentence for people.
    package let text: String
}

/// The configuration of a file-source instance.
package struct Settings: Sendable, Equatable {
    /// Files and folders with manifests; of two that hold one object the first wins.
    package var paths: [String]

    /// All settings.
    package static let table = [
        Setting(
            name: "paths",
            schema: """
                {"type":"array","minItems":1,"maxItems":\(Limits.pathsMax),\
                "items":{"type":"string","minLength":1,"maxLength":4096}}
                """,
            isRequired: true,
            text: "Files and folders with manifests (*.yaml, *.yml, *.json); relative paths start "
                + "at the folder of the configuration file, and of two manifests of one object the "
                + "first path wins."
        )
    ]

    /// JSON Schema of `config`, made from the table.
    package static var schema: String {
        let properties = table.map { setting in
            let text = JSON.string(setting.text).text()
            return "\"\(setting.name)\":{\"description\":\(text),"
                + setting.schema.dropFirst()
        }
        let required = table.filter(\.isRequired).map { "\"\($0.name)\"" }
        return """
            {"type":"object","additionalProperties":false,\
            "required":[\(required.joined(separator: ","))],\
            "properties":{\(properties.joined(separator: ","))}}
            """
    }

    /// Reads a configuration that fits the schema; relative paths start at `folder`.
    package init(_ configuration: String, folder: String) throws(PluginError) {
        let root: JSONValue
        do throws(ParseFailure) {
            root = try JSONDocument(parsing: configuration).root
        } catch {
            throw PluginError(.invalid, error.text, at: error.pointer)
        }
        guard let list = root["paths"], list.kind == .array, list.count > 0 else {
            throw PluginError(
                .invalid,
                "expected paths: a list of files and folders with manifests",
                at: "/paths"
            )
        }
        paths = list.elements.compactMap(\.string).map { path in
            path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
        }
    }
}
