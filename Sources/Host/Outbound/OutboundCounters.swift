internal import SluiceBase

/// What one client has done so far, for metrics.
package struct OutboundCounts: Sendable, Equatable {
    package var calls: UInt64 = 0
    package var active: UInt64 = 0
    package var sentBytes: UInt64 = 0
    package var receivedBytes: UInt64 = 0
    package var connectionsOpened: UInt64 = 0
    package var connectionsOpen: UInt64 = 0
    /// By `OutboundFailure.rawValue`.
    package var failures: [UInt64] = []
}

/// The counters behind `OutboundCounts`: cells that live as long as the process.
struct OutboundCounters: Sendable {
    enum Kind: Int {
        case calls, active, sentBytes, receivedBytes, connectionsOpened, connectionsOpen
        case failures
    }

    private let cells: CellBlock

    init() throws(Errno) {
        cells = try CellBlock(count: Kind.failures.rawValue + OutboundFailure.allCases.count)
    }

    /// Adds to a counter, on any thread.
    func add(_ kind: Kind, _ amount: Int = 1) { cells[kind.rawValue].add(Int64(amount)) }

    /// Counts a call that failed, on any thread.
    func add(_ failure: OutboundFailure) {
        cells[Kind.failures.rawValue + failure.rawValue].add(1)
    }

    var counts: OutboundCounts {
        func value(_ kind: Kind) -> UInt64 { cells[kind.rawValue].value }
        return OutboundCounts(
            calls: value(.calls),
            active: value(.active),
            sentBytes: value(.sentBytes),
            receivedBytes: value(.receivedBytes),
            connectionsOpened: value(.connectionsOpened),
            connectionsOpen: value(.connectionsOpen),
            failures: OutboundFailure.allCases.map {
                cells[Kind.failures.rawValue + $0.rawValue].value
            }
        )
    }
}
