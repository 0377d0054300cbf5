internal import SluiceABI
public import SluiceKit

/// What a source does to its routing documents, and what the host says to it.
///
/// Lane only.
public final class SimulatedRouting {
    /// One call of the table.
    public struct Change: Equatable, Sendable {
        /// "begin", "resync", "put", "keep", "remove", "note", "unnote", "commit" or "abandon".
        public var verb: String
        /// The document's kind.
        public var kind: String
        /// The document's name, the revision of a transaction, the key of a note.
        public var name: String
        /// Where a document or a note comes from.
        public var place: String
        /// A document's JSON text, a note's sentence.
        public var text: String

        /// Describes a call.
        public init(
            _ verb: String,
            kind: String = "",
            name: String = "",
            place: String = "",
            text: String = ""
        ) {
            self.verb = verb
            self.kind = kind
            self.name = name
            self.place = place
            self.text = text
        }
    }

    /// What was called, in order.
    public var changes: [Change] = []
    /// What the next `put` answers instead of taking the document.
    public var putFailure: PluginError?
    /// What `keep` answers.
    public var keepStatus = Status.ok
    /// What `commit` answers at once.
    public var commitStatus = Status.pending
    /// Whether a commit waits for its verdict.
    public var isCommitting: Bool { finish != nil }

    var finish: ((_ issues: [Issue], _ status: Int32, _ generation: UInt64) -> Void)?

    init() {}

    /// Ends the commit that waits, as the host's compiler does.
    public func finishCommit(
        _ status: Status = .ok,
        generation: UInt64 = 1,
        issues: [SluiceKit.Issue] = []
    ) {
        let finish = finish
        self.finish = nil
        finish?(issues, status.rawValue, generation)
    }
}

func routingTable() -> sluice_routing_api {
    unsafe sluice_routing_api(
        begin: begin,
        put: put,
        keep: keep,
        remove: remove,
        note: note,
        unnote: unnote,
        commit: commit,
        abandon: abandon
    )
}

private typealias Table = UnsafePointer<sluice_routing_api>

private func begin(
    _ table: Table?,
    _ revision: sluice_span,
    _ flags: UInt32,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    let verb = flags == SLUICE_TXN_RESYNC ? "resync" : "begin"
    unsafe host(table)?.routing.changes.append(.init(verb, name: String(revision)))
    unsafe out?.pointee = unsafe OpaquePointer(bitPattern: 0x1000)
    return SLUICE_OK
}

private func put(
    _ table: Table?,
    _ transaction: OpaquePointer?,
    _ document: UnsafePointer<sluice_document>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let routing = unsafe host(table)?.routing, let words = unsafe document?.pointee else {
        return SLUICE_E_INVALID
    }
    if let failure = routing.putFailure {
        routing.putFailure = nil
        return unsafe fail(report, failure)
    }
    unsafe routing.changes.append(
        .init(
            "put",
            kind: String(words.kind),
            name: String(words.name),
            place: String(words.where),
            text: String(words.json)
        )
    )
    return SLUICE_OK
}

private func keep(
    _ table: Table?,
    _ transaction: OpaquePointer?,
    _ kind: sluice_span,
    _ name: sluice_span
) -> Int32 {
    guard let routing = unsafe host(table)?.routing else { return SLUICE_E_INVALID }
    unsafe routing.changes.append(.init("keep", kind: String(kind), name: String(name)))
    return routing.keepStatus.rawValue
}

private func remove(
    _ table: Table?,
    _ transaction: OpaquePointer?,
    _ kind: sluice_span,
    _ name: sluice_span
) -> Int32 {
    unsafe host(table)?.routing.changes.append(
        .init("remove", kind: String(kind), name: String(name))
    )
    return SLUICE_OK
}

private func note(
    _ table: Table?,
    _ transaction: OpaquePointer?,
    _ key: sluice_span,
    _ issue: UnsafePointer<sluice_issue>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let words = unsafe issue?.pointee else { return SLUICE_E_INVALID }
    unsafe host(table)?.routing.changes.append(
        .init(
            "note",
            kind: String(words.kind),
            name: String(key),
            place: String(words.where),
            text: String(words.text)
        )
    )
    return SLUICE_OK
}

private func unnote(
    _ table: Table?,
    _ transaction: OpaquePointer?,
    _ key: sluice_span
) -> Int32 {
    unsafe host(table)?.routing.changes.append(.init("unnote", name: String(key)))
    return SLUICE_OK
}

private func commit(
    _ table: Table?,
    _ transaction: OpaquePointer?,
    _ issue: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<sluice_issue>?) -> Void)?,
    _ committed: (@convention(c) (UnsafeMutableRawPointer?, Int32, UInt64) -> Void)?,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let routing = unsafe host(table)?.routing, let committed = unsafe committed else {
        return SLUICE_E_INVALID
    }
    routing.changes.append(.init("commit"))
    if !routing.commitStatus.isSuccess { return routing.commitStatus.rawValue }
    routing.finish = { issues, status, generation in
        for problem in issues {
            unsafe lend(problem) { words in unsafe issue?(context, words) }
        }
        unsafe committed(context, status, generation)
    }
    return routing.commitStatus.rawValue
}

private func abandon(_ table: Table?, _ transaction: OpaquePointer?) {
    unsafe host(table)?.routing.changes.append(.init("abandon"))
}

private func lend(_ issue: Issue, _ body: (UnsafePointer<sluice_issue>) -> Void) {
    unsafe withSpans([
        issue.kind, issue.name, issue.code, issue.pointer, issue.place, issue.source, issue.text,
    ]) { spans in
        var words = unsafe sluice_issue(
            size: UInt32(MemoryLayout<sluice_issue>.size),
            severity: issue.severity.rawValue,
            kind: spans[0],
            name: spans[1],
            code: spans[2],
            pointer: spans[3],
            where: spans[4],
            source: spans[5],
            text: spans[6]
        )
        unsafe body(&words)
    }
}
