public import SluiceBase

/// The counters of one worker: one block of pages that it alone writes and anybody reads.
///
/// Counting is a relaxed load and store of one word: no lock, no shared cache line, nothing
/// allocated. The block lives as long as the process.
public struct WorkerCounters: Sendable {
    @usableFromInline let block: CellBlock
    /// The reasons stand behind the last counter.
    @usableFromInline static var reasonsStart: Int { Counter.generation.rawValue + 1 }

    /// Maps the block; throws the error of mmap(2).
    public init() throws(Errno) {
        block = try CellBlock(count: Self.reasonsStart + LocalReason.allCases.count)
    }

    /// [worker] Counts one, or `amount`.
    @inlinable
    public func bump(_ counter: Counter, by amount: Int = 1) {
        block[counter.rawValue].bump(UInt64(truncatingIfNeeded: amount))
    }

    /// [worker] Takes one away from a gauge.
    @inlinable
    public func drop(_ counter: Counter) {
        block[counter.rawValue].bump(UInt64.max)
    }

    /// [worker] Sets a gauge.
    @inlinable
    public func set(_ counter: Counter, _ value: UInt64) {
        block[counter.rawValue].set(value)
    }

    /// [worker] Counts a response by the class of its status, 100 to 599.
    @inlinable
    public func bump(status: Int) {
        let index = Counter.responses1xx.rawValue + min(max(status / 100, 1), 5) - 1
        block[index].bump()
    }

    /// [worker] Counts a failed exchange by whose fault it is.
    @inlinable
    public func bump(fault source: FaultSource) {
        block[Counter.faultsClient.rawValue + source.rawValue].bump()
    }

    /// [worker] Counts a reply that was broken off by whose fault it is.
    @inlinable
    public func bump(brokenReply source: FaultSource) {
        block[Counter.brokenRepliesClient.rawValue + source.rawValue].bump()
    }

    /// [worker] Counts a reply the host made itself.
    @inlinable
    public func bump(_ reason: LocalReason) {
        block[Self.reasonsStart + reason.rawValue].bump()
    }

    /// [any] What a counter stands at.
    @inlinable
    public func value(_ counter: Counter) -> UInt64 {
        block[counter.rawValue].value
    }

    /// [any] How many replies the host made for a reason.
    @inlinable
    public func value(_ reason: LocalReason) -> UInt64 {
        block[Self.reasonsStart + reason.rawValue].value
    }
}
