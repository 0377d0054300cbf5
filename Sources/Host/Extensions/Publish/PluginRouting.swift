internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceShared
internal import Synchronization

typealias IssueFunction =
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<sluice_issue>?) -> Void
typealias CommittedFunction =
    @convention(c) (UnsafeMutableRawPointer?, sluice_status, UInt64) -> Void

/// One document as a source wrote it.
struct DocumentText {
    let kind: String
    let name: String
    let place: String
    let origins: [Origin]
    let json: [UInt8]
}

/// The two functions that a commit answers by.
@safe
struct CommitCallbacks: @unchecked Sendable {
    let issue: IssueFunction?
    let committed: CommittedFunction?
    let context: UnsafeMutableRawPointer?
}

/// How one instance publishes: at most one open transaction, known by a number, and the commits
/// that wait for their answers.
///
/// On the lane, but for what other threads read.
final class PluginRouting: @unchecked Sendable {
    private struct Waiting {
        let number: UInt64
        let callbacks: CommitCallbacks
    }

    private let instance: String
    private let lane: Lane
    private let limits: Limits
    private let submit: @Sendable (Transaction) -> Void

    private var open: OpenTransaction?
    private var nextToken: UInt = 1
    private var documents = KnownNames<DocumentKey>()
    private var notes = KnownNames<String>()
    private var told = ToldVerdicts()
    /// The oldest first.
    private var waiting: [Waiting] = []
    private var commits: UInt64 = 0
    /// It follows another instance of its name, which has published already: its first commit
    /// takes the place of all that. Set before it starts.
    var followsAnother = false
    /// Another instance of its name publishes instead.
    private var isSuspended = false

    private let accepted = Cell.permanent()
    private let unanswered = Cell.permanent()
    private let newest = Mutex("")

    init(
        instance: String,
        lane: Lane,
        limits: Limits,
        submit: @escaping @Sendable (Transaction) -> Void
    ) {
        self.instance = instance
        self.lane = lane
        self.limits = limits
        self.submit = submit
    }

    /// [any thread] Commits that were installed.
    var acceptedCount: UInt64 { accepted.value }

    /// [any thread] Commits that have not been answered.
    var owed: Int { Int(unanswered.acquire()) }

    /// [any thread] The revision of the newest commit; empty: there was none.
    var revision: String { newest.withLock { $0 } }

    func begin(_ revision: String, isResync: Bool) throws(PublishRefusal) -> UInt {
        guard !isSuspended else { throw Self.replaced }
        guard open == nil else {
            throw PublishRefusal(status: SLUICE_E_STATE, text: "a transaction is open already")
        }
        let isResync = isResync || followsAnother && commits == 0
        let token = nextToken
        // Tokens look like addresses to the plugin, which must not read what they point to.
        nextToken += 1
        open = OpenTransaction(
            token: token,
            revision: revision,
            isResync: isResync,
            noteKeys: isResync ? [] : notes.all
        )
        return token
    }

    func put(_ token: UInt, _ text: DocumentText) throws(PublishRefusal) {
        try check(token)
        let key = try key(text.kind, text.name)
        guard text.json.count <= limits.documentBytesMax else {
            throw PublishRefusal(
                status: SLUICE_E_LIMIT,
                text: "\(text.kind) \"\(text.name)\" has \(text.json.count) bytes, "
                    + "the limit documentBytesMax is \(limits.documentBytesMax)"
            )
        }
        do throws(ParseFailure) {
            let document = Document(
                key: key,
                value: try JSONDocument(parsing: text.json),
                place: text.place,
                origins: Origins(text.origins)
            )
            open?.put(document)
        } catch {
            throw PublishRefusal(
                status: SLUICE_E_INVALID,
                text: "\(text.kind) \"\(text.name)\": \(error)",
                pointer: error.pointer
            )
        }
    }

    func keep(_ token: UInt, _ kind: String, _ name: String) throws(PublishRefusal) {
        try check(token)
        let key = try key(kind, name)
        guard documents.contains(key) else {
            throw PublishRefusal(status: SLUICE_E_NOTFOUND, text: "there is no such document")
        }
        open?.keep(key)
    }

