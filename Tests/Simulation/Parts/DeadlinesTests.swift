import SimulatedKernel
import SluiceBase
import SluiceServe
import Testing

/// The wheel of deadlines against a table of them.
struct DeadlinesTests {
    private static let tick = Deadlines.tickNanoseconds
    private static let begin: UInt64 = 1_000_000_000

    /// Every timer that the wheel gives at `now`.
    private static func expired(_ wheel: inout Deadlines, _ now: UInt64) -> [Int] {
        var found: [Int] = []
        while true {
            let timer = wheel.next(now)
            if timer.isNone { return found.sorted() }
            found.append(timer.index)
        }
    }

    @Test(arguments: UInt64(0)..<40)
    func `each deadline comes once, never early and at most two ticks late`(seed: UInt64) {
        var random = SeededRandom(seed)
        let count = 1 + random.below(40)
        var wheel = Deadlines(count: count, now: Self.begin)
        var model = [UInt64](repeating: Clock.never, count: count)
        var now = Self.begin
        for _ in 0..<400 {
            let timer = random.below(count)
            if random.oneIn(4) {
                wheel.clear(TimerNumber(number: Int32(timer)))
                model[timer] = Clock.never
            } else {
                let most = random.oneIn(5) ? 3 * Deadlines.buckets : 30
                let deadline = now + UInt64(random.below(most)) * Self.tick + random.next() % 1_000
                wheel.set(deadline, TimerNumber(number: Int32(timer)))
                model[timer] = deadline
            }
            now += random.next() % (Self.tick * (random.oneIn(9) ? 900 : 3))
            for timer in Self.expired(&wheel, now) {
                #expect(model[timer] <= now, "timer \(timer) came early or was cleared")
                model[timer] = Clock.never
            }
            let late = model.contains { $0 != Clock.never && $0 + 2 * Self.tick < now }
            #expect(!late, "a deadline was not noticed")
        }
        now += 4 * UInt64(Deadlines.buckets) * Self.tick
        _ = Self.expired(&wheel, now)
        #expect(wheel.count == 0, "a wheel without deadlines is empty")
    }

    @Test func `a deadline that comes nearer is noticed in time`() {
        var wheel = Deadlines(count: 1, now: Self.begin)
        let timer = TimerNumber(number: 0)
        wheel.set(Self.begin + 400 * Self.tick, timer)
        wheel.set(Self.begin + 2 * Self.tick, timer)
        #expect(Self.expired(&wheel, Self.begin + Self.tick) == [])
        #expect(Self.expired(&wheel, Self.begin + 4 * Self.tick) == [0])
        #expect(Self.expired(&wheel, Self.begin + 500 * Self.tick) == [])
    }

    @Test func `a time that never ends is no deadline`() {
        var wheel = Deadlines(count: 1, now: Self.begin)
        wheel.set(Clock.never, TimerNumber(number: 0))
        #expect(Self.expired(&wheel, Self.begin + 5_000 * Self.tick) == [])
        #expect(wheel.count == 0)
    }
}

/// How a peer's progress is judged.
struct ProgressTests {
    private static let limit = 4 * Clock.nanosecondsPerSecond

    /// Samples once a second what a peer has moved by then: the second in which it has stalled.
    private static func stall(_ counts: [UInt64], rateMin: UInt64) -> Int? {
        var progress = Progress()
        progress.begin(0)
        for (index, count) in counts.enumerated() {
            let now = UInt64(index + 1) * Clock.nanosecondsPerSecond
            if progress.hasStalled(count, now, limit: limit, rateMin: rateMin) { return index + 1 }
        }
        return nil
    }

    @Test func `a peer that moves nothing stalls at the limit`() {
        #expect(Self.stall([7, 7, 7, 7, 7], rateMin: 0) == 4)
    }

    @Test func `a peer that moves any byte goes on where no rate is asked for`() {
        #expect(Self.stall((0..<60).map { UInt64($0) }, rateMin: 0) == nil)
    }

    @Test func `a peer below the least rate stalls, one at it does not`() {
        #expect(Self.stall((0..<60).map { 499 * UInt64($0) }, rateMin: 500) == 4)
        #expect(Self.stall((0..<60).map { 500 * UInt64($0) }, rateMin: 500) == nil)
    }

    @Test func `a pause that is shorter than the limit is forgiven`() {
        #expect(Self.stall([0, 9_000, 9_000, 9_000, 9_000, 18_000, 18_000], rateMin: 500) == nil)
        #expect(Self.stall([0, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000], rateMin: 500) == 6)
    }
}
