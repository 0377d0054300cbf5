import SluiceBase
import SluiceUpstreams
import Testing

/// How one worker chooses among endpoints.
struct BalancerTests {
    @Test func `turns go round and each pool has its own`() {
        var balancer = Balancer(seed: 1)
        balancer.adopt(poolCount: 2)
        var turns: [Int] = []
        for _ in 0..<4 {
            turns.append(balancer.turn(pool: 0, count: 3))
            _ = balancer.turn(pool: 1, count: 2)
        }
        #expect(turns == [0, 1, 2, 0])
    }

    @Test func `turns go on when pools come and shrink`() {
        var balancer = Balancer(seed: 1)
        balancer.adopt(poolCount: 1)
        let first = (0..<3).map { _ in balancer.turn(pool: 0, count: 5) }
        balancer.adopt(poolCount: 9)
        let next = balancer.turn(pool: 0, count: 2)
        #expect(first == [0, 1, 2])
        #expect(next == 1)
    }

    @Test func `equal seeds draw equal numbers`() {
        var one = Balancer(seed: 7)
        var other = Balancer(seed: 7)
        var third = Balancer(seed: 8)
        let numbers = (0..<4).map { _ in one.random() }
        let same = (0..<4).map { _ in other.random() }
        let different = (0..<4).map { _ in third.random() }
        #expect(numbers == same)
        #expect(numbers != different)
        #expect(Set(numbers).count == 4)
    }
}

/// What all workers know of endpoints that failed a moment ago.
struct EndpointHealthTests {
    private static let second = Clock.nanosecondsPerSecond

    /// Whole seconds after `now` at which the endpoint is chosen again.
    private func penalty(_ health: EndpointHealth, generation: UInt32 = 1, now: UInt64) -> UInt64 {
        var seconds: UInt64 = 0
        while health.isPenalised(
            slot: 2,
            generation: generation,
            now: now + seconds * Self.second
        ) {
            seconds += 1
        }
        return seconds
    }

    @Test func `a penalty doubles with each failure in a row, to eight seconds`() throws {
        let health = try EndpointHealth(endpointsMax: 4)
        let now = 100 * Self.second
        #expect(penalty(health, now: now) == 0)
        for seconds in [1, 2, 4, 8, 8, 8] as [UInt64] {
            health.failed(slot: 2, generation: 1, now: now)
            #expect(penalty(health, now: now) == seconds)
        }
        #expect(!health.isPenalised(slot: 1, generation: 1, now: now), "another endpoint")
    }

    @Test func `one answer clears what failed before`() throws {
        let health = try EndpointHealth(endpointsMax: 4)
        for _ in 0..<3 { health.failed(slot: 2, generation: 1, now: Self.second) }
        health.answered(slot: 2)
        #expect(penalty(health, now: Self.second) == 0)
        health.failed(slot: 2, generation: 1, now: Self.second)
        #expect(penalty(health, now: Self.second) == 1)
    }

    @Test func `a new endpoint in a slot does not inherit the failures of the former one`() throws {
        let health = try EndpointHealth(endpointsMax: 4)
        for _ in 0..<3 { health.failed(slot: 2, generation: 1, now: Self.second) }
        #expect(penalty(health, generation: 2, now: Self.second) == 0)
        health.failed(slot: 2, generation: 2, now: Self.second)
        #expect(penalty(health, generation: 2, now: Self.second) == 1)
        #expect(penalty(health, generation: 1, now: Self.second) == 0)
    }
}
