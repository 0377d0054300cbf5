internal import SluiceBase
internal import SluiceConfig
internal import SluiceShared

/// An instance's `config` against its library's schema.
enum ConfigCheck {
    /// The JSON text that the plugin gets; throws a sentence about the first thing that is wrong.
    static func text(_ configuration: PluginConfiguration, schema: String?) throws(PluginRefusal)
        -> [UInt8]
    {
        let value = try value(of: configuration)
        guard let schema else {
            guard value.kind == .object, value.count == 0 else {
                throw PluginRefusal(
                    "it takes no config, expected none or {}",
                    place: place(value, value.mark.line)
                )
            }
            return value.canonical()
        }
        try check(value, try parsed(schema))
        return value.canonical()
    }

    private static func value(of configuration: PluginConfiguration) throws(PluginRefusal)
        -> JSONValue
    {
        if let value = configuration.config, !value.isNull { return value }
        do throws(ParseFailure) {
            return try JSONDocument(parsing: "{}").root
        } catch {
            throw PluginRefusal("an empty config cannot be made: \(error)")
        }
    }

    /// The schema itself comes from the plugin and may be wrong.
    static func parsed(_ schema: String) throws(PluginRefusal) -> Schema {
        do {
            return try Schema(JSONDocument(parsing: schema, source: "config_schema").root)
        } catch {
            throw PluginRefusal("its config_schema is refused: \(error)")
        }
    }

    private static func check(_ value: JSONValue, _ schema: Schema) throws(PluginRefusal) {
        let problems = schema.validate(value)
        guard let first = problems.first else { return }
        let base = value.pointer
        let pointer =
            first.pointer.hasPrefix(base)
            ? String(first.pointer.dropFirst(base.count)) : first.pointer
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        throw PluginRefusal(
            first.text + more,
            pointer: pointer,
            place: place(value, first.mark.line)
        )
    }

    /// Where a value stands, `file:line`; empty when its text has no name.
    static func place(_ value: JSONValue, _ line: Int) -> String {
        value.source.isEmpty ? "" : "\(value.source):\(line)"
    }
}
