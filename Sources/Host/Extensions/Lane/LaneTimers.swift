internal import Glibc
internal import SluiceABI
internal import SluiceBase

typealias WatchFunction = @convention(c) (UnsafeMutableRawPointer?, Int32, UInt32) -> Void

/// The timers and watched descriptors of one lane; guarded by the lane's lock.
struct LaneTimers {
    /// One timer, or one watched descriptor.
    @safe
    struct Entry: @unchecked Sendable {
        var due: UInt64
        var interval: UInt64
        var task: sluice_task?
        var watch: WatchFunction?
        var context: UnsafeMutableRawPointer?
        var descriptor: Int32 = -1
        var events: UInt32 = 0
    }

    private(set) var entries: [UInt64: Entry] = [:]
    private var nextID: UInt64 = 1

    var count: Int { entries.count }

    mutating func add(_ entry: Entry) -> UInt64 {
        let id = nextID
        nextID += 1
        entries[id] = entry
        return id
    }

    mutating func remove(_ id: UInt64) -> Bool {
        entries.removeValue(forKey: id) != nil
    }

    /// When the next timer is due; nil: there is none.
    var nextDue: UInt64? {
        entries.values.lazy.filter { $0.descriptor < 0 }.map { $0.due }.min()
    }

    /// The timers that are due, the oldest first.
    func due(at now: UInt64) -> [UInt64] {
        entries.filter { $0.value.descriptor < 0 && $0.value.due <= now }
            .sorted { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
            .map { $0.key }
    }

    /// Takes a due timer for running: a single one is forgotten, a repeated one moves on.
    mutating func fire(_ id: UInt64, at now: UInt64) -> Entry? {
        guard let entry = entries[id] else { return nil }
        if entry.interval == 0 {
            entries[id] = nil
        } else {
            // A late lane skips the turns it missed instead of running them in a burst.
            let turn = entry.due + (now - entry.due) / entry.interval * entry.interval
            entries[id]?.due = Clock.after(entry.interval, from: turn)
        }
        return entry
    }

    /// The watched descriptors.
    var watches: [(id: UInt64, entry: Entry)] {
        entries.filter { $0.value.descriptor >= 0 }.map { ($0.key, $0.value) }
    }
}
