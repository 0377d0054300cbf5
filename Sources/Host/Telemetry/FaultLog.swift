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

/// One exchange that failed, as a worker tells it: plain data, no reference.
public struct FaultRecord: BitwiseCopyable, Sendable {
    public var reason: LocalReason
    public var source: FaultSource
    /// The status that the client was sent; 0: none was.
    public var status: UInt16
    /// The reply had begun when it failed.
    public var isBrokenReply = false
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
