// swift-tools-version: 6.2
import PackageDescription

/// Out of tree a plugin has its own Swift runtime, and only C values cross to the host.
///
/// The feature keeps async functions on the lane.
let own: [SwiftSetting] = [
    .unsafeFlags(["-static-stdlib"]), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "greeter",
    products: [.library(name: "greeter", type: .dynamic, targets: ["Greeter"])],
    targets: [
        // The header of the installed Sluice, and the copy of the kit with what it needs.
        .systemLibrary(name: "SluiceABI", pkgConfig: "sluice"),
        .target(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "CProcess"),
        .target(name: "SluiceShared", swiftSettings: own),
        .target(
            name: "SluiceKit",
            dependencies: ["SluiceABI", "SluiceShared", "CCrypto", "CProcess"],
            swiftSettings: own
        ),
        // The plugin.
        .target(
            name: "Greeter",
            dependencies: ["SluiceABI", "SluiceKit", "SluiceShared"],
            swiftSettings: own,
            linkerSettings: [
                .unsafeFlags([
                    "-static-stdlib", "-Xlinker", "-z", "-Xlinker", "defs",
                    "-Xlinker", "-z", "-Xlinker", "nodelete",
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/plugin.map",
                ])
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
