// Alone because: it is one form, as each kind of document has one.

internal import SluiceShared

/// A filter of a rule or a backend as the compiler uses it.
struct FilterForm: Sendable {
    /// The plugin instance.
    let plugin: String
    /// Its configuration for this place, in canonical text.
    let configuration: [UInt8]
    /// Of the filter.
    let pointer: String

    /// Reads the filters of a rule or backend; those of another kind are reported.
    static func list(_ owner: JSONValue, _ reading: inout Reading) -> [FilterForm] {
        var filters: [FilterForm] = []
        for filter in owner["filters"].map({ Array($0.elements) }) ?? [] {
            guard let plugin = filter["plugin"]?.string else {
                reading.refuse(membersOf: filter, except: ["plugin", "config"])
                continue
            }
            filters.append(
                FilterForm(
                    plugin: plugin,
                    configuration: filter["config"]?.canonical() ?? Array("{}".utf8),
                    pointer: filter.pointer
                )
            )
        }
        return filters
    }
}
