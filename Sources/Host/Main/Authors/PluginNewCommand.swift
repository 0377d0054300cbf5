internal import SluiceBase
internal import SluiceShared

/// `sluice plugin new NAME --lang LANGUAGE`: a folder with a plugin that builds and passes its own
/// test.
enum PluginNewCommand {
    static let languageFlag = "--lang"

    static let command = Command(
        name: "plugin new",
        sentence: "makes a folder with a plugin to begin with",
        flags: [
            Command.Flag(
                name: languageFlag,
                value: PluginTemplate.languages.joined(separator: "|"),
                isRequired: true,
                sentence: "the language that it is written in"
            )
        ],
        operands: [Command.Operand(name: "NAME")]
    ) { arguments in
        let name = arguments.operand ?? ""
        do throws(PluginTemplate.Refusal) {
            let template = try PluginTemplate(arguments.flags[languageFlag] ?? "", name: name)
            for path in try template.write(to: name) { Console.say(path) }
            Console.say("\nGo on with:\n  cd \(name)\n  make test")
            return .success
        } catch {
            Console.complain("sluice: plugin new: \(error.text)")
            return .problems
        }
    }
}

/// One file of a template.
struct TemplateFile: Sendable {
    /// In the folder of the plugin.
    let path: String
    let text: String
}

/// A plugin to begin with: one of the examples, under another name.
struct PluginTemplate {
    /// Why no plugin is made: a sentence.
    struct Refusal: Error {
        let text: String
    }

    static let languages = all.keys.sorted()
    /// The name that the examples have.
    private static let exampleName = "greeter"
    private static let nameBytesMax = 32

    private let files: [TemplateFile]

    /// Throws when there is no such language, or when `name` cannot name files, functions and
    /// types alike.
    init(_ language: String, name: String) throws(Refusal) {
        guard let files = Self.all[language] else {
            throw Refusal(
                text: "there is no template in \(quoted(language)); there are"
                    + " \(Self.languages.joined(separator: ", "))"
            )
        }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isName =
            (1...Self.nameBytesMax).contains(name.utf8.count)
            && name.utf8.first.map(letters.contains) == true
            && name.utf8.allSatisfy { letters.contains($0) || digits.contains($0) }
        guard isName, !Self.reserved.contains(name) else {
            throw Refusal(
                text: "the name is \(quoted(name)), expected a small letter and then small letters"
                    + " and digits, at most \(Self.nameBytesMax), and no word of the language: it"
                    + " names files, functions and types"
            )
        }
        let pairs = [
            (Self.exampleName, name), (Self.exampleName.capitalised, name.capitalised),
            (Self.exampleName.uppercased(), name.uppercased()),
        ]
        self.files = (files + [Self.readme, Self.configuration]).map { file in
            TemplateFile(path: file.path.replacing(pairs), text: file.text.replacing(pairs))
        }
    }

    private static let readme = TemplateFile(
        path: "README.md",
        text: """
            # greeter

            A plugin of Sluice: `GET /greet/ann` is answered with a greeting.

                make         # builds libgreeter.so; pkg-config must find sluice.pc
                make test    # has Sluice drive it through its life
                sluice run --config sluice.yaml
                curl http://127.0.0.1:8081/greet/ann

            `sluice plugin inspect libgreeter.so` says what the library is. The header `sluice.h`
            is the contract between a plugin and its host.

            """
    )

    private static let configuration = TemplateFile(
        path: "sluice.yaml",
        text: """
            apiVersion: sluice.dev/v1
            kind: HostConfig
            plugins:
            - {name: greeter, library: ./libgreeter.so, config: {greeting: good day}}
            listeners:
            - {name: local, address: "127.0.0.1:8081", services: [greeter]}

            """
    )

    /// Words that are no names in one of the languages, or name what the templates use.
    private static let reserved: Set<String> = [
        "abstract", "alloc", "as", "async", "auto", "await", "become", "bool", "box", "break",
        "case", "catch", "char", "class", "const", "continue", "core", "crate", "create", "default",
        "defer", "destroy", "do", "double", "dyn", "else", "enum", "extern", "false", "final",
        "float", "fn", "for", "func", "goto", "guard", "host", "if", "impl", "import", "in",
        "inline", "int", "is", "let", "long", "loop", "macro", "main", "match", "mod", "move",
        "mut", "nil", "null", "override", "priv", "pub", "public", "ref", "register", "repeat",
        "request", "restrict", "return", "role", "self", "short", "signed", "sizeof", "sluice",
        "static", "std", "struct", "super", "switch", "throw", "throws", "trait", "true", "try",
        "type", "typedef", "union", "unsafe", "unsigned", "use", "var", "virtual", "void",
        "volatile", "where", "while", "yield",
    ]

    /// Writes the files into a folder that does not exist or is empty; their paths.
    func write(to folder: String) throws(Refusal) -> [String] {
        guard Files.isFree(folder) else {
            throw Refusal(text: "\(folder) exists and is not an empty folder")
        }
        return try files.map { file throws(Refusal) in
            let path = "\(folder)/\(file.path)"
            do throws(Errno) {
                if let slash = path.lastIndex(of: "/") {
                    try Files.makeFolder(String(path[..<slash]), mode: 0o777)
                }
                try Files.replace(path, with: Array(file.text.utf8), mode: 0o666)
            } catch {
                throw Refusal(text: "\(path) cannot be written: \(error)")
            }
            return path
        }
    }
}

extension String {
    /// With a capital letter in front.
    fileprivate var capitalised: String { prefix(1).uppercased() + dropFirst() }

    /// With each first text in place of the second; none of them is part of another.
    fileprivate func replacing(_ pairs: [(String, String)]) -> String {
        pairs.reduce(self) { $0.replacing($1.0, with: $1.1) }
    }
}
