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
