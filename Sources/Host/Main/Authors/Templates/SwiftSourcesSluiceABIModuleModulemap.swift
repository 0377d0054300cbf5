// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Sources/SluiceABI/module.modulemap`.
    // swift-format-ignore
    static let swiftSourcesSluiceABIModuleModulemap = TemplateFile(
        path: "Sources/SluiceABI/module.modulemap",
        text: ##"""
        module SluiceABI [system] { header "shim.h" export * }\##n
        """##
    )
}
