// Alone because: notes are made without a word about transactions.

package import SluiceKit

extension Notes {
    /// The notes to say and to take back between two worlds.
    package static func change(
        from old: [String: Issue],
        to new: [String: Issue]
    ) -> NotesChange {
        NotesChange(
            said: new.keys.sorted().compactMap { key in
                new[key].flatMap { old[key] == $0 ? nil : (key, $0) }
            },
            takenBack: old.keys.filter { new[$0] == nil }.sorted()
        )
    }
}

/// The notes to say and to take back.
package struct NotesChange {
    /// New and changed notes, by key.
    package let said: [(key: String, note: Issue)]
    /// Keys of notes that are gone.
    package let takenBack: [String]

    /// Whether nothing is to be said.
    package var isEmpty: Bool { said.isEmpty && takenBack.isEmpty }

    /// Writes the change into a transaction.
    package func write(into transaction: borrowing Transaction) throws(PluginError) {
        for key in takenBack { try transaction.unnote(key: key) }
        for (key, note) in said { try transaction.note(note, key: key) }
    }
}
