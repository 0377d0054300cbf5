// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Package.swift`.
    // swift-format-ignore
    static let swiftPackageSwift = TemplateFile(
        path: "Package.swift",
        text: ##"""
        // swift-tools-version: 6.2\##nimport PackageDescription\##n\##n/// Out of tree a pl\##
        ugin has its own Swift runtime, and only C values cross to the host.\##nlet own: [Sw\##
        iftSetting] = [.unsafeFlags(["-static-stdlib"])]\##n\##nlet package = Package(\##n  \##
          name: "greeter",\##n    products: [.library(name: "greeter", type: .dynamic, targe\##
        ts: ["Greeter"])],\##n    targets: [\##n        // The header of the installed Sluic\##
        e, and the copy of the kit with what it needs.\##n        .systemLibrary(name: "Slui\##
        ceABI", pkgConfig: "sluice"),\##n        .target(name: "CCrypto", linkerSettings: [.\##
        linkedLibrary("crypto")]),\##n        .target(name: "CProcess"),\##n        .target(\##
        name: "SluiceShared", swiftSettings: own),\##n        .target(\##n            name: \##
        "SluiceKit",\##n            dependencies: ["SluiceABI", "SluiceShared", "CCrypto", "\##
        CProcess"],\##n            swiftSettings: own\##n        ),\##n        // The plugin\##
        .\##n        .target(\##n            name: "Greeter",\##n            dependencies: [\##
        "SluiceABI", "SluiceKit", "SluiceShared"],\##n            swiftSettings: own,\##n   \##
                 linkerSettings: [\##n                .unsafeFlags([\##n                    \##
        "-static-stdlib", "-Xlinker", "-z", "-Xlinker", "defs",\##n                    "-Xli\##
        nker", "-z", "-Xlinker", "nodelete",\##n                    "-Xlinker", "--version-s\##
        cript=\(Context.packageDirectory)/plugin.map",\##n                ])\##n            \##
        ]\##n        ),\##n    ],\##n    swiftLanguageModes: [.v6]\##n)\##n
        """##
    )
}
