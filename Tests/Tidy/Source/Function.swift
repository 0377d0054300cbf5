/// Finds functions and where they end, by braces, in blanked code.
struct Function {
    let name: String
    /// The line of the declaration, from 1.
    let firstLine: Int
    /// The line of the opening brace.
    let bodyLine: Int
    /// What follows the opening brace on its line.
    let firstLineOfBody: String
    /// The line of the closing brace.
    let lastLine: Int

    var lineCount: Int { lastLine - firstLine + 1 }

    static func all(in file: SourceFile) -> [Function] {
        switch file.language {
        case .swift: swift(in: file)
        case .c: c(in: file)
        case .python: python(in: file)
        case .text: []
        }
    }

    private static let starters: Set<String> = ["func", "init", "deinit", "subscript", "var"]

    /// Swift: a starter word, a signature, and a brace that the signature leads to.
    static func swift(in file: SourceFile) -> [Function] {
        file.code.indices.compactMap { index in
            let words = Words.identifiers(file.code[index])
            guard let word = words.firstIndex(where: starters.contains) else { return nil }
            let isLocalName = words[..<word].contains {
                ["let", "self", "super", "case"].contains($0)
            }
            guard !isLocalName, let open = bodyStart(file.code, from: index) else { return nil }
            let name =
                word + 1 < words.count && words[word] == "func" ? words[word + 1] : words[word]
            return close(file.code, name, index, open)
        }
    }

    /// C: a brace at depth 0 after a closing parenthesis; the name stands before its match.
    static func c(in file: SourceFile) -> [Function] {
        let code = file.code.map { $0.trimmed.hasPrefix("#") ? "" : $0 }
        return code.indices.compactMap { index in
            guard let first = code[index].first, first.isLetter || first == "_",
                let open = bodyStart(code, from: index)
            else { return nil }
            let words = Words.identifiers(String(code[index].prefix { $0 != "(" }))
            guard code[index].contains("("), let name = words.last else { return nil }
            return close(code, name, index, open)
        }
    }

    /// Python: from `def` to the last line that is indented deeper.
    static func python(in file: SourceFile) -> [Function] {
        file.code.indices.compactMap { index in
            let line = file.code[index]
            let words = line.trimmed.split(separator: " ")
            guard words.first == "def" || words.starts(with: ["async", "def"]) else { return nil }
            let indent = line.prefix { $0 == " " }.count
            let body = file.code[(index + 1)...].prefix { next in
                next.trimmed.isEmpty || next.prefix { $0 == " " }.count > indent
                    || next.trimmed.hasPrefix(")")
            }
            let last = body.lastIndex { !$0.trimmed.isEmpty } ?? index
            return Function(
                name: Words.identifiers(line).last ?? "",
                firstLine: index + 1,
                bodyLine: index + 2,
                firstLineOfBody: "",
                lastLine: last + 1
            )
        }
    }

    private typealias Spot = (line: Int, column: Int)

    /// The brace that opens the body, or nil for a declaration without one.
    private static func bodyStart(_ code: [String], from start: Int) -> Spot? {
        var depth = 0
        for line in start..<code.count {
            for (column, letter) in code[line].enumerated() {
                switch letter {
                case "(", "[": depth += 1
                case ")", "]": depth -= 1
                case "{" where depth == 0: return (line, column)
                case ";" where depth == 0, "}" where depth == 0: return nil
                default: break
                }
            }
            if depth == 0, !continues(code, after: line) { return nil }
        }
        return nil
    }

    private static func continues(_ code: [String], after line: Int) -> Bool {
        guard line + 1 < code.count else { return false }
        let next = code[line + 1].trimmed
        return ["{", "where ", "->", "throws", "async"].contains { next.hasPrefix($0) }
    }

    private static func close(
        _ code: [String],
        _ name: String,
        _ start: Int,
        _ open: Spot
    ) -> Function? {
        var depth = 0
        for line in open.line..<code.count {
            let from = line == open.line ? open.column : 0
            for letter in code[line].dropFirst(from) {
                if letter == "{" { depth += 1 }
                if letter == "}" { depth -= 1 }
                if depth == 0 {
                    return Function(
                        name: name,
                        firstLine: start + 1,
                        bodyLine: open.line + 1,
                        firstLineOfBody: String(code[open.line].dropFirst(open.column + 1)),
                        lastLine: line + 1
                    )
                }
            }
        }
        return nil
    }
}
