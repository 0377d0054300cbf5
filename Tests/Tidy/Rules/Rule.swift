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
        sizes + banned.map(\.rule)
        + [plainWords, machinePaths, promises, unsafeFolders, names, laneTags]
}

extension Rule {
    /// The folders in which `unsafe` may stand (design: the house, last line of the table).
    static let unsafeAllowed = [
        "Sources/Shared/", "Sources/Host/Base/", "Sources/Host/Ring/", "Sources/Host/Epoll/",
        "Sources/Host/TLS/", "Sources/Host/HTTP/", "Sources/Host/Outbound/",
        "Sources/Host/Extensions/", "Plugins/Kit/", "Plugins/KitTesting/", "Tests/",
        // A chain outlives its snapshot, by the exchanges that hold it.
        "Sources/Host/Routing/Snapshot/FilterChain.swift",
    ]

    static let unsafeFolders = Rule(
        name: "unsafe stands where C is met",
        holdsFor: { $0.language == .swift && !$0.isUnder(unsafeAllowed) },
        check: { file in
            // The exported entry is a C function: its signature names C pointers.
            let isEntry = file.path.contains("/Entry/") || file.isUnder(["Plugins/Examples/"])
            let words = isEntry ? ["unsafe"] : ["unsafe", "Unsafe*"]
            return file.code.enumerated().compactMap { index, line in
                words.first { Words.contains(line, $0) }.map { word in
                    file.finding(index + 1, "`\(word)`: use the safe views of Base or Kit")
                }
            }
        },
        breach: Sample("Sources/Host/Serve/A.swift", "let a = unsafe b.pointee\n"),
        kept: Sample("Sources/Host/Serve/A.swift", "// unsafe in a comment\nlet isUnsafe = 1\n")
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

    /// Folders of one machine; the words are split so that this file passes its own rule.
    private static let machineFolders = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]

    static let machinePaths = Rule(
        name: "no path of one machine",
        holdsFor: { _ in true },
        check: { file in
            file.lines.enumerated().compactMap { index, line in
                machineFolders.first(where: line.contains).map {
                    file.finding(index + 1, "`\($0)` is a folder of one machine: say it relatively")
                }
            }
        },
        breach: Sample("conf/a.yaml", "path: \(machineFolders[0])a\n"),
        kept: Sample("conf/a.yaml", "path: conf/a\n")
    )

    private static let promiseWords = ["TODO", "FIXME", "XXX", "HACK"]

    static let promises = Rule(
        name: "what is left to do has an issue number",
        holdsFor: { $0.language.isCode },
        check: { file in
            file.comments.enumerated().compactMap { index, line in
                guard let word = promiseWords.first(where: { Words.contains(line, $0) }) else {
                    return nil
                }
                let number = line.firstIndex(of: "#").map { line[line.index(after: $0)...] }
                guard number?.first?.isNumber != true else { return nil }
                return file.finding(index + 1, "`\(word)` without an issue number (`#12`)")
            }
        },
        breach: Sample("Sources/A.swift", "// TO" + "DO: later\n"),
        kept: Sample("Sources/A.swift", "// TO" + "DO #12: later\nlet a = \"XXX\"\n")
    )
}

/// Each plugin folder tells what it is and what can be set.
enum PluginFolders {
    /// Folders beside the plugins: the header, and examples that are built outside.
    private static let noPlugins: Set<String> = ["ABI", "Examples"]

    /// A plugin is a folder with an entry of its own: `Entry/`, or C source for plugins in C.
    static func plugins(_ paths: [String]) -> [String] {
        let folders = paths.compactMap { path -> String? in
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count > 2, parts[0] == "Plugins", !noPlugins.contains(parts[1])
            else { return nil }
            let isEntry = parts[2] == "Entry" || path.hasSuffix(".c")
            return isEntry ? "Plugins/\(parts[1])" : nil
        }
        return Set(folders).sorted()
    }

    /// What a plugin folder lacks.
    static func lacking(_ paths: [String]) -> [Finding] {
        let present = Set(paths)
        return plugins(paths).flatMap { folder -> [Finding] in
            let isSwift = present.contains { $0.hasPrefix("\(folder)/Entry/") }
            let settings = isSwift ? ["Settings.swift"] : ["settings.h"]
            let entry = isSwift ? ["Entry/Plugin.swift"] : []
            return (["README.md"] + settings + entry)
                .filter { !present.contains("\(folder)/\($0)") }
                .map { Finding(path: folder, line: 0, text: "has no \($0)") }
        }
    }
}
