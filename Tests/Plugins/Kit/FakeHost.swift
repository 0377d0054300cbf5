import SluiceABI

/// A host made of the header's own structs, for one instance at a time.
///
/// One host is current at a time; the suite that uses it is serialized.
final class FakeHost {
    nonisolated(unsafe) private(set) static var current = FakeHost()

    struct Line: Equatable {
        var level: Int32
        var text: String
        var fields: [String: String]
    }

    struct Change: Equatable {
        var verb: String
        var kind = ""
        var name = ""
        var place = ""
        var document = ""
    }

    struct Timer {
        var id: UInt64
        var first: UInt64
        var every: UInt64
        var run: (Int32) -> Void
    }

    struct Watch {
        var id: UInt64
        var fd: Int32
        var events: UInt32
        var run: (UInt32) -> Void
    }

    struct Answer: Equatable {
        var id: UInt64
        var status: Int32
        var headers: [String]
        var body: String
    }

    /// Ids that `find` answers; take one out to withhold a table.
    var offered: Set<String>
    var lines: [Line] = []
    var reports: [String] = []
    var posted: [() -> Void] = []
    var timers: [Timer] = []
    var watches: [Watch] = []
    var changes: [Change] = []
    var answers: [Answer] = []
    var metrics: [String] = []
    var drainedCount = 0
    var stoppedCount = 0
    var nextID: UInt64 = 1
    var isStopped = false
    /// What the next `put` answers, with its place and sentence.
    var putFailure: (status: Int32, pointer: String, text: String)?
    /// What `commit` answers at once.
    var commitStatus = SLUICE_PENDING
    /// What `keep` answers.
    var keepStatus = SLUICE_OK
    /// Ends the transaction that was committed last, as the host's compiler would.
    var finishCommit: ((_ status: Int32, _ generation: UInt64) -> Void)?
    var issues: [(code: String, name: String)] = []

    private init() {
        offered = [
            SLUICE_IF_LOG, SLUICE_IF_METRICS, SLUICE_IF_HEALTH, SLUICE_IF_EXEC,
            SLUICE_IF_ROUTING, SLUICE_IF_HTTP,
        ]
    }

    /// A new host, offering everything.
    static func fresh() -> FakeHost {
        let host = FakeHost()
        unsafe current = host
        return host
    }

    /// Runs what was posted to the lane, also what that posts in turn.
    func runLane() {
        while !posted.isEmpty { posted.removeFirst()() }
    }

    /// Lets a timer fire; a one-shot timer is gone afterwards.
    func fire(_ id: UInt64) {
        guard let timer = timers.first(where: { $0.id == id }) else { return }
        if timer.every == 0 { timers.removeAll { $0.id == id } }
        timer.run(SLUICE_OK)
    }

    func newID() -> UInt64 {
        defer { nextID += 1 }
        return nextID
    }
}

extension String {
    init(_ span: sluice_span) {
        self = unsafe String(
            decoding: UnsafeBufferPointer(start: span.data, count: span.len),
            as: UTF8.self
        )
    }
}
