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
    let json: [UInt8]
}

/// Why a document was not taken.
struct PutRefusal: Error {
    let status: sluice_status
    let text: String
    var pointer = ""
}

/// The two functions that a commit answers by.
@safe
struct CommitCallbacks: @unchecked Sendable {
    let issue: IssueFunction?
    let committed: CommittedFunction?
    let context: UnsafeMutableRawPointer?
}

/// How one instance publishes: at most one open transaction, known by a number.
///
/// On the lane, but for the counters that readiness reads.
final class PluginRouting: @unchecked Sendable {
    private struct Open {
        let token: UInt
        let revision: String
        var clear = false
        var order: [DocumentKey] = []
        var puts: [DocumentKey: Document] = [:]
        var removes: Set<DocumentKey> = []
        var places: [DocumentKey: String] = [:]
        var notes: [Problem] = []
    }

    /// Notes of one transaction that are kept.
    private static let notesMax = 1_000

    private unowned let instance: Instance
    private var open: Open?
    private var nextToken: UInt = 1
    /// Where the accepted documents came from.
    private var places: [DocumentKey: String] = [:]
    private let accepted = Cell.permanent()
    private let pending = Cell.permanent()

    init(instance: Instance) { self.instance = instance }

    /// Commits that were installed; any thread may ask.
    var acceptedCount: UInt64 { accepted.value }

    /// Commits that have not been answered.
    var owed: Int { Int(pending.add(0)) }

    func begin(_ revision: String, clear: Bool) -> UInt? {
        guard open == nil else { return nil }
        let token = nextToken
        // Tokens look like addresses to the plugin, which must not read what they point to.
        nextToken += 1
        open = Open(token: token, revision: revision, clear: clear)
        return token
    }

    func put(_ token: UInt, _ text: DocumentText) throws(PutRefusal) {
        guard open?.token == token else {
            throw PutRefusal(status: SLUICE_E_STATE, text: "the transaction is not open")
        }
        guard let kind = DocumentKind(rawValue: text.kind) else {
            let known = DocumentKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw PutRefusal(
                status: SLUICE_E_INVALID,
                text: "kind \"\(text.kind)\" is none of \(known)"
            )
        }
        let max = instance.environment.limits.documentBytesMax
        guard text.json.count <= max else {
            throw PutRefusal(
                status: SLUICE_E_LIMIT,
                text: "\(text.kind) \"\(text.name)\" has \(text.json.count) bytes, "
                    + "the limit documentBytesMax is \(max)"
            )
        }
        let parsed: JSONDocument
        do throws(ParseFailure) {
            parsed = try JSONDocument(parsing: text.json, source: text.place)
        } catch {
            throw PutRefusal(
                status: SLUICE_E_INVALID,
                text: "\(text.kind) \"\(text.name)\": \(error)",
                pointer: error.pointer
            )
        }
        let key = DocumentKey(instance: instance.name, kind: kind, name: text.name)
        open?.removes.remove(key)
        if open?.puts.updateValue(Document(key: key, value: parsed), forKey: key) == nil {
            open?.order.append(key)
        }
        open?.places[key] = text.place
    }

    func remove(_ token: UInt, _ kind: String, _ name: String) -> sluice_status {
        guard open?.token == token else { return SLUICE_E_STATE }
        guard let kind = DocumentKind(rawValue: kind) else { return SLUICE_E_INVALID }
        let key = DocumentKey(instance: instance.name, kind: kind, name: name)
        if open?.puts.removeValue(forKey: key) != nil { open?.order.removeAll { $0 == key } }
        open?.places[key] = nil
        open?.removes.insert(key)
        return SLUICE_OK
    }

    func note(_ token: UInt, _ note: SourceNote) throws(PutRefusal) {
        guard let open, open.token == token else {
            throw PutRefusal(status: SLUICE_E_STATE, text: "the transaction is not open")
        }
        guard open.notes.count < Self.notesMax else {
            throw PutRefusal(
                status: SLUICE_E_LIMIT,
                text: "a transaction has \(Self.notesMax) notes at most"
            )
        }
        guard let problem = note.problem(of: instance.name) else {
            throw PutRefusal(
                status: SLUICE_E_INVALID,
                text: "a note has no kind \"\(note.kind)\""
            )
        }
        self.open?.notes.append(problem)
    }

    func abandon(_ token: UInt) {
        if open?.token == token { open = nil }
    }

    func commit(_ token: UInt, _ callbacks: CommitCallbacks) -> sluice_status {
        guard let ended = open, ended.token == token else { return SLUICE_E_STATE }
        open = nil
        if ended.clear { places = [:] }
        for key in ended.removes { places[key] = nil }
        places.merge(ended.places) { $1 }
        let transaction = Transaction(
            instance: instance.name,
            revision: ended.revision,
            clear: ended.clear,
            puts: ended.order.compactMap { ended.puts[$0] },
            removes: ended.removes.sorted(),
            places: ended.places,
            notes: ended.notes
        ) { [self] status, generation, problems in
            instance.lane.run { [self] in
                complete(callbacks, status, generation, problems)
            }
        }
        pending.add(1)
        instance.submitted(ended.revision)
        instance.hooks.submit(transaction)
        return SLUICE_PENDING
    }

    private func complete(
        _ callbacks: CommitCallbacks,
        _ status: CommitStatus,
        _ generation: UInt64,
        _ problems: [Problem]
    ) {
        if status == .installed { accepted.add(1) }
        defer { pending.add(-1) }
        let before = Entered.enter(instance.index, "committed")
        if let issue = unsafe callbacks.issue {
            for problem in problems {
                unsafe IssueText(problem, place: places[problem.key] ?? "").tell { pointer in
                    unsafe issue(callbacks.context, pointer)
                }
            }
        }
        unsafe callbacks.committed?(callbacks.context, status.rawValue, generation)
        Entered.leave(to: before)
    }
}

/// A problem as the header's struct, for the time of one call.
private struct IssueText {
    private let severity: Int32
    private let bytes: [UInt8]
    private let counts: [Int]

    init(_ problem: Problem, place: String) {
        severity = problem.severity.rawValue
        let texts = [
            problem.kind.rawValue, problem.name, problem.code, problem.pointer,
            problem.where.isEmpty ? place : problem.where, problem.text,
        ]
        bytes = texts.flatMap { Array($0.utf8) }
        counts = texts.map(\.utf8.count)
    }

    func tell(_ body: (UnsafePointer<sluice_issue>) -> Void) {
        bytes.withBytes { bytes in
            var offset = 0
            var spans: [sluice_span] = unsafe []
            for count in counts {
                unsafe spans.append(bytes.slice(offset, count).span)
                offset += count
            }
            var issue = unsafe sluice_issue(
                size: UInt32(MemoryLayout<sluice_issue>.size),
                severity: severity,
                kind: spans[0],
                name: spans[1],
                code: spans[2],
                pointer: spans[3],
                where: spans[4],
                source: sluice_span(),
                text: spans[5]
            )
            unsafe body(&issue)
        }
    }
}
