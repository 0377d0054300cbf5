internal import Glibc
internal import SluiceShared

@main
struct Main {
    static func main() { Arguments.perform() }
}

/// The command line, held against the table of commands and their flags.
struct Arguments: Sendable {
    let command: Command
    /// Flag names with their values; a flag without one has an empty text.
    private(set) var flags: [String: String] = [:]
    private(set) var operands: [String] = []

    /// The first operand.
    var operand: String? { operands.first }

    /// Why a command line is none, and the command it was meant for, if that was clear.
    struct Mistake: Error, Equatable {
        let text: String
        var command: String?
    }

    /// Reads the process's own command line, does what it says and ends the process.
    static func perform() -> Never {
        exit(perform(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func perform(_ words: [String]) -> ExitCode {
        if let help = Help.wanted(by: words) {
            Console.say(help)
            return .success
        }
        do throws(Mistake) {
            let arguments = try Arguments(words)
            return arguments.command.run(arguments)
        } catch {
            let hint = ["sluice", error.command, "--help"].compactMap(\.self)
            Console.complain("sluice: \(error.text)\nTry: \(hint.joined(separator: " "))")
            return .usage
        }
    }

    /// Reads words behind the program's name.
    init(_ words: [String]) throws(Mistake) {
        guard let first = words.first else {
            throw Mistake(text: "a command is missing; there are \(Self.names())")
        }
        guard let command = Command.named(words) else { throw Self.unknown(first, words) }
        self.command = command
        var rest = words.dropFirst(command.words.count)
        while let word = rest.popFirst() {
            if word.hasPrefix("-") {
                try take(flag: word, &rest)
            } else {
                try take(operand: word)
            }
        }
        try requireAll()
    }

    /// Why no command has the name that a command line begins with.
    private static func unknown(_ first: String, _ words: [String]) -> Mistake {
        let group = Command.all.filter { $0.words.count > 1 && $0.words[0] == first }
        guard group.isEmpty else {
            let names = group.map(\.name).joined(separator: ", ")
            guard words.count > 1 else {
                return Mistake(text: "\(first): a command is missing; there are \(names)")
            }
            return Mistake(text: "there is no command \"\(first) \(words[1])\"; there are \(names)")
        }
        let near = nearest(first, among: Command.all.filter { !$0.isHidden }.map(\.name))
        let hint = near.map { "; did you mean \"\($0)\"?" } ?? "; there are \(names())"
        return Mistake(text: "there is no command \"\(first)\"\(hint)")
    }

    private static func names() -> String {
        Command.all.filter { !$0.isHidden }.map(\.name).joined(separator: ", ")
    }

    /// `--flag`, `--flag value` or `--flag=value`.
    private mutating func take(
        flag word: String,
        _ rest: inout ArraySlice<String>
    ) throws(Mistake) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        guard let flag = command.flags.first(where: { $0.name == name }) else {
            let near = nearest(name, among: command.flags.map(\.name))
            let hint = near.map { "; did you mean \"\($0)\"?" } ?? ""
            throw mistake("there is no flag \"\(name)\"\(hint)")
        }
        guard flags[name] == nil else { throw mistake("\(name) is given twice") }
        let attached = parts.count > 1 ? String(parts[1]) : nil
        guard let value = flag.value else {
            guard attached == nil else { throw mistake("\(name) takes no value") }
            flags[name] = ""
            return
        }
        guard let given = attached ?? rest.popFirst(), !given.isEmpty else {
            throw mistake("\(name) needs a value: \(name) \(value)")
        }
        flags[name] = given
    }

    private mutating func take(operand word: String) throws(Mistake) {
        guard operands.count < command.operands.count || command.operands.last?.repeats == true
        else { throw mistake("\"\(word)\" was not expected") }
        operands.append(word)
    }

    private func requireAll() throws(Mistake) {
        for flag in command.flags where flag.isRequired && flags[flag.name] == nil {
            throw mistake("\(flag.name) \(flag.value ?? "") is missing: \(flag.sentence)")
        }
        let missing = command.operands.dropFirst(operands.count).first { $0.isRequired }
        if let missing { throw mistake("\(missing.name) is missing") }
    }

    private func mistake(_ text: String) -> Mistake {
        Mistake(text: "\(command.name): \(text)", command: command.name)
    }
}
