internal import SluiceBase

/// A wheel of deadlines over the connection slots: setting one is a store and a comparison.
///
/// A connection stands in one bucket, at or before its deadline; when the wheel comes to it and
/// the deadline has moved away, it is put in again. So deadlines that move with every request are
/// never relinked, unless they come nearer than the wheel would look.
struct Deadlines: ~Copyable {
    /// Nanoseconds of one tick: how late a deadline may be noticed.
    static let tickNanoseconds: UInt64 = 16_000_000
    /// Buckets; a deadline further away is looked at when the wheel has turned once.
    static let buckets = 512

    private let heads = Table<Int32>(repeating: -1, count: Deadlines.buckets)
    private(set) var tick: UInt64
    private(set) var count = 0

    init(now: UInt64) { tick = now / Deadlines.tickNanoseconds }

    /// Puts a connection in when it opens; its deadline is set.
    mutating func insert(_ slot: Int, _ connections: borrowing Slots<Connection>) {
        let wanted = connections[slot].deadline / Deadlines.tickNanoseconds &+ 1
        let last = tick &+ UInt64(Deadlines.buckets) &- 1
        let at = min(max(wanted, tick &+ 1), last)
        let bucket = Int(at % UInt64(Deadlines.buckets))
        let next = heads[bucket]
        connections[slot].wheelTick = at
        connections[slot].wheelNext = next
        connections[slot].wheelPrevious = -1
        if next >= 0 { connections[Int(next)].wheelPrevious = Int32(slot) }
        heads[bucket] = Int32(slot)
        count &+= 1
    }

    mutating func remove(_ slot: Int, _ connections: borrowing Slots<Connection>) {
        let next = connections[slot].wheelNext
        let previous = connections[slot].wheelPrevious
        if next >= 0 { connections[Int(next)].wheelPrevious = previous }
        if previous >= 0 {
            connections[Int(previous)].wheelNext = next
        } else {
            heads[Int(connections[slot].wheelTick % UInt64(Deadlines.buckets))] = next
        }
        count &-= 1
    }

    /// Sets a deadline.
    @inline(__always)
    mutating func set(_ deadline: UInt64, _ slot: Int, _ connections: borrowing Slots<Connection>) {
        connections[slot].deadline = deadline
        if deadline / Deadlines.tickNanoseconds &+ 1 < connections[slot].wheelTick {
            remove(slot, connections)
            insert(slot, connections)
        }
    }

    /// The next connection whose deadline has passed, taken out and put in again at its horizon;
    /// -1 when the wheel stands at `now`.
    mutating func next(_ now: UInt64, _ connections: borrowing Slots<Connection>) -> Int {
        let target = now / Deadlines.tickNanoseconds
        if count == 0 { tick = max(tick, target) }
        while tick < target {
            let bucket = Int((tick &+ 1) % UInt64(Deadlines.buckets))
            let first = heads[bucket]
            if first < 0 {
                tick &+= 1
                continue
            }
            let slot = Int(first)
            remove(slot, connections)
            if connections[slot].deadline <= now {
                connections[slot].deadline = Clock.never
                insert(slot, connections)
                return slot
            }
            insert(slot, connections)
        }
        return -1
    }
}
