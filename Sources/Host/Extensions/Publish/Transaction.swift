internal import SluiceABI
package import SluiceRouting

/// How the host answers a commit; the values are those of `sluice_status`.
package enum CommitStatus: Int32, Sendable {
    /// What is right is installed; wrong objects were left out and reported.
    case installed = 0
    /// The whole transaction was refused: the previous documents stay in force.
    case refused = -1
    /// A limit was reached: the previous documents stay in force.
    case limit = -5
    /// The host is stopping.
    case cancelled = -14
    case failed = -16
}

/// The changes of one instance's documents, from `begin` to `commit`.
///
/// `clear` comes first; then no key is in both `puts` and `removes`. Whoever takes a
/// transaction from `Hooks.submit` calls `complete` exactly once, from any thread.
package struct Transaction: Sendable {
    package let instance: String
    /// Opaque text of the source, shown in `/config`.
    package let revision: String
    /// Forget all documents of the instance first.
    package let clear: Bool
    /// In the order in which the source put them.
    package let puts: [Document]
    package let removes: [DocumentKey]
    /// Where the source said each document came from.
    package let places: [DocumentKey: String]
    /// What the source itself left out, for `/config` and `sluice check`.
    ///
    /// Those of the newest installed transaction replace the instance's others.
    package let notes: [Problem]
    let completion: @Sendable (CommitStatus, UInt64, [Problem]) -> Void

    package init(
        instance: String,
        revision: String,
        clear: Bool,
        puts: [Document],
        removes: [DocumentKey],
        places: [DocumentKey: String] = [:],
        notes: [Problem] = [],
        completion: @escaping @Sendable (CommitStatus, UInt64, [Problem]) -> Void
    ) {
        self.instance = instance
        self.revision = revision
        self.clear = clear
        self.puts = puts
        self.removes = removes
        self.places = places
        self.notes = notes
        self.completion = completion
    }

    /// [any thread] Tells the source, on its lane: each problem, then the outcome.
    ///
    /// `generation` is that of the installed snapshot, also when equal content kept the old one.
    package func complete(status: CommitStatus, generation: UInt64, problems: [Problem]) {
        completion(status, generation, problems)
    }
}

/// What the plugin host asks of the rest of the process.
package struct Hooks: Sendable {
    /// [lane] Takes a committed transaction; must not wait for the compiler.
    package var submit: @Sendable (Transaction) -> Void

    package init(submit: @escaping @Sendable (Transaction) -> Void) {
        self.submit = submit
    }
}

/// What a source says of an object that it left out or serves in an older form.
struct SourceNote {
    let kind: String
    private let severity: Int32
    private let name: String
    private let code: String
    private let pointer: String
    private let place: String
    private let text: String

    /// Copies the struct of a plugin.
    init(_ issue: sluice_issue) {
        severity = unsafe issue.severity
        kind = unsafe issue.kind.text
        name = unsafe issue.name.text
        code = unsafe issue.code.text
        pointer = unsafe issue.pointer.text
        place = unsafe issue.where.text
        text = unsafe issue.text.text
    }

    /// The same as the host writes it for people; nil when the kind is none of the documents'.
    func problem(of instance: String) -> Problem? {
        guard let kind = DocumentKind(rawValue: kind) else { return nil }
        return Problem(
            ofSource: DocumentKey(instance: instance, kind: kind, name: name),
            severity: Severity(rawValue: severity) ?? .object,
            code: code,
            pointer: pointer,
            where: place,
            text: text
        )
    }
}
