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
