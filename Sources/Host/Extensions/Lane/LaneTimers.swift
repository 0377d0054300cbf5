internal import SluiceABI
internal import SluiceBase

/// A function of the plugin that runs once, or at intervals.
@safe
struct LaneTimer: @unchecked Sendable {
    /// Monotonic; `Clock.never`: only its final call.
    var due: UInt64
    /// 0: once.
    let interval: UInt64
    let task: sluice_task
    let context: UnsafeMutableRawPointer?
}

/// A descriptor of the plugin whose readiness it wants to hear of.
@safe
struct LaneWatch: @unchecked Sendable {
    let descriptor: Int32
    /// POLL* bits.
    let events: UInt32
    let function: sluice_ready
    let context: UnsafeMutableRawPointer?
}

/// The timers and watches of one lane; guarded by the lane's lock.
///
/// A heap by due time and number. What is cancelled leaves `timers` at once and the heap when it
/// comes to the top, or when the heap is mostly such.
struct LaneTimers {
    /// What has ended and still gets its final call.
    enum Ended: Sendable {
        case timer(LaneTimer)
        case watch(LaneWatch)
    }

    private struct Entry: Comparable {
        let due: UInt64
        let id: UInt64

        static func < (a: Entry, b: Entry) -> Bool { (a.due, a.id) < (b.due, b.id) }
    }

    private var timers: [UInt64: LaneTimer] = [:]
    private var watches: [UInt64: LaneWatch] = [:]
    private var heap: [Entry] = []
    private var ended: [Ended] = []
    private var nextID: UInt64 = 1
    /// Nothing is added any more.
    private(set) var isClosed = false

    /// Timers and watches that have not had their final call.
    var count: Int { timers.count + watches.count + ended.count }

    mutating func add(_ timer: LaneTimer) -> UInt64 {
        let id = number()
        timers[id] = timer
        push(Entry(due: timer.due, id: id))
        return id
    }

    mutating func add(_ watch: LaneWatch) -> UInt64 {
        let id = number()
        watches[id] = watch
        return id
    }

    private mutating func number() -> UInt64 {
        defer { nextID += 1 }
        return nextID
    }

    /// Forgets a watch that could not be begun.
    mutating func drop(watch id: UInt64) { watches[id] = nil }

    /// Ends a timer or a watch; its final call is owed.
    ///
    /// The descriptor of a watch, -1 of a timer; nil: there is none of that number.
    mutating func cancel(_ id: UInt64) -> Int32? {
        if let timer = timers.removeValue(forKey: id) {
            ended.append(.timer(timer))
            if heap.count > 64, heap.count > 2 * timers.count { rebuild() }
            return -1
        }
        guard let watch = watches.removeValue(forKey: id) else { return nil }
        ended.append(.watch(watch))
        return watch.descriptor
    }

    /// Ends all of them, and takes no more; the descriptors of the watches.
    mutating func close() -> [Int32] {
        isClosed = true
        ended += timers.sorted { $0.key < $1.key }.map { .timer($0.value) }
        ended += watches.sorted { $0.key < $1.key }.map { .watch($0.value) }
        let descriptors = watches.values.map(\.descriptor)
        timers = [:]
        watches = [:]
        heap = []
        return descriptors
    }

    /// What is owed its final call, the oldest first.
    mutating func takeEnded() -> [Ended] {
        guard !ended.isEmpty else { return [] }
        defer { ended = [] }
        return ended
    }

    var hasEnded: Bool { !ended.isEmpty }

    /// When the next timer is due; `Clock.never`: none is.
    mutating func nextDue() -> UInt64 {
        while let first = heap.first, timers[first.id]?.due != first.due { pop() }
        return heap.first?.due ?? Clock.never
    }

    /// Takes the next timer that is due, to run it: one that runs once is forgotten, a repeated one
    /// moves on.
    mutating func takeDue(at now: UInt64) -> LaneTimer? {
        guard nextDue() <= now, let first = heap.first, let timer = timers[first.id] else {
            return nil
        }
        pop()
        guard timer.interval > 0 else { return timers.removeValue(forKey: first.id) }
        // A late lane skips the turns it missed instead of running them in a burst.
        let turn = timer.due + (now - timer.due) / timer.interval * timer.interval
        let next = Clock.after(timer.interval, from: turn)
        timers[first.id]?.due = next
        push(Entry(due: next, id: first.id))
        return timer
    }

    func watch(_ id: UInt64) -> LaneWatch? { watches[id] }

    private mutating func rebuild() {
        heap = timers.map { Entry(due: $0.value.due, id: $0.key) }.sorted()
    }

    private mutating func push(_ entry: Entry) {
        guard entry.due != Clock.never else { return }
        heap.append(entry)
        var place = heap.count - 1
        while place > 0, heap[place] < heap[(place - 1) / 2] {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != place else { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
