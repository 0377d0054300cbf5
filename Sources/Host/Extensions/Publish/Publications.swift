package import SluiceRouting

/// What all sources have published: the documents in force, and what is wrong with others.
///
/// Whoever compiles applies each transaction in its turn.
package struct Publications: Sendable {
    /// The documents in force, and what they refer to.
    package var world: World
    /// Problems of documents whose new version was refused: the previous one stays in force.
    private var refused: [DocumentKey: [Problem]] = [:]
    /// By instance, then by the source's own keys.
    private var noted: [String: [String: Problem]] = [:]

    package init(_ world: World) { self.world = world }

    /// What is wrong with new versions that are not in force, by document.
    package var refusals: [Problem] {
        refused.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// What the sources themselves left out, as they named the places.
    package var notes: [Problem] {
        noted.values.flatMap(\.values).sorted(by: Problem.standsBefore)
    }

    /// Changes what is published.
    ///
    /// A new version with a problem by itself leaves the previous one in force, but for a pool in
    /// the clear that was to get TLS.
    package mutating func apply(_ transaction: Transaction) {
        if let roster = transaction.roster { take(roster) }
        if transaction.isResync { sweep(transaction) }
        for key in transaction.removes {
            world.remove(key)
            refused[key] = nil
        }
        for document in transaction.puts { put(document) }
        var notes = transaction.isResync ? [:] : noted[transaction.instance] ?? [:]
        for key in transaction.unnotes { notes[key] = nil }
        noted[transaction.instance] = notes.merging(transaction.notes) { $1 }
    }

    private mutating func put(_ document: Document) {
        let problems = Compiler.check(document)
        let isRefused = problems.contains { $0.severity >= .object }
        if isRefused, let old = world.documents[document.key], !document.secures(old) {
            refused[document.key] = problems
        } else {
            refused[document.key] = nil
            world.put(document)
        }
    }

    /// What instances have published that are gone goes with them.
    private mutating func take(_ roster: Roster) {
        let gone = Set(world.instanceOrder).subtracting(roster.instanceOrder)
        for instance in gone {
            world.sweep(instance: instance, except: [])
            noted[instance] = nil
        }
        refused = refused.filter { !gone.contains($0.key.instance) }
        world.instanceOrder = roster.instanceOrder
        world.services = roster.services
        world.filters = roster.filters
    }

    private mutating func sweep(_ transaction: Transaction) {
        let instance = transaction.instance
        let listed = transaction.keeps.union(transaction.puts.lazy.map(\.key))
        world.sweep(instance: instance, except: listed)
        refused = refused.filter { $0.key.instance != instance || listed.contains($0.key) }
    }
}

extension Problem {
    /// By file and line as `where` has them, then by what is wrong.
    fileprivate static func standsBefore(_ left: Problem, _ right: Problem) -> Bool {
        let (one, other) = (left.fileAndLine, right.fileAndLine)
        if one != other { return one < other }
        return (left.source, left.pointer, left.code, left.text)
            < (right.source, right.pointer, right.code, right.text)
    }

    /// `where` without its line, and the line; 0: none.
    private var fileAndLine: (String, Int) {
        guard let colon = self.where.lastIndex(of: ":"),
            let line = Int(self.where[self.where.index(after: colon)...])
        else { return (self.where, 0) }
        return (String(self.where[..<colon]), line)
    }
}
