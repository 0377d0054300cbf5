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
    private let lane: Lane

    init(_ table: UnsafePointer<sluice_routing_api>, _ lane: Lane) {
        unsafe self.table = unsafe table
        self.lane = lane
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
        return unsafe Transaction(table, transaction, lane)
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
    private let lane: Lane
    private var isOpen = true

    fileprivate init(
        _ table: UnsafePointer<sluice_routing_api>,
        _ handle: OpaquePointer,
        _ lane: Lane
    ) {
        unsafe self.table = unsafe table
        unsafe self.handle = unsafe handle
        self.lane = lane
    }

    deinit {
        if isOpen, let abandon = unsafe table.pointee.abandon { unsafe abandon(table, handle) }
    }

    /// Adds or replaces one document, given as JSON text.
    ///
    /// `place` says to people where it came from ("routes/a.yaml:12"), and `origins` where its
    /// parts did; issues bring back what fits them best. Throws for text that does not parse;
    /// references are checked by `commit`.
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

    /// Hands the changes to the host's compiler, and returns its verdict.
    ///
    /// The transaction has ended either way. `.busy`: too many commits wait; try again after the
    /// next one has ended.
    public consuming func commit() async throws(PluginError) -> Commit {
        let table = unsafe self.table
        let handle = unsafe self.handle
        let lane = lane
        isOpen = false
        guard let commit = unsafe table.pointee.commit else { throw missing("commit") }
        let verdict = Verdict(lane)
        let context = unsafe Unmanaged.passRetained(verdict).toOpaque()
        let status = unsafe commit(table, handle, noteIssue, noteCommitted, context)
        if status < 0 {
            unsafe Unmanaged<Verdict>.fromOpaque(context).release()
            if status == SLUICE_E_BUSY, let abandon = unsafe table.pointee.abandon {
                unsafe abandon(table, handle)
            }
            throw refused(status, "committing the transaction")
        }
        return await verdict.commit()
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

/// What is heard of a commit until it has ended.
///
/// Lane only.
private final class Verdict {
    let lane: Lane
    var issues: [Issue] = []
    private var ended: Commit?
    private let waiter = Signal()

    init(_ lane: Lane) {
        self.lane = lane
    }

    func end(_ commit: Commit) {
        ended = commit
        waiter.wake()
    }

    func commit() async -> Commit {
        while true {
            if let ended { return ended }
            await waiter.outlast()
        }
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
    let commit = Commit(
        status: Status(rawValue: status),
        generation: generation,
        issues: verdict.issues
    )
    verdict.lane.enter { verdict.end(commit) }
}
