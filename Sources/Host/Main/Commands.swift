internal import SluiceConfig
internal import SluiceExtensions

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

    let name: String
    let sentence: String
    var flags: [Flag] = []
    /// What stands for its operand in the help; nil: it has none.
    var operand: String?
    /// Left out of the help: the host calls it itself, or it writes the documentation.
    var isHidden = false
    let run: @Sendable (Arguments) -> ExitCode

    /// Every command, in the order of the help.
    static let all: [Command] = [
        RunCommand.command, CheckCommand.command, VersionCommand.command,
        SettingsCommand.command, PluginCheckCommand.command,
    ]

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
    /// The configuration, a manifest, a plugin or a worker has a problem that was told.
    case problems = 1
    /// The command line is not one.
    case usage = 2
}

/// `sluice run`: serves until it is told to stop.
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
        operand: "FILE",
        isHidden: true
    ) { arguments in
        let status = PluginCheck.run(arguments.operand ?? "")
        return ExitCode(rawValue: status) ?? .problems
    }
}
