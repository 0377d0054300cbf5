internal import SluiceABI

/// What a routing document describes.
public enum Kind: String, Sendable, CaseIterable {
    case listener, certificate, trust, pool, endpoints, route
}

/// Opens transactions over this instance's documents.
///
/// Lane only.
@safe
public struct Routing {
    private let table: UnsafePointer<sluice_routing_api>

    init(_ table: UnsafePointer<sluice_routing_api>) {
        unsafe self.table = unsafe table
    }

    /// Opens a transaction; one at a time (`.state`).
    ///
    /// `revision` is free text that the admin port shows. With `isResync` the transaction lists
    /// everything: what is neither put nor kept goes, and so do notes that are not said again.
    public func begin(
        revision: String,
        isResync: Bool = false
    ) throws(PluginError) -> Transaction {
        guard let begin = unsafe table.pointee.begin else { throw missing("begin") }
        var transaction: OpaquePointer?
        try unsafe withErrorReport { report in
            withArena { arena in
                unsafe begin(
                    table,
                    arena.span(revision),
                    isResync ? SLUICE_TXN_RESYNC : 0,
                    &transaction,
                    report
                )
            }
        }
        guard let transaction = unsafe transaction else { throw missing("transactions") }
        return unsafe Transaction(table, transaction)
    }
}

/// Changes to this instance's documents that take effect together, or not at all.
///
/// Lane only.
///
/// One that is dropped without `commit` is abandoned.
@safe
public struct Transaction: ~Copyable {
    private let table: UnsafePointer<sluice_routing_api>
    private let handle: OpaquePointer

    fileprivate init(_ table: UnsafePointer<sluice_routing_api>, _ handle: OpaquePointer) {
        unsafe self.table = unsafe table
        unsafe self.handle = unsafe handle
    }

    deinit {
        if let abandon = unsafe table.pointee.abandon { unsafe abandon(table, handle) }
    }

    /// Adds or replaces one document, given as JSON text.
    ///
    /// `place` says to people where it came from ("routes/a.yaml:12"), and `origins` where its parts
    /// did; issues bring back what fits them best. Throws for text that does not parse; references
    /// are checked by `commit`.
    public func put(
        _ kind: Kind,
        _ name: String,
        document: String,
        place: String = "",
        origins: [Origin] = []
    ) throws(PluginError) {
        try put(kind, name, document: Array(document.utf8), place: place, origins: origins)
    }

    /// Adds or replaces one document, given as the bytes of its JSON text.
    public func put(
        _ kind: Kind,
        _ name: String,
        document: [UInt8],
        place: String = "",
        origins: [Origin] = []
    ) throws(PluginError) {
        guard let put = unsafe table.pointee.put else { throw missing("put") }
        try unsafe withErrorReport { report in
            withArena { arena in
                var words = unsafe sluice_document()
                unsafe words.size = UInt32(MemoryLayout<sluice_document>.size)
                unsafe words.kind = arena.span(kind.rawValue)
                unsafe words.name = arena.span(name)
                unsafe words.json = arena.span(document)
                unsafe words.where = arena.span(place)
                var list: [sluice_origin] = unsafe []
                for origin in origins { unsafe list.append(origin.words(&arena)) }
                unsafe words.origins = unsafe arena.list(list)
                return unsafe put(table, handle, &words, report)
            }
        }
    }

    /// Takes one document out.
    public func remove(_ kind: Kind, _ name: String) throws(PluginError) {
        guard let remove = unsafe table.pointee.remove else { throw missing("remove") }
        let status = withArena { arena in
            unsafe remove(table, handle, arena.span(kind.rawValue), arena.span(name))
        }
        if status < 0 { throw refused(status, "removing \(kind.rawValue) \(name)") }
    }

    /// In a resync: the document of that name is as it was.
    ///
    /// false: the host has none of that name, put it.
    public func keep(_ kind: Kind, _ name: String) throws(PluginError) -> Bool {
        guard let keep = unsafe table.pointee.keep else { throw missing("keep") }
        let status = withArena { arena in
            unsafe keep(table, handle, arena.span(kind.rawValue), arena.span(name))
        }
        if status == SLUICE_E_NOTFOUND { return false }
        if status < 0 { throw refused(status, "keeping \(kind.rawValue) \(name)") }
        return true
    }

