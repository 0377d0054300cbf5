internal import SluiceABI
internal import SluiceRouting

/// Why something was not taken into a transaction, or the transaction not opened.
struct PublishRefusal: Error {
    let status: sluice_status
    let text: String
    var pointer = ""
}

/// The changes of a source while it makes them; of several about one name the last counts.
struct OpenTransaction {
    /// Notes of one source that are kept.
    static let notesMax = 1_000

    /// What the plugin knows it by.
    let token: UInt
    let revision: String
    let isResync: Bool
    private(set) var puts: [DocumentKey: Document] = [:]
    private(set) var keeps: Set<DocumentKey> = []
    private(set) var removes: Set<DocumentKey> = []
    private(set) var notes: [String: Problem] = [:]
    private(set) var unnotes: Set<String> = []
    /// The keys of the notes that there will be.
    private var noteKeys: Set<String>

    /// `noteKeys` are those of the notes that there are.
    init(token: UInt, revision: String, isResync: Bool, noteKeys: Set<String>) {
        self.token = token
        self.revision = revision
        self.isResync = isResync
        self.noteKeys = isResync ? [] : noteKeys
    }

    mutating func put(_ document: Document) {
        forget(document.key)
        puts[document.key] = document
    }

    /// Leaves the document as it was.
    mutating func keep(_ key: DocumentKey) {
        forget(key)
        if isResync { keeps.insert(key) }
    }

    mutating func remove(_ key: DocumentKey) {
        forget(key)
        removes.insert(key)
    }

    private mutating func forget(_ key: DocumentKey) {
        puts[key] = nil
        keeps.remove(key)
        removes.remove(key)
    }

    mutating func note(_ key: String, _ problem: Problem) throws(PublishRefusal) {
        guard noteKeys.contains(key) || noteKeys.count < Self.notesMax else {
            throw PublishRefusal(
                status: SLUICE_E_LIMIT,
                text: "a source has \(Self.notesMax) notes at most"
            )
        }
        noteKeys.insert(key)
        unnotes.remove(key)
        notes[key] = problem
    }

    mutating func unnote(_ key: String) {
        noteKeys.remove(key)
        notes[key] = nil
        unnotes.insert(key)
    }

    /// What is handed to the host.
    func transaction(
        of instance: String,
        completion: @escaping @Sendable (CommitStatus, UInt64, [Problem]) -> Void
    ) -> Transaction {
        Transaction(
            instance: instance,
            revision: revision,
            isResync: isResync,
            puts: Array(puts.values),
            keeps: keeps,
            removes: removes,
            notes: notes,
            unnotes: unnotes,
            completion: completion
        )
    }
}
