// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/plugin.map`.
    // swift-format-ignore
    static let swiftPluginMap = TemplateFile(
        path: "plugin.map",
        text: ##"""
        { global: sluice_plugin_entry; local: *; };\##n
        """##
    )
}
