// Alone because: configuration, schemas and plugins use it, and nothing else together.

/// The candidate that is likely meant by a misspelt word, for "did you mean".
///
/// Answers nil when none is within a third of the word's length (at least one, at most three
/// edits, two neighbouring letters changing places being one). The first of equals wins.
public func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().utf8.prefix(nearestBytesMax))
    var best: (word: String, distance: Int)?
    for candidate in candidates where candidate != word {
        let other = Array(candidate.lowercased().utf8.prefix(nearestBytesMax))
        let allowed = min(3, max(1, max(letters.count, other.count) / 3))
        guard abs(letters.count - other.count) <= allowed else { continue }
        let distance = editDistance(letters, other)
        if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
}

/// Longer words are compared by their beginning.
private let nearestBytesMax = 64

/// Insertions, deletions, replacements and swaps of neighbours between two words.
private func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var before = [Int](repeating: 0, count: other.count + 1)
    var last = Array(0...other.count)
    for row in 0..<one.count {
        var line = [row + 1]
        for column in 0..<other.count {
            let replacement = last[column] + (one[row] == other[column] ? 0 : 1)
            var cost = min(replacement, last[column + 1] + 1, line[column] + 1)
            if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                cost = min(cost, before[column - 1] + 1)
            }
            line.append(cost)
        }
        (before, last) = (last, line)
    }
    return last[other.count]
}