    func remove(_ token: UInt, _ kind: String, _ name: String) throws(PublishRefusal) {
        try check(token)
        open?.remove(try key(kind, name))
    }

    func note(_ token: UInt, _ key: String, _ note: SourceNote) throws(PublishRefusal) {
        try check(token)
        try open?.note(key, try note.problem(of: instance))
    }

    func unnote(_ token: UInt, _ key: String) throws(PublishRefusal) {
        try check(token)
        open?.unnote(key)
    }

    /// Publishing is for another instance of its name from here on, or for this one again.
    func suspend(_ isSuspended: Bool) { self.isSuspended = isSuspended }

    private static let replaced = PublishRefusal(
        status: SLUICE_E_GONE,
        text: "another instance has taken the place of this one"
    )

    func abandon(_ token: UInt) {
        if open?.token == token { open = nil }
    }

    private func check(_ token: UInt) throws(PublishRefusal) {
        guard open?.token == token else {
            throw PublishRefusal(status: SLUICE_E_STATE, text: "the transaction is not open")
        }
    }

    private func key(_ kind: String, _ name: String) throws(PublishRefusal) -> DocumentKey {
        guard let known = DocumentKind(rawValue: kind) else {
            let all = DocumentKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw PublishRefusal(
                status: SLUICE_E_INVALID,
                text: "kind \"\(kind)\" is none of \(all)"
            )
        }
        return DocumentKey(instance: instance, kind: known, name: name)
    }
}

/// From commit to its answer.
extension PluginRouting {
    /// Hands the open transaction to the host; when too many wait, it stays open.
    func commit(_ token: UInt, _ callbacks: CommitCallbacks) throws(PublishRefusal) {
        try check(token)
        guard !isSuspended else {
            open = nil
            throw Self.replaced
        }
        guard let ended = open else { return }
        guard waiting.count < limits.commitsWaitingMax else {
            throw PublishRefusal(
                status: SLUICE_E_BUSY,
                text: "\(waiting.count) commits wait, the limit commitsWaitingMax"
            )
        }
        open = nil
        commits += 1
        let number = commits
        waiting.append(Waiting(number: number, callbacks: callbacks))
        unanswered.add(1)
        documents.wait(
            for: .init(
                isResync: ended.isResync,
                added: Set(ended.puts.keys),
                kept: ended.keeps,
                removed: ended.removes
            )
        )
        notes.wait(
            for: .init(
                isResync: ended.isResync,
                added: Set(ended.notes.keys),
                removed: ended.unnotes
            )
        )
        newest.withLock { $0 = ended.revision }
        submit(
            ended.transaction(of: instance) { [self] status, generation, problems in
                lane.run { [self] in answer(number, status, generation, problems) }
            }
        )
    }

    private func answer(
        _ number: UInt64,
        _ status: CommitStatus,
        _ generation: UInt64,
        _ problems: [Problem]
    ) {
        // One that is not the oldest was answered by `end`.
        guard waiting.first?.number == number else { return }
        let isTaken = status == .installed
        if isTaken { accepted.add(1) }
        documents.settle(isTaken: isTaken)
        notes.settle(isTaken: isTaken)
        let callbacks = waiting.removeFirst().callbacks
        if let issue = unsafe callbacks.issue {
            let issues = isTaken ? told.news(problems) : problems.map(SourceIssue.init)
            for news in issues {
                unsafe news.tell { pointer in
                    lane.inside("issue") { unsafe issue(callbacks.context, pointer) }
                }
            }
        }
        finish(callbacks, status, generation)
    }

    /// Answers what waits with `SLUICE_E_CANCELED`: the instance has stopped.
    func end() {
        open = nil
        let left = waiting
        waiting = []
        for commit in left { finish(commit.callbacks, .cancelled, 0) }
    }

    private func finish(_ callbacks: CommitCallbacks, _ status: CommitStatus, _ generation: UInt64)
    {
        lane.inside("committed") {
            unsafe callbacks.committed?(callbacks.context, status.rawValue, generation)
        }
        unanswered.add(-1)
    }
}
