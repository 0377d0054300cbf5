/// Who may import whom: the table of the design, section 2, in the names of the modules.
///
/// A module that is not a row here may not exist. SwiftPM refuses what is not a dependency of the
/// target, but lets through what a dependency brings along.
enum Imports {
    /// What a room may import; modules of the system apart.
    static let allowed: [String: Set<String>] = [
        "sluice": host.union(["SluiceShared"]),
        "SluiceAdmin": [
            "SluiceExtensions", "SluiceUpstreams", "SluiceRouting", "SluiceTelemetry",
            "SluiceConfig", "SluiceHTTP", "SluiceTLS", "SluiceBase", "SluiceShared", "CLinux",
        ],
        "SluiceServe": [
            "SluiceExtensions", "SluiceUpstreams", "SluiceRouting", "SluiceTelemetry",
            "SluiceConfig", "SluiceHTTP", "SluiceTLS", "SluiceRing", "SluiceEpoll", "SluiceBase",
        ],
        "SluiceExtensions": [
            "SluiceABI", "SluiceOutbound", "SluiceRouting", "SluiceTelemetry", "SluiceConfig",
            "SluiceHTTP", "SluiceBase", "SluiceShared", "CCrypto", "CFFI", "CLinux",
        ],
        "SluiceUpstreams": ["SluiceConfig", "SluiceBase"],
        "SluiceRouting": [
            "SluiceHTTP", "SluiceTLS", "SluiceConfig", "SluiceBase", "SluiceShared", "CPCRE2",
        ],
        "SluiceConfig": ["SluiceShared", "SluiceBase"],
        "SluiceHTTP": ["SluiceBase", "CHTTP2"],
        "SluiceTLS": ["SluiceBase", "CTLS"],
        "SluiceRing": ["SluiceBase", "CRing"],
        "SluiceEpoll": ["SluiceBase", "CLinux"],
        "SluiceOutbound": ["SluiceBase", "CCurl"],
        "SluiceTelemetry": ["SluiceBase"],
        "SluiceBase": ["CLinux"],
        "SluiceShared": ["CYAML", "CPCRE2"],
        "SluiceKit": ["SluiceABI", "SluiceShared", "CCrypto", "CProcess"],
        "SluiceKitTesting": ["SluiceKit", "SluiceABI"],
        "SluiceGatewayAPI": ["SluiceShared"],
        "SluiceKube": ["SluiceKit", "SluiceShared"],
        "SluiceCloudEvents": ["SluiceShared"],
        "SluiceFileSource": plugin,
        "FileSourceEntry": ["SluiceFileSource", "SluiceKit", "SluiceABI"],
        "SluiceHeaderStamp": plugin,
        "HeaderStampEntry": ["SluiceHeaderStamp", "SluiceKit", "SluiceABI"],
    ]

    /// Modules of the toolchain and the C library that any room may import.
    static let system: Set<String> = ["Glibc", "Synchronization", "Swift"]

    static let host: Set<String> = [
        "SluiceAdmin", "SluiceServe", "SluiceExtensions", "SluiceOutbound", "SluiceUpstreams",
        "SluiceRouting", "SluiceTelemetry", "SluiceConfig", "SluiceHTTP", "SluiceTLS",
        "SluiceRing", "SluiceEpoll", "SluiceBase",
    ]

    private static let plugin: Set<String> = [
        "SluiceKit", "SluiceKube", "SluiceGatewayAPI", "SluiceCloudEvents", "SluiceShared",
    ]

    /// The module that a source file belongs to; nil outside Swift rooms, and for the examples,
    /// which are built elsewhere.
    static func module(of path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard path.hasSuffix(".swift"), parts.count > 2 else { return nil }
        switch (parts[0], parts[1]) {
        case ("Sources", "Host"): return parts[2] == "Main" ? "sluice" : "Sluice\(parts[2])"
        case ("Sources", let room): return "Sluice\(room)"
        case ("Plugins", "Examples"): return nil
        case ("Plugins", let room): return parts[2] == "Entry" ? "\(room)Entry" : "Sluice\(room)"
        default: return nil
        }
    }

    /// The shared room keeps its parts in folders of one module.
    static func owner(of path: String) -> String? {
        path.hasPrefix("Sources/Shared/") ? "SluiceShared" : module(of: path)
    }

    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "macro",
    ]

    /// The module that a line imports: `package import struct A.B` imports `A`.
    static func module(inLine line: String) -> String? {
        let words = line.trimmed.split(separator: " ").map(String.init)
        guard let at = words.firstIndex(of: "import"), words.count > at + 1 else { return nil }
        let isPlain = words[..<at].allSatisfy { word in
            word.hasPrefix("@")
                || ["public", "package", "internal", "fileprivate", "private"].contains(word)
        }
        guard isPlain else { return nil }
        let named = kinds.contains(words[at + 1]) ? words.dropFirst(at + 2).first : words[at + 1]
        return named.flatMap { $0.split(separator: ".").first.map(String.init) }
    }

    /// Direct imports that the table does not have.
    static func strangers(_ files: [SourceFile]) -> [Finding] {
        files.flatMap { file -> [Finding] in
            guard let room = owner(of: file.path) else { return [] }
            guard let row = allowed[room] else {
                return [file.finding(1, "module \(room) has no row in the import table")]
            }
            return file.code.enumerated().compactMap { index, line in
                guard let name = module(inLine: line), !system.contains(name), !row.contains(name)
                else { return nil }
                return file.finding(
                    index + 1,
                    "\(room) may not import \(name); it may: "
                        + row.sorted().joined(separator: ", ")
                )
            }
        }
    }
}
