internal import Glibc
internal import SluiceBase
internal import SluiceConfig
internal import SluiceEpoll
internal import SluiceExtensions
internal import SluiceRing
internal import SluiceShared
internal import SluiceTelemetry

/// A sub-command: how it is called, what it is for and what it does.
struct Command: Sendable {
    /// A flag of a command.
    struct Flag: Sendable {
        /// With its dashes.
        let name: String
        /// What stands for its value in the help; nil: it has none.
        let value: String?
        let isRequired: Bool
        let sentence: String
    }

    /// A word of a command line that is no flag.
    struct Operand: Sendable {
        /// What stands for it in the help.
        let name: String
        var isRequired = true
        /// Any number of further ones may follow; only the last operand.
        var repeats = false
    }

    /// One word, or two when it belongs to a group.
    let name: String
    let sentence: String
    var flags: [Flag] = []
    var operands: [Operand] = []
    /// Left out of the help: the host calls it itself, or it writes the documentation.
    var isHidden = false
    let run: @Sendable (Arguments) -> ExitCode

    /// Every command, in the order of the help.
    static let all: [Command] = [
        RunCommand.command, CheckCommand.command, PluginCallCommand.command,
        PluginInspectCommand.command, PluginNewCommand.command, CompletionCommand.command,
        VersionCommand.command, SettingsCommand.command, PluginCheckCommand.command,
        CompleteCommand.command,
    ]

    /// The words of its name.
    var words: [String] { name.split(separator: " ").map(String.init) }

    /// The command that a command line begins with.
    static func named(_ line: [String]) -> Command? {
        all.first { line.starts(with: $0.words) }
    }

    /// The one flag that `run` and `check` share.
    static let configFlag = Flag(
        name: "--config",
        value: "FILE",
        isRequired: true,
        sentence: "the host's configuration (docs/configuration.md)"
    )
}

/// How the process ends.
enum ExitCode: Int32 {
    case success = 0
    /// The configuration, a manifest, a plugin or a worker has a problem that was reported.
    case problems = 1
    /// The command line is not one.
    case usage = 2
}

/// `sluice run`: serves until it is asked to stop.
enum RunCommand {
    static let command = Command(
        name: "run",
        sentence: "serves by a configuration until SIGTERM or SIGINT",
        flags: [Command.configFlag]
    ) { arguments in
        do throws(ConfigFailure) {
            let path = arguments.flags[Command.configFlag.name] ?? ""
            return Boot(try HostConfiguration.read(path)).run()
        } catch {
            Console.complain(error.description)
            return .problems
        }
    }
}

/// `sluice check`: loads everything as `run` would, has every source publish once, and installs
/// nothing.
enum CheckCommand {
    static let command = Command(
        name: "check",
        sentence: "reports everything that is wrong with a configuration and its routes",
        flags: [Command.configFlag]
    ) { arguments in
        do throws(ConfigFailure) {
            let path = arguments.flags[Command.configFlag.name] ?? ""
            return Check(try HostConfiguration.read(path)).run()
        } catch {
            Console.complain(error.description)
            return .problems
        }
    }
}

/// `sluice settings --markdown`: the tables of docs/configuration.md.
enum SettingsCommand {
    static let command = Command(
        name: "settings",
        sentence: "writes the reference of all settings",
        flags: [
            Command.Flag(
                name: "--markdown",
                value: nil,
                isRequired: true,
                sentence: "as the tables of docs/configuration.md"
            )
        ],
        isHidden: true
    ) { _ in
        Console.say(SettingReference.markdown())
        return .success
    }
}

/// `sluice plugin-check FILE`: what the host runs in a child process before it loads a library.
enum PluginCheckCommand {
    static let command = Command(
        name: PluginCheck.command,
        sentence: "loads a plugin library and says whether it fits",
        operands: [Command.Operand(name: "FILE")],
        isHidden: true
    ) { arguments in
        let status = PluginCheck.run(arguments.operand ?? "")
        return ExitCode(rawValue: status) ?? .problems
    }
}

/// The help texts, written from the tables of commands, flags and settings.
enum Help {
    private static let width = 20
    private static let flags = ["--help", "-h"]

