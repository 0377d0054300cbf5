internal import SluiceShared

/// `sluice completion SHELL`: what a shell reads to complete command lines of `sluice`.
enum CompletionCommand {
    static let shells = ["bash"]

    static let command = Command(
        name: "completion",
        sentence: "prints the completion of a shell: source <(sluice completion bash)",
        operands: [Command.Operand(name: shells.joined(separator: "|"))]
    ) { arguments in
        guard arguments.operand == "bash" else {
            Console.complain("completion is written for \(shells.joined(separator: ", ")) alone")
            return .usage
        }
        Console.say(bash)
        return .success
    }

    /// The shell cuts words at `=`, so the binary gets the line as it was typed.
    private static let bash = """
        _sluice() {
          local IFS=$'\\n'
          COMPREPLY=($("${COMP_WORDS[0]}" complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
          [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
          return 0
        }
        complete -o default -F _sluice sluice
        """
}

/// `sluice complete LINE`: the words that may stand at the end of a command line, one a line.
enum CompleteCommand {
    static let command = Command(
        name: "complete",
        sentence: "lists how a command line may go on",
        operands: [Command.Operand(name: "LINE")],
        isHidden: true
    ) { arguments in
        let words = Completion(arguments.operand ?? "").candidates
        if !words.isEmpty { Console.say(words.joined(separator: "\n")) }
        return .success
    }
}

/// How a command line that ends in an unfinished word may go on.
struct Completion {
    /// The whole words behind `sluice`.
    private let words: [String]
    /// The unfinished one; may be empty.
    private let last: String

    init(_ line: String) {
        var words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        last = words.popLast() ?? ""
        self.words = words.dropFirst().filter { !$0.isEmpty }
    }

    /// What may stand in place of the unfinished word; behind `=` only what follows it.
    var candidates: [String] {
        guard let command = Command.named(words) else { return names.filter(fits) }
        if let flag = command.flags.first(where: { $0.name == words.last }), flag.value != nil {
            return values(of: flag).filter(fits)
        }
        if last.hasPrefix("-") {
            return command.flags.map(\.name).filter { !words.contains($0) && fits($0) }
        }
        return operands(of: command).filter(fits)
    }

    private func fits(_ candidate: String) -> Bool {
        candidate.hasPrefix(last.split(separator: "=", omittingEmptySubsequences: false).last ?? "")
    }

    /// The next words of the names of commands.
    private var names: [String] {
        var found: [String] = []
        for command in Command.all where !command.isHidden {
            guard command.words.starts(with: words) else { continue }
            let next = command.words[words.count]
            if !found.contains(next) { found.append(next) }
        }
        return found
    }

    private func values(of flag: Command.Flag) -> [String] {
        flag.name == PluginNewCommand.languageFlag ? PluginTemplate.languages : []
    }

    private func operands(of command: Command) -> [String] {
        // Files complete by the shell's own means.
        switch command.name {
        case CompletionCommand.command.name: CompletionCommand.shells
        case PluginCallCommand.command.name: ofPlugins(command)
        default: []
        }
    }

    /// Names of instances, operations and parameters: the host is asked for them.
    private func ofPlugins(_ command: Command) -> [String] {
        guard let arguments = try? Arguments(words),
            let client = try? AdminClient(arguments.flags)
        else { return [] }
        let given = arguments.operands
        guard let name = given.first else {
            let page = try? client.page("/plugins")
            let plugins = page?["plugins"].map { Array($0.elements) } ?? []
            return plugins.compactMap { $0["name"]?.string }
        }
        guard let plugin = try? PluginShown(of: name, client) else { return [] }
        guard given.count > 1 else { return plugin.operations.map(\.name) }
        guard let operation = try? plugin.operation(given[1]) else { return [] }
        if let place = last.firstIndex(of: "=") {
            let parameter = operation.parameters.first { $0.name == last[..<place] }
            guard parameter?.type == "boolean" else { return [] }
            return ["true", "false"]
        }
        let used = given.dropFirst(2).map { $0.prefix { $0 != "=" } }
        return operation.parameters.map(\.name).filter { !used.contains($0[...]) }.map { $0 + "=" }
    }
}
