import Glibc

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

/// The text files of this repository, read once for all rules.
enum Tree {
    /// The root of the repository, found from this file's own place in it.
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(4).joined(separator: "/")
    }()

    /// Folders that hold no source of ours: build products, caches, version control.
    private static let skipped: Set<String> = [
        ".build", ".git", ".sluice", ".venv", ".pytest_cache", "__pycache__", "node_modules",
    ]

    /// Folders whose files are copied from elsewhere and keep their own style.
    static let copied = ["Tests/Bench/peers.py", "Tests/Bench/relay/", "Tests/Corpus/"]

    private static let endings: Set<String> = [
        "swift", "c", "h", "py", "md", "yaml", "yml", "json", "map", "txt", "toml", "cfg", "in",
    ]

    private static let names: Set<String> = ["Makefile", ".ci/run", ".gitignore", ".swift-format"]

    /// Every text file of ours, in the order of the paths.
    static let files: [SourceFile] = paths(under: "").sorted().compactMap { path in
        guard !copied.contains(where: path.hasPrefix) else { return nil }
        return read(path).map { SourceFile(path: path, bytes: $0) }
    }

    private static func paths(under folder: String) -> [String] {
        guard let stream = unsafe opendir("\(root)/\(folder)") else { return [] }
        defer { unsafe closedir(stream) }
        var found: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                unsafe String(decoding: raw.prefix { byte in byte != 0 }, as: UTF8.self)
            }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            if unsafe entry.pointee.d_type == UInt8(DT_DIR) {
                if name != ".", name != "..", !skipped.contains(name) {
                    found += paths(under: path)
                }
            } else if isText(path) {
                found.append(path)
            }
        }
        return found
    }

    private static func isText(_ path: String) -> Bool {
        let name = path.lastComponent
        guard !names.contains(path), !names.contains(name) else { return true }
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        return endings.contains(String(name[name.index(after: dot)...]))
    }

    private static func read(_ path: String) -> [UInt8]? {
        let fd = unsafe open("\(root)/\(path)", O_RDONLY)
        guard fd >= 0 else { return nil }
        defer { close(fd) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(fd, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk.prefix(count)
        }
    }
}

extension String {
    /// The text after the last slash.
    var lastComponent: String {
        split(separator: "/").last.map(String.init) ?? self
    }

    /// The path of the folder that holds this path; empty at the root.
    var folder: String {
        lastIndex(of: "/").map { String(self[..<$0]) } ?? ""
    }
}
