internal import SluiceBase

/// What a filter must have so that another thread may ask for a change.
enum FilterNeed {
    /// The filter holds the side, or is about to.
    case hold(FilterSide)
    /// The filter holds the head of the side, or is about to.
    case head(FilterSide)

    fileprivate var bits: UInt64 {
        switch self {
        case .hold(let side): FilterHolds.hold(side).rawValue
        case .head(let side): FilterHolds.head(side).rawValue
        }
    }
}

/// What a filter holds of its exchange, as other threads see it.
package struct FilterHolds: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A callback runs: what it will hold is not known yet.
    package static let inside = FilterHolds(rawValue: 1)

    package static func hold(_ side: FilterSide) -> FilterHolds {
        FilterHolds(rawValue: 2 << UInt64(side.rawValue))
    }

    /// Its head among it.
    package static func head(_ side: FilterSide) -> FilterHolds {
        FilterHolds(rawValue: 8 << UInt64(side.rawValue))
    }
}

// Identities of filters: those of exchanges with a bit in the slot, and one word more: the
// generation (32 bits), queued changes (24 bits) and `FilterHolds` (8 bits).
extension Exchanges {
    /// What came of queueing a change.
    enum Queueing {
        case queued
        case gone
        /// The filter does not hold what the change is about.
        case wrong
        /// Too many changes wait.
        case full
    }

    /// Changes of one filter that wait for their worker.
    private static let queuedMax: UInt64 = 1_024

    /// [worker] Begins a filter in `slot` of the worker's filters and returns its identity.
    package func open(worker: Int, filter slot: Int) -> UInt64 {
        let id = open(worker: worker, slot: slot | RequestID.filterBit)
        filterWord(id)?.release(UInt64(RequestID.generation(id)) << 32)
        return id
    }

    /// [worker] Whether the filter `id` has answered, whole or in part.
    package func hasAnswered(_ id: UInt64) -> Bool {
        switch claim(id) {
        case .taken: true
        // It could still have: it cannot from here on.
        case .granted, .gone: false
        }
    }

    /// [worker] The head of the exchange's answer has left: the filter `id` can answer no more.
    package func settle(_ id: UInt64) { _ = claim(id) }

    /// [worker] What other threads may ask for.
    package func show(_ id: UInt64, _ holds: FilterHolds) {
        change(id) { $0 & ~0xff | holds.rawValue }
    }

    /// [worker] A queued change has come.
    package func unqueue(_ id: UInt64) { change(id) { $0 &- 1 << 8 } }

    /// [worker] Whether changes of the filter `id` are on their way: until they are there it is
    /// given nothing, as it could not tell whether it still holds what came before.
    package func hasQueued(_ id: UInt64) -> Bool {
        guard let word = filterWord(id)?.acquire() else { return false }
        return word >> 8 & 0xff_ffff != 0
    }

    /// [any thread] Counts a change that will be posted.
    func queue(_ id: UInt64, _ need: FilterNeed) -> Queueing {
        guard let word = filterWord(id), isCurrent(id) else { return .gone }
        while true {
            let seen = word.acquire()
            guard seen >> 32 == UInt64(RequestID.generation(id)) else { return .gone }
            let isInside = seen & FilterHolds.inside.rawValue != 0
            guard isInside || seen & need.bits == need.bits else { return .wrong }
            guard seen >> 8 & 0xff_ffff < Self.queuedMax else { return .full }
            if word.exchange(seen &+ 1 << 8, ifEqual: seen) { return .queued }
        }
    }

    private func change(_ id: UInt64, _ next: (UInt64) -> UInt64) {
        guard let word = filterWord(id) else { return }
        while true {
            let seen = word.acquire()
            guard seen >> 32 == UInt64(RequestID.generation(id)) else { return }
            if word.exchange(next(seen), ifEqual: seen) { return }
        }
    }
}

extension RequestID {
    /// Set in the slot of a filter's identity.
    static let filterBit = 1 << 23

    /// Filters of one worker.
    package static let filtersPerWorkerMax = filterBit

    /// Whether an identity is a filter's, not an exchange's.
    package static func isFilter(_ id: UInt64) -> Bool { id & UInt64(filterBit) != 0 }

    /// The slot of a filter, as `Exchanges.open(worker:filter:)` was given it.
    package static func filter(_ id: UInt64) -> Int { slot(id) & (filterBit - 1) }
}
