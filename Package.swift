// swift-tools-version: 6.2
import PackageDescription

/// One room is one folder, one target, one module: a wrong import does not compile.
///
/// The table of who may import whom is design law; `Tests/Tidy` compares it with the sources.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

/// Compile options of every C target: nothing is visible unless a header says so.
let shim: [CSetting] = [.unsafeFlags(["-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"])]

func versionScript(_ name: String) -> LinkerSetting {
    .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/\(name)"])
}

func room(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(
        name: "Sluice\(name)",
        dependencies: dependencies.map { .init(stringLiteral: $0) },
        path: "Sources/Host/\(name)",
        swiftSettings: settings
    )
}

func shims(_ name: String, _ libraries: [String] = [], path: String? = nil) -> Target {
    .target(
        name: name,
        path: path ?? "Sources/Host/C/\(name)",
        cSettings: shim,
        linkerSettings: libraries.map { .linkedLibrary($0) }
    )
}

func plugin(_ name: String, _ dependencies: [String], exclude: [String] = []) -> Target {
    .target(
        name: "Sluice\(name)",
        dependencies: dependencies.map { .init(stringLiteral: $0) },
        path: "Plugins/\(name)",
        exclude: exclude,
        swiftSettings: settings
    )
}

func entry(_ name: String) -> Target {
    .target(
        name: "\(name)Entry",
        dependencies: ["SluiceABI", "SluiceKit", .init(stringLiteral: "Sluice\(name)")],
        path: "Plugins/\(name)/Entry",
        swiftSettings: settings,
        linkerSettings: [versionScript("Plugins/ABI/plugin.map")]
    )
}

func tests(
    _ name: String,
    path: String,
    exclude: [String] = [],
    _ dependencies: [String]
) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies.map { .init(stringLiteral: $0) },
        path: "Tests/\(path)",
        exclude: exclude,
        swiftSettings: settings
    )
}

