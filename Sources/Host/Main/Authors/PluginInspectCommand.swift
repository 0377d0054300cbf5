internal import SluiceBase
internal import SluiceExtensions
internal import SluiceShared

/// `sluice plugin inspect FILE`: what a library is, told by the file and, in a child process, by
/// its entry; nothing is created or started.
enum PluginInspectCommand {
    private static let asJSON = "--json"

    static let command = Command(
        name: "plugin inspect",
        sentence: "says what a plugin library is, without starting it",
        flags: [
            Command.Flag(
                name: asJSON,
                value: nil,
                isRequired: false,
                sentence: "as JSON, with the schemas"
            )
        ],
        operands: [Command.Operand(name: "FILE")]
    ) { arguments in
        let path = arguments.operand ?? ""
        let (facts, problems) = PluginInspection.of(path)
        let isLong = arguments.flags[asJSON] != nil
        if facts != .null {
            Console.say(isLong ? facts.text(pretty: true) : lines(facts).joined(separator: "\n"))
        }
        for problem in problems { Console.complain("\(path): \(problem)") }
        return problems.isEmpty ? .success : .problems
    }

    private static func lines(_ facts: JSON) -> [String] {
        let rows: [(title: String, key: String)] = [
            ("id", "id"), ("version", "version"), ("summary", "summary"), ("ABI", "abi"),
            ("flags", "flags"), ("requires", "requires"), ("config schema", "configSchema"),
            ("route schema", "routeSchema"), ("needs", "needed"), ("exports", "exported"),
            ("build id", "buildId"), ("SHA-256", "sha256"),
        ]
        return rows.compactMap { title, key in
            facts[key].map { value in
                title + String(repeating: " ", count: 15 - title.count) + text(value)
            }
        }
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .array(let elements):
            elements.isEmpty ? "none" : elements.map(text).joined(separator: ", ")
        case .null: "none"
        case .object: "\(value.canonical().count) bytes (--json shows it)"
        case .bool, .integer, .number: value.text()
        }
    }
}
