/// SplitMix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// What transactions of one source do, written down naively; documents are pools.
struct PublicationModel {
    /// Commits that may wait.
    static let waitingMax = 3

    /// What a source has published.
    struct State {
        /// The place of the version in force, by name.
        var documents: [String: String] = [:]
        /// The place of a newer version that was refused.
        var refused: [String: String] = [:]
        var notes: [String: String] = [:]

        /// One line each.
        var world: [String] {
            let lines =
                documents.map { "document \($0.key) \($0.value)" }
                + refused.map { "refused \($0.key) \($0.value)" }
                + notes.values.map { "note n \($0)" }
            return lines.sorted()
        }
    }

    /// What is said last about a document.
    private enum Word {
        case put(place: String, isGood: Bool)
        case keep
        case remove
    }

    private struct Commit {
        let isResync: Bool
        var words: [String: Word] = [:]
        /// nil: taken back.
        var notes: [String: String?] = [:]
    }

    /// Calls, and the answers that they get.
    struct Script {
        var calls: [String] = []
        var expected: [String] = []
        var isCommitted = false

        mutating func add(_ call: String, _ status: Int) {
            calls.append(call)
            expected.append("\(call.prefix { $0 != "\t" }) \(status)")
        }
    }

    /// Of the commits that were answered.
    private(set) var settled = State()
    private var waiting: [Commit] = []
    /// What the source has been told is refused.
    private var told: [String: String] = [:]

    var isFull: Bool { waiting.count == Self.waitingMax }

    /// A random transaction.
    mutating func script(_ round: Int, _ random: inout some RandomNumberGenerator) -> Script {
        var script = Script()
        var commit = Commit(isResync: Int.random(in: 0..<3, using: &random) == 0)
        let before = waiting.reduce(into: settled) { Self.apply($1, to: &$0) }
        script.add("begin\t\(commit.isResync ? 1 : 0)\tr\(round)", 0)
        for call in 0..<Int.random(in: 0..<8, using: &random) {
            let name = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
            let place = "\(round).\(call)"
            switch Int.random(in: 0..<7, using: &random) {
            case 0...1:
                let isGood = Bool.random(using: &random)
                let json = isGood ? #"{"endpoints":[]}"# : #"{"endpoints":7}"#
                script.add("put\tpool\t\(name)\t\(place)\t\(json)", 0)
                commit.words[name] = .put(place: place, isGood: isGood)
            case 2...3:
                let isThere = before.documents[name] != nil
                script.add("keep\tpool\t\(name)", isThere ? 0 : -12)
                if isThere { commit.words[name] = .keep }
            case 4:
                script.add("remove\tpool\t\(name)", 0)
                commit.words[name] = .remove
            case 5:
                script.add("note\t\(name)\tpool\tn\t\(place)", 0)
                commit.notes[name] = .some(place)
            default:
                script.add("unnote\t\(name)", 0)
                commit.notes[name] = .some(nil)
            }
        }
        guard Int.random(in: 0..<8, using: &random) > 0, !isFull else {
            if isFull { script.add("commit", -17) }
            script.add("abandon", 0)
            return script
        }
        script.add("commit", 1)
        script.isCommitted = true
        waiting.append(commit)
        return script
    }

    /// The oldest commit is answered; what the source is told of documents: `1 a` of a refused
    /// version, `3 a` when that is over.
    mutating func settle(isTaken: Bool) -> [String] {
        let commit = waiting.removeFirst()
        guard isTaken else { return [] }
        Self.apply(commit, to: &settled)
        let refused = settled.refused
        let news = refused.keys.sorted().filter { refused[$0] != told[$0] }.map { "1 \($0)" }
        let cleared = told.keys.sorted().filter { refused[$0] == nil }.map { "3 \($0)" }
        told = refused
        return news + cleared
    }

    private static func apply(_ commit: Commit, to state: inout State) {
        if commit.isResync {
            state.notes = [:]
            for name in state.documents.keys where commit.words[name] == nil {
                state.documents[name] = nil
                state.refused[name] = nil
            }
        }
        for (name, word) in commit.words {
            switch word {
            case .keep: break
            case .remove:
                state.documents[name] = nil
                state.refused[name] = nil
            case .put(let place, let isGood):
                if isGood || state.documents[name] == nil {
                    state.documents[name] = place
                    state.refused[name] = nil
                } else {
                    state.refused[name] = place
                }
            }
        }
        for (key, note) in commit.notes { state.notes[key] = note }
    }
}
