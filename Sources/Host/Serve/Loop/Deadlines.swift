internal import SluiceBase

/// What a timer belongs to.
package struct TimerNumber: SlotNumber {
    package let number: Int32

    package init(number: Int32) { self.number = number }
}

/// A wheel of deadlines: setting one is a store and a comparison.
///
/// A timer stands in one bucket, at or before its deadline; when the wheel comes to it and the
/// deadline has moved away, it is put in again, and taken out when it has none. So deadlines that
/// move with every request are never relinked, unless they come nearer than the wheel would look.
package struct Deadlines: ~Copyable {
    /// Nanoseconds of one tick: how late a deadline may be noticed.
    package static let tickNanoseconds: UInt64 = 16_000_000
    /// Buckets; a deadline further away is looked at when the wheel has turned once.
    package static let buckets = 512

    /// All zero: a timer that was never set.
    private struct Node: BitwiseCopyable {
        var deadline: UInt64
        /// When the wheel looks at it; 0: it is in no bucket.
        var tick: UInt64
        /// The neighbours in the bucket, each one more than its number; 0 is none.
        var next: Int32
        var previous: Int32
    }

    private let nodes: Table<Node>
    private let heads = Table<Int32>(repeating: 0, count: Deadlines.buckets)
    private(set) var tick: UInt64
    /// Timers that stand in a bucket.
    package private(set) var count = 0

    /// Timers 0 to `count` - 1.
    package init(count: Int, now: UInt64) {
        nodes = Table(zeroed: count)
        tick = now / Deadlines.tickNanoseconds
    }

    /// Sets a deadline; `Clock.never` clears it.
    @inline(__always)
    package mutating func set(_ deadline: UInt64, _ timer: TimerNumber) {
        nodes[timer.index].deadline = deadline
        let wanted = deadline / Deadlines.tickNanoseconds &+ 1
        let standing = nodes[timer.index].tick
        if standing != 0, standing <= wanted { return }
        guard deadline != Clock.never else { return }
        if standing != 0 { unlink(timer) }
        link(timer)
    }

    /// The timer means nothing any more; the wheel takes it out when it comes to it.
    @inline(__always)
    package func clear(_ timer: TimerNumber) { nodes[timer.index].deadline = Clock.never }

    func deadline(_ timer: TimerNumber) -> UInt64 { nodes[timer.index].deadline }

    private mutating func link(_ timer: TimerNumber) {
        let wanted = nodes[timer.index].deadline / Deadlines.tickNanoseconds &+ 1
        let last = tick &+ UInt64(Deadlines.buckets) &- 1
        let at = min(max(wanted, tick &+ 1), last)
        let bucket = Int(at % UInt64(Deadlines.buckets))
        let next = heads[bucket]
        nodes[timer.index].tick = at
        nodes[timer.index].next = next
        nodes[timer.index].previous = 0
        if next > 0 { nodes[Int(next) &- 1].previous = timer.number &+ 1 }
        heads[bucket] = timer.number &+ 1
        count &+= 1
    }

    private mutating func unlink(_ timer: TimerNumber) {
        let node = nodes[timer.index]
        if node.next > 0 { nodes[Int(node.next) &- 1].previous = node.previous }
        if node.previous > 0 {
            nodes[Int(node.previous) &- 1].next = node.next
        } else {
            heads[Int(node.tick % UInt64(Deadlines.buckets))] = node.next
        }
        nodes[timer.index].tick = 0
        count &-= 1
    }

    /// The next timer whose deadline has passed, which is cleared; `.none` when the wheel stands at
    /// `now`.
    package mutating func next(_ now: UInt64) -> TimerNumber {
        let target = now / Deadlines.tickNanoseconds
        if count == 0 { tick = max(tick, target) }
        while tick < target {
            let first = heads[Int((tick &+ 1) % UInt64(Deadlines.buckets))]
            if first == 0 {
                tick &+= 1
                continue
            }
            let timer = TimerNumber(number: first &- 1)
            unlink(timer)
            let deadline = nodes[timer.index].deadline
            if deadline <= now {
                nodes[timer.index].deadline = Clock.never
                return timer
            }
            if deadline != Clock.never { link(timer) }
        }
        return .none
    }
}
