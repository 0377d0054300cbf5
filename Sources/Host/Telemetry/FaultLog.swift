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

/// An IP address and a port as plain words.
public struct FaultAddress: BitwiseCopyable, Sendable, Equatable {
    /// 4, 6, or 0 for none.
    public var family: UInt8
    public var port: UInt16
    /// The first eight bytes of an IPv6 address, most significant first.
    public var high: UInt64
    /// The last eight bytes of an IPv6 address, or an IPv4 address in the low 32 bits.
    public var low: UInt64

    /// No address.
    public static var none: FaultAddress { FaultAddress(family: 0, port: 0, high: 0, low: 0) }

    public init(family: UInt8, port: UInt16, high: UInt64, low: UInt64) {
        self.family = family
        self.port = port
        self.high = high
        self.low = low
    }

    /// `192.0.2.1:80`, `[2001:db8:0:0:0:0:0:1]:80`, or nothing.
    package var text: String {
        switch family {
        case 4:
            let bytes = [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xff) }
            return "\(bytes.joined(separator: ".")):\(port)"
        case 6:
            let groups = [high, low].flatMap { word in
                [48, 32, 16, 0].map { String(word >> UInt64($0) & 0xffff, radix: 16) }
            }
            return "[\(groups.joined(separator: ":"))]:\(port)"
        default:
            return ""
        }
    }
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
    public var endpoint = FaultAddress.none
    /// The client.
    public var peer = FaultAddress.none

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
