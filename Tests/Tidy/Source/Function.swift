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

/// What a Swift file declares, found by words in blanked code.
enum Declarations {
    private static let typeWords: Set<String> = [
        "struct", "class", "enum", "protocol", "actor", "typealias",
    ]
    private static let valueWords: Set<String> = ["func", "let", "var", "case", "extension"]

    static func types(in file: SourceFile) -> [(name: String, line: Int)] {
        declared(in: file, by: typeWords).filter { $0.name.first?.isUppercase == true }
    }

    static func all(in file: SourceFile) -> [(name: String, line: Int)] {
        declared(in: file, by: typeWords.union(valueWords))
    }

    private static func declared(
        in file: SourceFile,
        by words: Set<String>
    ) -> [(name: String, line: Int)] {
        guard file.language == .swift else { return [] }
        return file.code.enumerated().flatMap { index, line in
            let found = Words.identifiers(line)
            return zip(found, found.dropFirst())
                .filter { words.contains($0.0) && !words.contains($0.1) }
                .map { (name: $0.1, line: index + 1) }
        }
    }

    /// Swift files that hold nothing, or nothing that any other file names.
    static func dead(_ files: [SourceFile]) -> [Finding] {
        let sources = files.filter {
            $0.language == .swift && $0.isUnder(["Sources/", "Plugins/"])
        }
        var holders: [String: Int] = [:]
        for file in sources {
            for word in Set(file.code.flatMap(Words.identifiers)) {
                holders[word, default: 0] += 1
            }
        }
        return sources.compactMap { file in
            let names = all(in: file).map(\.name)
            let isEntry = file.code.contains {
                Words.contains($0, "@main") || Words.contains($0, "@c")
            }
            if names.isEmpty {
                return file.finding(1, "declares nothing: write its content or remove it")
            }
            let isNamed = isEntry || names.contains { holders[$0, default: 0] > 1 }
            return isNamed ? nil : file.finding(1, "no other file names anything of this one")
        }
    }
}

/// Looking for words in blanked code.
enum Words {
    private static func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || isLetter(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let small = byte | 0x20
        return small >= UInt8(ascii: "a") && small <= UInt8(ascii: "z")
    }

    /// Whether `word` stands in `line` as a whole: `print(` is not found in `fingerprint(`.
    ///
    /// A word that ends with `*` matches every word that begins so.
    static func contains(_ line: String, _ word: String) -> Bool {
        let isPrefix = word.hasSuffix("*")
        let sought = Array((isPrefix ? String(word.dropLast()) : word).utf8)
        let text = Array(line.utf8)
        guard let first = sought.first, let last = sought.last, text.count >= sought.count else {
            return false
        }
        return (0...text.count - sought.count).contains { start in
            let end = start + sought.count
            guard text[start..<end].elementsEqual(sought) else { return false }
            if start > 0, isWord(first), isWord(text[start - 1]) { return false }
            return isPrefix || end == text.count || !isWord(last) || !isWord(text[end])
        }
    }

    /// The identifiers of a line, in order.
    static func identifiers(_ line: String) -> [String] {
        line.utf8.split(whereSeparator: { !isWord($0) })
            .filter { $0.first.map { isLetter($0) || $0 == UInt8(ascii: "_") } ?? false }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The words of a camel-case name: `HTTPServerPool` has `HTTP`, `Server` and `Pool`.
    static func camelWords(_ name: String) -> [String] {
        var words: [String] = []
        let letters = Array(name)
        for (index, letter) in letters.enumerated() {
            let isCapital = letter.isUppercase
            let followsSmall = index > 0 && !letters[index - 1].isUppercase
            let leadsSmall = index + 1 < letters.count && letters[index + 1].isLowercase
            if words.isEmpty || (isCapital && (followsSmall || leadsSmall)) {
                words.append(String(letter))
            } else {
                words[words.count - 1].append(letter)
            }
        }
        return words
    }
}

extension String {
    /// The text without white space at either end.
    var trimmed: String {
        let kept = drop { $0.isWhitespace }
        guard let last = kept.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(kept[...last])
    }
}