let package = Package(
    name: "sluice",
    products: [
        .executable(name: "sluice", targets: ["sluice"]),
        .library(name: "file-source", type: .dynamic, targets: ["FileSourceEntry"]),
        .library(name: "header-stamp", type: .dynamic, targets: ["HeaderStampEntry"]),
        .library(name: "echo", type: .dynamic, targets: ["Echo"]),
        .library(name: "kit-probe", type: .dynamic, targets: ["KitProbe"]),
    ],
    targets: [
        // The host, from the ground up.
        shims("CLinux"),
        shims("CRing", ["uring"]),
        shims("CFFI", ["ffi"]),
        shims("CTLS", ["ssl", "crypto"]),
        shims("CCurl", ["curl"]),
        room("Base", ["CLinux"]),
        room("Config", ["SluiceBase", "SluiceShared"]),
        room("HTTP", ["SluiceBase"]),
        room("TLS", ["SluiceBase", "CTLS"]),
        room("Ring", ["SluiceBase", "CRing"]),
        room("Epoll", ["SluiceBase", "CLinux"]),
        room("Outbound", ["SluiceBase", "CCurl"]),
        room("Telemetry", ["SluiceBase"]),
        room("Upstreams", ["SluiceBase", "SluiceConfig"]),
        room(
            "Routing",
            ["SluiceBase", "SluiceHTTP", "SluiceTLS", "SluiceConfig", "SluiceShared"]
        ),
        room(
            "Extensions",
            [
                "SluiceBase", "SluiceABI", "SluiceRouting", "SluiceTelemetry", "SluiceConfig",
                "SluiceHTTP", "SluiceShared", "CCrypto", "CFFI", "CLinux",
            ]
        ),
        room(
            "Serve",
            [
                "SluiceBase", "SluiceExtensions", "SluiceUpstreams", "SluiceRouting",
                "SluiceTelemetry", "SluiceConfig", "SluiceHTTP", "SluiceTLS", "SluiceRing",
                "SluiceEpoll",
            ]
        ),
        room(
            "Admin",
            [
                "SluiceBase", "SluiceExtensions", "SluiceUpstreams", "SluiceRouting",
                "SluiceTelemetry", "SluiceConfig", "SluiceHTTP", "SluiceShared", "CLinux",
            ]
        ),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "SluiceAdmin", "SluiceServe", "SluiceExtensions", "SluiceUpstreams",
                "SluiceRouting", "SluiceTelemetry", "SluiceConfig", "SluiceHTTP", "SluiceTLS",
                "SluiceRing", "SluiceEpoll", "SluiceBase", "SluiceShared",
            ],
            path: "Sources/Host/Main",
            exclude: ["host.map"],
            swiftSettings: settings,
            linkerSettings: [versionScript("Sources/Host/Main/host.map")]
        ),

        // Both sides.
        shims("CYAML", ["yaml"], path: "Sources/Shared/CYAML"),
        shims("CPCRE2", ["pcre2-8"], path: "Sources/Shared/CPCRE2"),
        shims("CCrypto", ["crypto"], path: "Sources/Shared/CCrypto"),
        shims("CProcess", path: "Sources/Shared/CProcess"),
        .target(
            name: "SluiceShared",
            dependencies: ["CYAML", "CPCRE2"],
            path: "Sources/Shared",
            exclude: ["CYAML", "CPCRE2", "CCrypto", "CProcess"],
            swiftSettings: settings
        ),

        // Plugins.
        shims("SluiceABI", path: "Plugins/ABI"),
        plugin("Kit", ["SluiceABI", "SluiceShared", "CCrypto", "CProcess"]),
        plugin("KitTesting", ["SluiceKit", "SluiceABI"]),
        plugin("GatewayAPI", ["SluiceShared"], exclude: ["README.md"]),
        plugin(
            "FileSource",
            ["SluiceKit", "SluiceGatewayAPI", "SluiceShared"],
            exclude: ["Entry", "README.md"]
        ),
        entry("FileSource"),
        plugin("HeaderStamp", ["SluiceKit", "SluiceShared"], exclude: ["Entry", "README.md"]),
        entry("HeaderStamp"),
        .target(
            name: "Echo",
            dependencies: ["SluiceABI"],
            path: "Plugins/Echo",
            exclude: ["README.md"],
            publicHeadersPath: ".",
            cSettings: shim,
            linkerSettings: [versionScript("Plugins/ABI/plugin.map")]
        ),

        // Tests.
        .target(
            name: "KitProbe",
            dependencies: ["SluiceABI", "SluiceKit"],
            path: "Tests/Fixtures/KitProbe",
            swiftSettings: settings,
            linkerSettings: [versionScript("Plugins/ABI/plugin.map")]
        ),
        tests("Shared", path: "Shared", ["SluiceShared"]),
        tests("ABI", path: "ABI", ["SluiceABI"]),
        tests(
            "Kit",
            path: "Plugins/Kit",
            ["SluiceKit", "SluiceKitTesting", "SluiceShared", "SluiceABI", "CCrypto"]
        ),
        tests(
            "Admin",
            path: "Host/Admin",
            [
                "SluiceAdmin", "SluiceExtensions", "SluiceRouting", "SluiceTelemetry",
                "SluiceConfig", "SluiceBase", "SluiceShared",
            ]
        ),
        tests("Config", path: "Host/Config", ["SluiceConfig", "SluiceBase", "SluiceShared"]),
        tests("Telemetry", path: "Host/Telemetry", ["SluiceTelemetry", "SluiceBase"]),
        tests(
            "Serve",
            path: "Host/Serve",
            [
                "SluiceServe", "SluiceExtensions", "SluiceRouting", "SluiceConfig", "SluiceBase",
                "SluiceShared",
            ]
        ),
        tests("Schemas", path: "Schemas", ["SluiceShared"]),
        tests(
            "Routing",
            path: "Host/Routing",
            ["SluiceRouting", "SluiceTLS", "SluiceConfig", "SluiceBase", "SluiceShared"]
        ),
        tests(
            "Epoll",
            path: "Host/Epoll",
            ["SluiceServe", "SluiceEpoll", "SluiceRing", "SluiceBase"]
        ),
        tests("Upstreams", path: "Host/Upstreams", ["SluiceUpstreams", "SluiceBase"]),
        tests(
            "GatewayAPI",
            path: "Plugins/GatewayAPI",
            ["SluiceGatewayAPI", "SluiceShared", "SluiceKit"]
        ),
        tests(
            "FileSource",
            path: "Plugins/FileSource",
            [
                "SluiceFileSource", "SluiceGatewayAPI", "SluiceKit", "SluiceKitTesting",
                "SluiceShared",
            ]
        ),
        tests(
            "HeaderStamp",
            path: "Plugins/HeaderStamp",
            ["SluiceHeaderStamp", "SluiceKit", "SluiceShared"]
        ),
        tests(
            "Extensions",
            path: "Host/Extensions",
            [
                "SluiceExtensions", "SluiceABI", "SluiceBase", "SluiceConfig", "SluiceRouting",
                "SluiceShared",
            ]
        ),
        tests("Tidy", path: "Tidy", []),
        shims("CSeededRandom", ["crypto"], path: "Tests/Simulation/Random"),
        .target(
            name: "SimulatedKernel",
            dependencies: ["SluiceServe", "SluiceConfig", "SluiceBase"],
            path: "Tests/Simulation/Kernel",
            swiftSettings: settings
        ),
        .target(
            name: "HTTPInvariants",
            dependencies: [
                "SimulatedKernel", "SluiceServe", "SluiceRouting", "SluiceTelemetry",
                "SluiceConfig", "SluiceUpstreams", "SluiceHTTP", "SluiceTLS", "SluiceBase",
                "SluiceShared",
            ],
            path: "Tests/Fuzz/Invariants",
            swiftSettings: settings
        ),
        tests("HTTP", path: "Host/HTTP", ["SluiceHTTP", "SluiceBase", "HTTPInvariants"]),
        tests("TLS", path: "Host/TLS", ["SluiceTLS", "SluiceBase", "CTLS", "HTTPInvariants"]),
        tests(
            "Outbound",
            path: "Host/Outbound",
            ["SluiceOutbound", "SluiceBase", "SluiceTLS", "CTLS"]
        ),
        tests("Base", path: "Host/Base", ["SluiceBase"]),
        tests("Ring", path: "Host/Ring", ["SluiceRing", "SluiceBase"]),
        tests(
            "Simulation",
            path: "Simulation",
            exclude: ["Kernel", "Random"],
            [
                "SimulatedKernel", "HTTPInvariants", "SluiceServe", "SluiceExtensions",
                "SluiceABI", "SluiceRouting", "SluiceTelemetry", "SluiceConfig", "SluiceRing",
                "SluiceUpstreams", "SluiceTLS",
                "SluiceBase", "SluiceShared", "CTLS", "CSeededRandom",
            ]
        ),
    ],
    cLanguageStandard: .gnu11,
    cxxLanguageStandard: .gnucxx17
)

// `make fuzz` builds everything once more with coverage; nothing else pays for it.
if Context.environment["SLUICE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: ["HTTPInvariants", "SluiceShared", "SluiceBase"],
            path: "Tests/Fuzz",
            exclude: ["Invariants", "Seeds"],
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
        )
    )
}
