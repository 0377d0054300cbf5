internal import Glibc
internal import SluiceBase
internal import SluiceConfig

/// The help texts, written from the tables of commands, flags and settings.
enum Help {
    private static let width = 20
    private static let words = ["--help", "-h", "help"]

    /// The text that a command line asks for; nil: it asks for something else.
    static func wanted(by arguments: [String]) -> String? {
        guard let place = arguments.firstIndex(where: words.contains) else { return nil }
        guard place > 0, let command = Command.all.first(where: { $0.name == arguments[0] })
        else { return place == 0 ? overview : nil }
        return text(of: command)
    }

    private static var overview: String {
        let commands = Command.all.filter { !$0.isHidden }
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
        return ([command.name] + flags + [command.operand].compactMap(\.self))
            .joined(separator: " ")
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
        // A closed pipe is the reader's decision; there is nobody left to tell.
        try? Files.write(Array((text + "\n").utf8), to: descriptor)
    }
}
