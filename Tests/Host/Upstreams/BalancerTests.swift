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

    @Test func `the endpoint with less in flight is preferred and one that fails is not`() {
        var states = EndpointStates(connectionsMax: 1, idlePerEndpointMax: 1, endpointsMax: 2)
        states.grow(to: 2)
        for slot in [0, 1] as [UInt32] { _ = states.adopt(slot: slot, generation: 1) }
        let balancer = Balancer(seed: 1)
        for _ in 0..<2 { states.begin(slot: 1, generation: 1) }
        let idle = balancer.prefers(slot: 0, over: 1, states)
        #expect(idle)
        states.begin(slot: 0, generation: 1)
        states.finish(slot: 0, generation: 1, succeeded: false)
        let failing = balancer.prefers(slot: 0, over: 1, states)
        #expect(!failing)
    }
}
