// Alone because: all hosts of a process share it.

internal import Synchronization

/// Objects by the ids that the http table is given: it is the same table for all hosts.
struct Registry<Kept: AnyObject>: ~Copyable {
    private struct Entry: @unchecked Sendable {
        weak var kept: Kept?
    }

    private let entries = Mutex<[UInt64: Entry]>([:])

    func add(_ kept: Kept, _ id: UInt64) {
        let entry = Entry(kept: kept)
        entries.withLock { $0[id] = entry }
    }

    func remove(_ id: UInt64) {
        entries.withLock { $0[id] = nil }
    }

    func find(_ id: UInt64) -> Kept? {
        entries.withLock { $0[id] }?.kept
    }
}

/// What the simulated hosts of a process have under way.
enum Registered {
    static let exchanges = Registry<SimulatedExchange>()
    static let passages = Registry<SimulatedPassage>()
    private static let last = Atomic<UInt64>(0)

    static func newID() -> UInt64 {
        last.add(1, ordering: .relaxed).newValue
    }
}
