package import SluiceRouting

/// How the host answers a commit; the values are those of `sluice_status`.
package enum CommitStatus: Int32, Sendable {
    /// What is right is installed; wrong objects were left out and reported.
    case installed = 0
    /// The whole transaction was refused: the previous world stays.
    case refused = -1
    /// A limit was reached: the previous world stays.
    case limit = -5
    /// The host is stopping.
    case cancelled = -14
    case failed = -16
}

/// What one instance wants changed in the world, from `begin` to `commit`.
///
/// `clear` comes first; then no key stands in both `puts` and `removes`. Whoever takes a
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
    /// `generation` is that of the installed world, also when equal content kept the old one.
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
