/// One banned text of code, and what to write instead.
struct Banned: Sendable {
    /// A whole word, or the beginning of one when it ends with "*".
    let text: String
    let instead: String
    var only: [String] = []
    var except: [String] = []

    /// The row as a rule; it is tried on a file in the first folder where it holds.
    var rule: Rule {
        let row = self
        let path = (only.first ?? "Sources/Host/Serve/") + "A.swift"
        let breach = "let a = \(text.filter { $0 != "*" })a)"
        return Rule(
            name: "no \(text)",
            holdsFor: { file in
                file.language == .swift && !file.isUnder(row.except)
                    && (row.only.isEmpty || file.isUnder(row.only))
            },
            check: { file in
                file.code.enumerated().compactMap { index, line in
                    Words.contains(line, row.text)
                        ? file.finding(index + 1, "`\(row.text)`: \(row.instead)") : nil
                }
            },
            breach: Rule.Sample(path, breach),
            kept: Rule.Sample(path, "// \(breach)\nlet a = \"\(text)\"\n")
        )
    }
}

extension Rule {
    /// What does not compile here, or what `swift format` finds, has no row.
    static let banned: [Banned] = [
        Banned(
            text: "fatalError(",
            instead: "return an error; `precondition` for our own invariants",
            except: ["Sources/Host/Main/"]
        ),
        Banned(text: "Task {*", instead: "post to a worker's inbox or a lane"),
        Banned(text: "Task.detached*", instead: "post to a worker's inbox or a lane"),
        Banned(text: "dlclose*", instead: "never unload a plugin: open with RTLD_NODELETE"),
        Banned(text: "_typeByName*", instead: "modules exist once per image: name the type"),
        Banned(text: "print(*", instead: "use Log, or write to a descriptor"),
        Banned(
            text: "String(*",
            instead: "stay with bytes on the data path",
            only: ["Channel", "Session", "Exchange", "Path", "Loop"].map {
                "Sources/Host/Serve/\($0)/"
            }
        ),
        Banned(
            text: "sleep(*",
            instead: "wait for a condition with a deadline",
            only: ["Tests/"],
            // Plugins that sleep by their host's clock, which tests simulate.
            except: ["Tests/Plugins/Kit/", "Tests/Fixtures/KitProbe/"]
        ),
        Banned(
            text: "usleep(*",
            instead: "wait for a condition with a deadline",
            only: ["Tests/"]
        ),
    ]
}

/// Words of texts for people: an image or an old habit, and the plain technical word for it (style
/// guide, section 5, point 13).
enum PlainWords {
    static let instead: [(word: String, plain: String)] = [
        ("carried", "supported"),
        ("asks for", "requires, requests"),
        ("small letters", "lower-case"),
        ("anew", "again; of a configuration: reload"),
        ("stands here", "duplicate, is at"),
        ("door*", "the thing itself"),
        ("guest*", "the thing itself"),
    ]

    /// Where texts are for people; the rules themselves name the words.
    static let folders = ["Sources/", "Plugins/", "Tests/", "conf/", "docs/plugins.md"]
    static let except = ["Tests/Tidy/"]
}

extension Rule {
    static let plainWords = Rule(
        name: "texts are plain technical English",
        holdsFor: { $0.isUnder(PlainWords.folders) && !$0.isUnder(PlainWords.except) },
        check: { file in
            file.lines.enumerated().flatMap { index, line in
                PlainWords.instead.filter { Words.contains(line.lowercased(), $0.word) }.map {
                    file.finding(index + 1, "`\($0.word)`: say \($0.plain)")
                }
            }
        },
        breach: Sample("docs/plugins.md", "TLS is not Carried.\n"),
        kept: Sample("docs/plugins.md", "TLS is not supported; `notCarried` is a name.\n")
    )
}
