/// What the host found wrong with a document.
public struct Issue: Sendable, Equatable {
    /// How far it reaches.
    public enum Severity: Int32, Sendable {
        /// The document stands.
        case warning
        /// The document was left out; the rest stands.
        case object
        /// Nothing of the transaction was installed.
        case snapshot
        /// Nothing is wrong with the document any more.
        case cleared
    }

    /// How far it reaches.
    public let severity: Severity
    /// The kind as the host names it.
    public let kind: String
    /// The document's name.
    public let name: String
    /// A stable word: "unknown-pool", "port-in-use".
    public let code: String
    /// JSON Pointer into the document.
    public let pointer: String
    /// Where the document, or the part of it, came from, as given to `Transaction.put`.
    public let place: String
    /// JSON Pointer into the object that the document was made from, where the source gave one.
    public let source: String
    /// What happened, what was expected, what to do.
    public let text: String

    /// Makes an issue; the host's own come by `Transaction.commit`.
    public init(
        severity: Severity,
        kind: String,
        name: String,
        code: String,
        pointer: String = "",
        place: String = "",
        source: String = "",
        text: String
    ) {
        self.severity = severity
        self.kind = kind
        self.name = name
        self.code = code
        self.pointer = pointer
        self.place = place
        self.source = source
        self.text = text
    }
}

/// How a transaction ended.
public struct Commit: Sendable, Equatable {
    /// `.ok`, or why the previous snapshot stays.
    public let status: Status
    /// Number of the snapshot that is installed now; equal content keeps its number.
    public let generation: UInt64
    /// What the host found about documents whose verdict has changed since it was last told.
    public let issues: [Issue]

    /// Makes an ending; the host's own come by `Transaction.commit`.
    public init(status: Status, generation: UInt64, issues: [Issue]) {
        self.status = status
        self.generation = generation
        self.issues = issues
    }
}
