/// The names that a source has with the host, while some of its commits still wait: of documents,
/// in force or refused, or of notes.
///
/// A commit counts from the moment it is made, and not at all when the host does not take it.
struct KnownNames<Name: Hashable> {
    /// What one commit does to the names.
    struct Change {
        /// Everything that is neither added nor kept goes.
        let isResync: Bool
        let added: Set<Name>
        var kept: Set<Name> = []
        let removed: Set<Name>
    }

    private var settled: Set<Name> = []
    /// Of commits without an answer, the oldest first.
    private var waiting: [Change] = []

    /// Whether the source has something of that name.
    func contains(_ name: Name) -> Bool {
        for change in waiting.reversed() {
            if change.added.contains(name) { return true }
            if change.removed.contains(name) { return false }
            if change.isResync, !change.kept.contains(name) { return false }
        }
        return settled.contains(name)
    }

    /// All of them.
    var all: Set<Name> {
        waiting.reduce(into: settled) { Self.apply($1, to: &$0) }
    }

    /// A commit was made.
    mutating func wait(for change: Change) { waiting.append(change) }

    /// The oldest commit was answered.
    mutating func settle(isTaken: Bool) {
        let change = waiting.removeFirst()
        if isTaken { Self.apply(change, to: &settled) }
    }

    private static func apply(_ change: Change, to names: inout Set<Name>) {
        if change.isResync { names.formIntersection(change.kept) }
        names.subtract(change.removed)
        names.formUnion(change.added)
    }
}
