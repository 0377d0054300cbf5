public import SluiceBase

/// Whose fault it is that an exchange failed; the label of `sluice_faults_total` and
/// `sluice_broken_replies_total`.
public enum FaultSource: Int, CaseIterable, Sendable, BitwiseCopyable {
    case client
    case origin
    case host
    case plugin

    /// The label value.
    package var word: String { String(describing: self) }
}

/// One exchange that failed, as a worker reports it: plain data, no reference.
public struct FaultRecord: BitwiseCopyable, Sendable {
    public var reason: LocalReason
    public var source: FaultSource
    /// The status that the client was sent; 0: none was.
    public var status: UInt16
    /// The reply had begun when it failed.
    public var isBrokenReply = false
    /// It was the TLS handshake of a client: there is no exchange yet.
    public var isHandshake = false
    /// Empty when there is none.
    public var route = NameCopy()
    public var pool = NameCopy()
    package var endpoint = PeerAddress.none
    /// The client.
    package var peer = PeerAddress.none

    public init(reason: LocalReason, source: FaultSource, status: UInt16) {
        self.reason = reason
        self.source = source
        self.status = status
    }
}

/// The failed exchanges of one worker on their way to the log: a bounded ring.
///
/// The worker neither waits nor allocates. What finds no room is counted by its reason.
public struct FaultLog: Sendable {
    /// Records that wait for the log.
    package static let recordsMax = 64

    private let ring: SharedRing<FaultRecord>
    private let lost: CellBlock

    /// Nothing has failed yet; throws the error of mmap(2).
    package init() throws(Errno) {
        ring = SharedRing(
            capacity: Self.recordsMax,
            empty: FaultRecord(reason: .badRequest, source: .client, status: 0)
        )
        lost = try CellBlock(count: LocalReason.allCases.count)
    }

    /// [worker] Tells of a failed exchange; true: nothing waited, so wake the control side.
    public func record(_ fault: FaultRecord) -> Bool {
        switch ring.add(fault) {
        case .addedFirst: return true
        case .added: return false
        case .full:
            lost[fault.reason.rawValue].bump()
            return false
        }
    }

    /// [control] The oldest record that waits.
    package func next() -> FaultRecord? { ring.next() }

    /// [control] Whether no record waits.
    package var isEmpty: Bool { ring.isEmpty }

    /// [control] How many records of a reason have found no room since the start.
    package func lost(_ reason: LocalReason) -> UInt64 { lost[reason.rawValue].value }
}

/// Writes the failed exchanges of all workers to the log: a few lines a second, the rest summed.
///
/// Control side; one thread. While the second's lines are used up it takes no records, so a worker
/// whose ring is full counts instead of waking the thread for each.
package struct FaultReporter {
    /// A line of the log.
    package struct Line: Equatable {
        package var level: LogLevel
        package var text: String
        /// Key and value in turn.
        package var fields: [String]
    }

    private let logs: [FaultLog]
    private let linesMax: Int
    private let write: (Line) -> Void
    /// When the second that counts ends; `Clock.never` while nothing has failed.
    private var end = Clock.never
    private var lines = 0
    /// By log and reason: what was lost and is summed already.
    private var counted: [[UInt64]]

    /// Reports what `logs` hold; `write` is called for each line.
    package init(
        _ logs: [FaultLog],
        linesPerSecondMax: Int,
        write: @escaping (Line) -> Void = { Log.write($0.level, $0.text, $0.fields) }
    ) {
        self.logs = logs
        linesMax = linesPerSecondMax
        self.write = write
        counted = logs.map { _ in [UInt64](repeating: 0, count: LocalReason.allCases.count) }
    }

    /// Writes what may be written now; returns when it has to be called again, though nobody wakes
    /// the thread.
    package mutating func turn(now: UInt64) -> UInt64 {
        if now >= end { endSecond() }
        if end == Clock.never, !logs.allSatisfy(\.isEmpty) {
            end = now + Clock.nanosecondsPerSecond
        }
        writeLines()
        return end
    }

    /// Writes all that waits, because the thread ends.
    package mutating func finish() {
        writeLines()
        endSecond()
    }

    private mutating func writeLines() {
        for log in logs {
            while lines < linesMax, let record = log.next() {
                lines += 1
                write(Line(record))
            }
        }
    }

    private mutating func endSecond() {
        sumUp(takesWaiting: lines >= linesMax)
        end = Clock.never
        lines = 0
    }

    /// Sums by reason what had no room, and what waits if the second's lines are used up.
    private mutating func sumUp(takesWaiting: Bool) {
        var sums = [UInt64](repeating: 0, count: LocalReason.allCases.count)
        for (index, log) in logs.enumerated() {
            while takesWaiting, let record = log.next() { sums[record.reason.rawValue] += 1 }
            for reason in LocalReason.allCases {
                let lost = log.lost(reason)
                sums[reason.rawValue] += lost - counted[index][reason.rawValue]
                counted[index][reason.rawValue] = lost
            }
        }
        let total = sums.reduce(0, +)
        guard total > 0 else { return }
        let parts = zip(LocalReason.allCases, sums).filter { $0.1 > 0 }
            .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
            .map { "\($0.0.word) \($0.1)" }
        write(
            Line(
                level: .warn,
                text: "... and \(total) more: \(parts.joined(separator: ", "))",
                fields: []
            )
        )
    }
}

extension FaultReporter.Line {
    /// The line of one failed exchange; a client's own fault is no warning.
    init(_ record: FaultRecord) {
        level = record.source == .client ? .info : .warn
        text =
            record.isHandshake
            ? "a TLS handshake failed"
            : record.isBrokenReply ? "a reply was broken off" : "an exchange failed"
        fields = ["cause", record.reason.word, "source", record.source.word]
        if record.status != 0 { fields += ["status", String(record.status)] }
        for (key, value) in [
            ("route", record.route.text), ("pool", record.pool.text),
            ("endpoint", record.endpoint.text), ("client", record.peer.text),
        ] where !value.isEmpty {
            fields += [key, value]
        }
    }
}
