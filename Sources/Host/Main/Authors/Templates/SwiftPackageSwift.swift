// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Package.swift`.
    // swift-format-ignore
    static let swiftPackageSwift = TemplateFile(
        path: "Package.swift",
        text: ##"""
        // swift-tools-version: 6.2\##nimport PackageDescription\##n\##n/// Out of tree a pl\##
        ugin has its own Swift runtime, and only C values cross to the host. The feature\##n\##
        /// keeps async functions on the lane.\##nlet own: [SwiftSetting] = [\##n    .unsafe\##
        Flags(["-static-stdlib"]), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),\##
        \##n]\##n\##nlet package = Package(\##n    name: "greeter",\##n    products: [.libra\##
        ry(name: "greeter", type: .dynamic, targets: ["Greeter"])],\##n    targets: [\##n   \##
             // The header of the installed Sluice, and the copy of the kit with what it nee\##
        ds.\##n        .systemLibrary(name: "SluiceABI", pkgConfig: "sluice"),\##n        .t\##
        arget(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),\##n        .targ\##
        et(name: "CProcess"),\##n        .target(name: "SluiceShared", swiftSettings: own),\##
        \##n        .target(\##n            name: "SluiceKit",\##n            dependencies: \##
        ["SluiceABI", "SluiceShared", "CCrypto", "CProcess"],\##n            swiftSettings: \##
        own\##n        ),\##n        // The plugin.\##n        .target(\##n            name:\##
         "Greeter",\##n            dependencies: ["SluiceABI", "SluiceKit", "SluiceShared"],\##
        \##n            swiftSettings: own,\##n            linkerSettings: [\##n            \##
            .unsafeFlags([\##n                    "-static-stdlib", "-Xlinker", "-z", "-Xlin\##
        ker", "defs",\##n                    "-Xlinker", "-z", "-Xlinker", "nodelete",\##n  \##
                          "-Xlinker", "--version-script=\(Context.packageDirectory)/plugin.m\##
        ap",\##n                ])\##n            ]\##n        ),\##n    ],\##n    swiftLang\##
        uageModes: [.v6]\##n)\##n
        """##
    )
}
