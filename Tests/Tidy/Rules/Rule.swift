/// One rule of the style guide: where it holds, how it is checked, and a breach of it.
///
/// The breach makes the rule prove that it can fail; the kept text, that it does not always.
struct Rule: Sendable, CustomStringConvertible {
    /// A file that a rule tries itself on.
    struct Sample: Sendable {
        let path: String
        let text: String

        init(_ path: String, _ text: String) {
            self.path = path
            self.text = text
        }

        var file: SourceFile { SourceFile(path: path, text) }
    }

    let name: String
    let holdsFor: @Sendable (SourceFile) -> Bool
    let check: @Sendable (SourceFile) -> [Finding]
    let breach: Sample
    let kept: Sample

    var description: String { name }

    func findings(in file: SourceFile) -> [Finding] {
        holdsFor(file) ? check(file) : []
    }

    /// Everything a file alone can be judged by.
    static let all: [Rule] =
        sizes + banned.map(\.rule) + text + [unsafeFolders, mainIsOneLine, names, includes]
        + [laneTags]
}

extension Rule {
    /// The folders in which `unsafe` may stand (design: the house, last line of the table).
    static let unsafeAllowed = [
        "Sources/Shared/", "Sources/Host/Base/", "Sources/Host/Ring/", "Sources/Host/Epoll/",
        "Sources/Host/TLS/", "Sources/Host/HTTP/", "Sources/Host/Outbound/",
        "Sources/Host/Extensions/", "Plugins/Kit/", "Tests/",
    ]

    static let unsafeFolders = Rule(
        name: "unsafe stands where C is met",
        holdsFor: { $0.language == .swift && !$0.isUnder(unsafeAllowed) },
        check: { file in
            // The exported entry is a C function: its signature names C pointers.
            let words = file.path.contains("/Entry/") ? ["unsafe"] : ["unsafe", "Unsafe*"]
            return file.code.enumerated().compactMap { index, line in
                words.first { Words.contains(line, $0) }.map { word in
                    file.finding(index + 1, "`\(word)`: use the safe views of Base or Kit")
                }
            }
        },
        breach: Sample("Sources/Host/Serve/A.swift", "let a = unsafe b.pointee\n"),
        kept: Sample("Sources/Host/Serve/A.swift", "// unsafe in a comment\nlet isUnsafe = 1\n")
    )

    /// A closure literal inside `@main`'s `main` is inferred `@MainActor` and traps on a worker.
    static let mainIsOneLine = Rule(
        name: "main holds no closure",
        holdsFor: { $0.language == .swift && $0.code.contains { Words.contains($0, "@main") } },
        check: { file in
            Function.swift(in: file).filter { $0.name == "main" }.flatMap { main in
                (main.bodyLine..<main.lastLine).compactMap { line in
                    let text = line == main.bodyLine ? main.firstLineOfBody : file.code[line - 1]
                    return text.contains("{")
                        ? file.finding(line, "a brace inside main: call one named function") : nil
                }
            }
        },
        breach: Sample(
            "Sources/Host/Main/A.swift",
            "@main struct A {\n    static func main() {\n        b { 1 }\n    }\n}\n"
        ),
        kept: Sample(
            "Sources/Host/Main/A.swift",
            "@main struct A {\n    static func main() { b() }\n}\n"
        )
    )

    static let vagueWords: Set<String> = [
        "Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Impl",
    ]

    static let names = Rule(
        name: "names say what a thing is",
        holdsFor: { $0.language.isCode },
        check: { file in
            let stem = String(file.path.lastComponent.split(separator: ".")[0])
            let ofFile = vagueWord(in: stem).map { file.finding(1, "file name says `\($0)`") }
            return (ofFile.map { [$0] } ?? [])
                + Declarations.types(in: file).compactMap { name, line in
                    vagueWord(in: name).map {
                        file.finding(line, "`\(name)` says `\($0)`: name the verb or the thing")
                    }
                }
        },
        breach: Sample("Sources/Host/Serve/A.swift", "struct PoolManager {}\n"),
        kept: Sample("Sources/Host/Serve/A.swift", "struct ManagedPool {}\n")
    )

    private static func vagueWord(in name: String) -> String? {
        Words.camelWords(name).first { vagueWords.contains($0) }
    }

    /// C plugins are compiled against the header alone.
    static let includes = Rule(
        name: "a C plugin includes the header and nothing of ours",
        holdsFor: {
            $0.language == .c && $0.isUnder(["Plugins/"]) && !$0.isUnder(["Plugins/ABI/"])
        },
        check: { file in
            file.lines.enumerated().compactMap { index, line in
                let parts = line.split(separator: "\"")
                let isOurs = line.trimmed.hasPrefix("#include") && parts.count > 1
                guard isOurs, parts[1].contains("/") else { return nil }
                return file.finding(index + 1, "\(parts[1]): only sluice.h and files beside it")
            }
        },
        breach: Sample("Plugins/Echo/a.c", "#include \"../Kit/kit.h\"\n"),
        kept: Sample("Plugins/Echo/a.c", "#include \"sluice.h\"\n#include <sys/types.h>\n")
    )
}
