// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Package.swift`.
    // swift-format-ignore
    static let swiftPackageSwift = TemplateFile(
        path: "Package.swift",
        text: ##"""
        // swift-tools-version: 6.2\##nimport PackageDescription\##n\##n/// Out of tree a pl\##
        ugin has its own Swift runtime, and only C values cross to the host.\##n///\##n/// T\##
        he feature keeps async functions on the lane.\##nlet own: [SwiftSetting] = [\##n    \##
        .unsafeFlags(["-static-stdlib"]), .enableUpcomingFeature("NonisolatedNonsendingByDef\##
        ault"),\##n]\##n\##nlet package = Package(\##n    name: "greeter",\##n    products: \##
        [.library(name: "greeter", type: .dynamic, targets: ["Greeter"])],\##n    targets: [\##
        \##n        // The header of the installed Sluice, and the copy of the kit with what\##
         it needs.\##n        .systemLibrary(name: "SluiceABI", pkgConfig: "sluice"),\##n   \##
             .target(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),\##n      \##
          .target(name: "CProcess"),\##n        .target(name: "SluiceShared", swiftSettings:\##
         own),\##n        .target(\##n            name: "SluiceKit",\##n            dependen\##
        cies: ["SluiceABI", "SluiceShared", "CCrypto", "CProcess"],\##n            swiftSett\##
        ings: own\##n        ),\##n        // The plugin.\##n        .target(\##n           \##
         name: "Greeter",\##n            dependencies: ["SluiceABI", "SluiceKit", "SluiceSha\##
        red"],\##n            swiftSettings: own,\##n            linkerSettings: [\##n      \##
                  .unsafeFlags([\##n                    "-static-stdlib", "-Xlinker", "-z", \##
        "-Xlinker", "defs",\##n                    "-Xlinker", "-z", "-Xlinker", "nodelete",\##
        \##n                    "-Xlinker", "--version-script=\(Context.packageDirectory)/pl\##
        ugin.map",\##n                ])\##n            ]\##n        ),\##n    ],\##n    swi\##
        ftLanguageModes: [.v6]\##n)\##n
        """##
    )
}
