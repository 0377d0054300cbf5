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
/// No key is in two of `puts`, `keeps` and `removes`. Whoever takes a transaction from
/// `Hooks.submit` calls `complete` exactly once, from any thread, those of one instance in the order
/// in which they came.
package struct Transaction: Sendable {
    package let instance: String
    /// Opaque text of the source, shown in `/config`.
    package let revision: String
    /// It lists everything: what is neither put nor kept goes, and so do notes not said in it.
    package let isResync: Bool
    /// In any order.
    package let puts: [Document]
    /// Of a resync: what is as it was.
    package let keeps: Set<DocumentKey>
    package let removes: Set<DocumentKey>
    /// What the source itself left out, by the source's own keys.
    package let notes: [String: Problem]
    /// Keys of notes that are taken back.
    package let unnotes: Set<String>
    /// Which instances there are, where that has changed with it.
    package var roster: Roster?
    let completion: @Sendable (CommitStatus, UInt64, [Problem]) -> Void

    package init(
        instance: String,
        revision: String,
        isResync: Bool,
        puts: [Document],
        keeps: Set<DocumentKey> = [],
        removes: Set<DocumentKey> = [],
        notes: [String: Problem] = [:],
        unnotes: Set<String> = [],
        completion: @escaping @Sendable (CommitStatus, UInt64, [Problem]) -> Void
    ) {
        self.instance = instance
        self.revision = revision
        self.isResync = isResync
        self.puts = puts
        self.keeps = keeps
        self.removes = removes
        self.notes = notes
        self.unnotes = unnotes
        self.completion = completion
    }

    /// [any thread] Answers the source, on its lane.
    ///
    /// `generation` is that of the installed snapshot, also when equal content kept the old one.
    /// `problems` are all that the host finds wrong with the instance's documents now, each
    /// document's together: the source is told what is new to it. Where nothing was installed,
    /// they are those of the transaction.
    package func complete(status: CommitStatus, generation: UInt64, problems: [Problem]) {
        completion(status, generation, problems)
    }
}

/// The plugin instances that documents may name, and whose documents count.
package struct Roster: Sendable, Equatable {
    /// As the configuration lists them; the host itself first.
    package var instanceOrder: [String]
    /// By instance.
    package var services: [String: ExposedService]
    /// By instance.
    package var filters: [String: ExposedService]

    package init(
        instanceOrder: [String],
        services: [String: ExposedService],
        filters: [String: ExposedService] = [:]
    ) {
        self.instanceOrder = instanceOrder
        self.services = services
        self.filters = filters
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
