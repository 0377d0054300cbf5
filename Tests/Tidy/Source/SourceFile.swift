/// One text file, as it is and with what a rule about code must not see blanked out.
struct SourceFile: Sendable {
    /// The path from the root of the repository.
    let path: String
    /// The lines as they stand in the file.
    let lines: [String]
    /// The lines with comments and the content of string literals blanked by spaces.
    let code: [String]
    /// The lines with everything but comments blanked by spaces.
    let comments: [String]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        var lexer = Lexer(bytes: bytes, language: Language(path: path))
        lexer.run()
        lines = Self.split(bytes)
        code = Self.split(lexer.code)
        comments = Self.split(lexer.comments)
    }

    init(path: String, _ text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    var language: Language { Language(path: path) }

    /// Whether the file lies in one of the folders; a folder is named with its last slash.
    func isUnder(_ folders: [String]) -> Bool {
        folders.contains(where: path.hasPrefix)
    }

    func finding(_ line: Int, _ text: String) -> Finding {
        Finding(path: path, line: line, text: text)
    }

    private static func split(_ bytes: [UInt8]) -> [String] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// What a file is written in; text has neither comments nor strings for our purposes.
enum Language: Sendable {
    case swift
    case c
    case python
    case text

    init(path: String) {
        if path.hasSuffix(".swift") {
            self = .swift
        } else if path.hasSuffix(".c") || path.hasSuffix(".h") {
            self = .c
        } else if path.hasSuffix(".py") {
            self = .python
        } else {
            self = .text
        }
    }

    var isCode: Bool {
        switch self {
        case .swift, .c, .python: true
        case .text: false
        }
    }
}

/// One breach of one rule, at one place.
struct Finding: CustomStringConvertible, Sendable {
    let path: String
    let line: Int
    let text: String

    var description: String { "\(path):\(line): \(text)" }
}