    /// Says what the source itself left out, or serves in an older form.
    ///
    /// It is shown beside the host's own issues in /config and `sluice check`, until it is replaced
    /// under its key, taken back by `unnote`, or not said in a resync. Throws `.limit` for too
    /// many.
    public func note(_ issue: Issue, key: String) throws(PluginError) {
        guard let note = unsafe table.pointee.note else { throw missing("note") }
        try unsafe withErrorReport { report in
            withArena { arena in
                var words = unsafe sluice_issue(
                    size: UInt32(MemoryLayout<sluice_issue>.size),
                    severity: issue.severity.rawValue,
                    kind: arena.span(issue.kind),
                    name: arena.span(issue.name),
                    code: arena.span(issue.code),
                    pointer: arena.span(issue.pointer),
                    where: arena.span(issue.place),
                    source: arena.span(issue.source),
                    text: arena.span(issue.text)
                )
                return unsafe note(table, handle, arena.span(key), &words, report)
            }
        }
    }

    /// Takes a note back; none of that key is no error.
    public func unnote(key: String) throws(PluginError) {
        guard let unnote = unsafe table.pointee.unnote else { throw missing("unnote") }
        let status = withArena { arena in unsafe unnote(table, handle, arena.span(key)) }
        if status < 0 { throw refused(status, "taking the note \(key) back") }
    }

    /// Hands the changes to the host's compiler; `then` runs later, on the lane, exactly once.
    ///
    /// The transaction has ended either way; when this throws, `then` never runs. `.busy`: too many
    /// commits wait; try again after the next one has ended.
    public consuming func commit(
        then: @escaping (Commit) -> Void
    ) throws(PluginError) {
        let table = unsafe self.table
        let handle = unsafe self.handle
        discard self
        guard let commit = unsafe table.pointee.commit else { throw missing("commit") }
        let context = unsafe Unmanaged.passRetained(Verdict(then)).toOpaque()
        let status = unsafe commit(table, handle, noteIssue, noteCommitted, context)
        if status < 0 {
            unsafe Unmanaged<Verdict>.fromOpaque(context).release()
            if status == SLUICE_E_BUSY, let abandon = unsafe table.pointee.abandon {
                unsafe abandon(table, handle)
            }
            throw refused(status, "committing the transaction")
        }
    }
}

/// Where a part of a document comes from, for people.
public struct Origin: Sendable, Equatable {
    /// JSON Pointer into the document: this value, and what is in it.
    public let pointer: String
    /// Where the part came from, as the document's place; "": from there.
    public let place: String
    /// JSON Pointer into the object that the document was made from.
    public let source: String

    /// Says where a part comes from.
    public init(pointer: String, place: String = "", source: String) {
        self.pointer = pointer
        self.place = place
        self.source = source
    }

    fileprivate func words(_ arena: inout Arena) -> sluice_origin {
        unsafe sluice_origin(
            size: UInt32(MemoryLayout<sluice_origin>.size),
            reserved: 0,
            pointer: arena.span(pointer),
            where: arena.span(place),
            source: arena.span(source)
        )
    }
}

private final class Verdict {
    var issues: [Issue] = []
    let then: (Commit) -> Void

    init(_ then: @escaping (Commit) -> Void) {
        self.then = then
    }
}

private func noteIssue(_ context: UnsafeMutableRawPointer?, _ issue: UnsafePointer<sluice_issue>?) {
    guard let context = unsafe context, let issue = unsafe issue.map({ unsafe whole($0) }) else {
        return
    }
    let verdict = unsafe Unmanaged<Verdict>.fromOpaque(context).takeUnretainedValue()
    unsafe verdict.issues.append(
        Issue(
            severity: Issue.Severity(rawValue: issue.severity) ?? .warning,
            kind: String(issue.kind),
            name: String(issue.name),
            code: String(issue.code),
            pointer: String(issue.pointer),
            place: String(issue.where),
            source: String(issue.source),
            text: String(issue.text)
        )
    )
}

private func noteCommitted(
    _ context: UnsafeMutableRawPointer?,
    _ status: sluice_status,
    _ generation: UInt64
) {
    guard let context = unsafe context else { return }
    let verdict = unsafe Unmanaged<Verdict>.fromOpaque(context).takeRetainedValue()
    verdict.then(
        Commit(
            status: Status(rawValue: status),
            generation: generation,
            issues: verdict.issues
        )
    )
}

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
    /// Where the document, or the part of it, came from, as `Transaction.put` was told.
    public let place: String
    /// JSON Pointer into the object that the document was made from, where the source gave one.
    public let source: String
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

    /// Makes an ending; the host's own arrive through `Transaction.commit`.
    public init(status: Status, generation: UInt64, issues: [Issue]) {
        self.status = status
        self.generation = generation
        self.issues = issues
    }
}