    /// The help text that a command line requests; nil: it requests something else.
    static func wanted(by arguments: [String]) -> String? {
        guard let first = arguments.first else { return nil }
        if first == "help" || flags.contains(first) { return overview(Command.all) }
        guard arguments.contains(where: flags.contains) else { return nil }
        if let command = Command.named(arguments) { return text(of: command) }
        let group = Command.all.filter { $0.words[0] == first }
        return group.isEmpty ? nil : overview(group)
    }

    private static func overview(_ commands: [Command]) -> String {
        let commands = commands.filter { !$0.isHidden }
        var lines = [
            "Sluice proxies HTTP traffic by routes that its plugins publish.", "", "Commands:",
        ]
        for command in commands {
            lines.append(line(usage(command), command.sentence))
            lines += command.flags.map { line("  \(spelling($0))", $0.sentence) }
        }
        lines += ["", "sluice COMMAND --help says more.", ""]
        lines += ["Exit status: 0 success, 1 a problem was reported, 2 the command line is wrong."]
        return "Usage: sluice COMMAND [FLAGS]\n\n" + lines.joined(separator: "\n")
    }

    private static func text(of command: Command) -> String {
        var lines = ["Usage: sluice \(usage(command))", "", "\(command.sentence)."]
        if !command.flags.isEmpty {
            lines += ["", "Flags:"]
            lines += command.flags.map { line(spelling($0), $0.sentence) }
        }
        if command.flags.contains(where: { $0.name == Command.configFlag.name }) {
            lines += ["", "The configuration has these keys, all in docs/configuration.md:"]
            lines += [SettingReference.summary(width: width)]
        }
        return lines.joined(separator: "\n")
    }

    private static func usage(_ command: Command) -> String {
        let flags = command.flags.filter(\.isRequired).map(spelling)
        let operands = command.operands.map { operand in
            let name = operand.name + (operand.repeats ? " ..." : "")
            return operand.isRequired ? name : "[\(name)]"
        }
        return ([command.name] + flags + operands).joined(separator: " ")
    }

    private static func spelling(_ flag: Command.Flag) -> String {
        [flag.name, flag.value].compactMap(\.self).joined(separator: " ")
    }

    private static func line(_ start: String, _ sentence: String) -> String {
        let gap = String(repeating: " ", count: max(2, width - start.count))
        return "  \(start)\(gap)\(sentence)"
    }
}

/// What commands say to the one who typed them.
///
/// A running host writes to its log instead.
enum Console {
    /// Writes lines to standard output.
    static func say(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes lines to standard error.
    static func complain(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        // A closed pipe is the reader's decision; there is nobody left to report it to.
        try? Files.write(Array((text + "\n").utf8), to: descriptor)
    }
}

/// `sluice version`: what this build is, and with `--features` what it and this machine can do.
enum VersionCommand {
    private static let features = "--features"

    static let command = Command(
        name: "version",
        sentence: "prints the version",
        flags: [
            Command.Flag(
                name: features,
                value: nil,
                isRequired: false,
                sentence: "also what this build and this machine can do, as JSON"
            )
        ]
    ) { arguments in
        let isLong = arguments.flags[features] != nil
        Console.say(isLong ? report.text(pretty: true) : "sluice \(BuildInfo.version)")
        return .success
    }

    private static var report: JSON {
        [
            "version": .string(BuildInfo.version),
            "io": ["uring": uring, "epoll": epoll],
            "workersAuto": .integer(Int64(ProcessorShare.count())),
            "listenerProtocols": ["HTTP"],
            "upstreamProtocols": ["http1"],
            "limits": limits,
        ]
    }

    /// Asks the kernel for a small ring, as a worker would.
    private static var uring: JSON {
        do {
            let ring = try Ring(entries: 8, arena: Arena(count: 2, size: 4_096))
            return ["available": true, "mode": .string(ring.mode.rawValue)]
        } catch {
            return ["available": false, "reason": .string("\(error)")]
        }
    }

    /// Asks the kernel for an instance, as a worker would.
    private static var epoll: JSON {
        do {
            _ = try Epoll(entries: 8, arena: Arena(count: 2, size: 4_096))
            return ["available": true]
        } catch {
            return ["available": false, "reason": .string("\(error)")]
        }
    }

    private static var limits: JSON {
        var limits: [String: JSON] = [
            "workersMax": .integer(Int64(FixedLimits.workersMax)),
            "pluginsMax": .integer(Int64(FixedLimits.pluginsMax)),
        ]
        for row in LimitTable.rows { limits[row.key] = .string(row.fallback) }
        return .object(limits)
    }
}
