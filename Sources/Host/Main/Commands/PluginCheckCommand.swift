internal import SluiceExtensions

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
