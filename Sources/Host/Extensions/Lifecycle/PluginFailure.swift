/// One plugin instance that could not be loaded, started or stopped, told to the operator.
package struct PluginFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let instance: String
    /// Where the instance, or the setting that is to blame, stands in the configuration.
    package let place: String
    /// The step that failed: "load", "create", "start", ...
    package let step: String
    package let text: String
    /// JSON Pointer into the instance's `config`; empty when it is not about a setting.
    package let pointer: String
    /// Whether the host may run without it.
    package let isRequired: Bool

    /// `conf/a.yaml:9: plugin echo: load: /config/x: expected ...`.
    package var description: String {
        let start = place.isEmpty ? "" : "\(place): "
        let setting = pointer.isEmpty ? "" : "config\(pointer): "
        return "\(start)plugin \(instance): \(step): \(setting)\(text)"
    }
}
