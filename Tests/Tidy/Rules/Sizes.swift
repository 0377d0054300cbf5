/// The sizes of the style guide, section 5, point 11.
enum Sizes {
    /// Characters in a line of code.
    static let columnsMax = 100
    /// Lines from a function's declaration to its closing brace.
    static let functionLinesMax = 70
    /// Lines in a file; the header of the plugin boundary is one file by design.
    static let fileLinesMax = 500
    /// Lines below which a source file says why it is not part of another.
    static let fileLinesMin = 40
    /// How such a file begins.
    static let reasonForSmall = "// Alone because: "
    /// Source files in a folder; folders in it count apart.
    static let folderFilesMax = 20
}

extension Rule {
    static let sizes: [Rule] = [columns, functions, fileLines, smallFiles]

    static let columns = Rule(
        name: "lines have at most \(Sizes.columnsMax) columns",
        holdsFor: { $0.language.isCode },
        check: { file in
            file.lines.enumerated().compactMap { index, line in
                line.count > Sizes.columnsMax
                    ? file.finding(index + 1, "\(line.count) columns, at most \(Sizes.columnsMax)")
                    : nil
            }
        },
        breach: Sample("Tests/a.py", String(repeating: "a", count: Sizes.columnsMax + 1)),
        kept: Sample("Tests/a.py", String(repeating: "a", count: Sizes.columnsMax))
    )

    static let functions = Rule(
        name: "functions have at most \(Sizes.functionLinesMax) lines",
        holdsFor: { $0.language.isCode },
        check: { file in
            Function.all(in: file).filter { $0.lineCount > Sizes.functionLinesMax }.map {
                file.finding(
                    $0.firstLine,
                    "`\($0.name)` has \($0.lineCount) lines, at most \(Sizes.functionLinesMax)"
                )
            }
        },
        breach: Sample("Sources/A.swift", function(lines: Sizes.functionLinesMax + 1)),
        kept: Sample("Sources/A.swift", function(lines: Sizes.functionLinesMax))
    )

    static let fileLines = Rule(
        name: "files have at most \(Sizes.fileLinesMax) lines",
        holdsFor: { $0.language.isCode && $0.path != LaneTags.header },
        check: { file in
            file.lines.count > Sizes.fileLinesMax
                ? [file.finding(1, "\(file.lines.count) lines, at most \(Sizes.fileLinesMax)")] : []
        },
        breach: Sample("Sources/a.c", String(repeating: "\n", count: Sizes.fileLinesMax + 1)),
        kept: Sample("Sources/a.c", String(repeating: "\n", count: Sizes.fileLinesMax))
    )

    static let smallFiles = Rule(
        name: "files have at least \(Sizes.fileLinesMin) lines, or a reason",
        holdsFor: {
            $0.language == .swift && $0.isUnder(["Sources/", "Plugins/"])
                && !$0.isUnder(["Plugins/Examples/"])
        },
        check: { file in
            let isSmall = file.lines.count < Sizes.fileLinesMin
            guard isSmall, file.lines.first?.hasPrefix(Sizes.reasonForSmall) != true else {
                return []
            }
            return [
                file.finding(
                    1,
                    "\(file.lines.count) lines: merge it with what is read together with it, "
                        + "or begin with `\(Sizes.reasonForSmall)...`"
                )
            ]
        },
        breach: Sample("Sources/Host/Extensions/A.swift", "let a = 1\n"),
        kept: Sample(
            "Sources/Host/Extensions/A.swift",
            "\(Sizes.reasonForSmall)both sides read it.\nlet a = 1\n"
        )
    )

    private static func function(lines: Int) -> String {
        "func a(\n    b: Int\n) -> Int {\n" + String(repeating: "    c()\n", count: lines - 4)
            + "}\n"
    }

    /// Folders with more source files than the guide allows.
    static func crowdedFolders(_ paths: [String]) -> [Finding] {
        let sources = paths.filter { Language(path: $0).isCode }
        return Dictionary(grouping: sources, by: \.folder)
            .filter { $0.value.count > Sizes.folderFilesMax }
            .sorted { $0.key < $1.key }
            .map {
                Finding(
                    path: $0.key,
                    line: 0,
                    text: "\($0.value.count) source files, at most \(Sizes.folderFilesMax)"
                )
            }
    }
}
