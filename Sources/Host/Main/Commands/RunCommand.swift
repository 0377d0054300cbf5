internal import SluiceConfig

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
