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
    /// Where the document came from, as `Transaction.put` was told.
    public let place: String
    /// What happened, what was expected, what to do.
    public let text: String

    /// Makes an issue; the host's own arrive through `Transaction.commit`.
    public init(
        severity: Severity,
        kind: String,
        name: String,
        code: String,
        pointer: String = "",
        place: String = "",
        text: String
    ) {
        self.severity = severity
        self.kind = kind
        self.name = name
        self.code = code
        self.pointer = pointer
        self.place = place
        self.text = text
    }
}

/// How a transaction ended.
public struct Commit: Sendable, Equatable {
    /// `.ok`, or why the previous world stays.
    public let status: Status
    /// Number of the world that is installed now; equal content keeps its number.
    public let generation: UInt64
    /// What the host found wrong, in its order.
    public let issues: [Issue]

    /// Makes an ending; the host's own arrive through `Transaction.commit`.
    public init(status: Status, generation: UInt64, issues: [Issue]) {
        self.status = status
        self.generation = generation
        self.issues = issues
    }
}
