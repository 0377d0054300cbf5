extension Rule {
    static let text: [Rule] = [trailingSpace, machinePaths, promises]

    static let trailingSpace = Rule(
        name: "no white space at the end of a line",
        holdsFor: { _ in true },
        check: { file in
            file.lines.enumerated().compactMap { index, line in
                line.last?.isWhitespace == true
                    ? file.finding(index + 1, "white space at the end of the line") : nil
            }
        },
        breach: Sample("README.md", "a \n"),
        kept: Sample("README.md", "a\n")
    )

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
