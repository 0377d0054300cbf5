// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Sources/Greeter/Plugin.swift`.
    // swift-format-ignore
    static let swiftSourcesGreeterPluginSwift = TemplateFile(
        path: "Sources/Greeter/Plugin.swift",
        text: ##"""
        public import SluiceABI\##ninternal import SluiceKit\##n\##n/// The exported half; t\##
        he compiler holds it against the header.\##n// swift-format-ignore: AlwaysUseLowerCa\##
        melCase\##n@c @implementation\##npublic func sluice_plugin_entry(\##n    _ hello: Un\##
        safePointer<sluice_hello>!,\##n    _ error: UnsafeMutablePointer<sluice_error>!\##n)\##
         -> UnsafePointer<sluice_plugin_desc>! {\##n    PluginEntry.describe(Greeter.self, t\##
        o: hello, error)\##n}\##n
        """##
    )
}
