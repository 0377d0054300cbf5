internal import SluiceConfig

/// `sluice check`: loads everything as `run` would, has every source publish once, and installs
/// nothing.
enum CheckCommand {
    static let command = Command(
        name: "check",
        sentence: "tells everything that is wrong with a configuration and its routes",
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
