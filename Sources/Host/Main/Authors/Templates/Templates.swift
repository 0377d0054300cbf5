// Alone because: `make templates` writes it.

extension PluginTemplate {
    /// The files of each language, one of the folders in `Plugins/Examples` each.
    // swift-format-ignore
    static let all: [String: [TemplateFile]] = [
        "c": [
            .cMakefile,
            .cGreeterC,
        ],
        "swift": [
            .swiftMakefile,
            .swiftPackageSwift,
            .swiftSourcesGreeterGreeterSwift,
            .swiftSourcesGreeterPluginSwift,
            .swiftSourcesGreeterSettingsSwift,
            .swiftSourcesSluiceABIModuleModulemap,
            .swiftSourcesSluiceABIShimH,
            .swiftPluginMap,
        ],
        "rust": [
            .rustMakefile,
            .rustGreeterRs,
            .rustSluiceExchangeRs,
            .rustSluiceHostRs,
            .rustSluiceModRs,
            .rustSluiceRolesRs,
        ],
    ]
}
