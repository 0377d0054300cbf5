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
