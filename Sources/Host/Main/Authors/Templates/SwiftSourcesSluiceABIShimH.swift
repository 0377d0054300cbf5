// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Sources/SluiceABI/shim.h`.
    // swift-format-ignore
    static let swiftSourcesSluiceABIShimH = TemplateFile(
        path: "Sources/SluiceABI/shim.h",
        text: ##"""
        #include <sluice.h>\##n
        """##
    )
}
