import SluiceUpstreams
import Testing

/// What a worker knows of its endpoints.
struct EndpointStatesTests {
    private func states(idlePerEndpointMax: Int = 8) -> EndpointStates {
        var states = EndpointStates(
            connectionsMax: 16,
            idlePerEndpointMax: idlePerEndpointMax,
            endpointsMax: 64
        )
        states.grow(to: 2)
        _ = states.adopt(slot: 0, generation: 1)
        _ = states.adopt(slot: 1, generation: 1)
        return states
    }

    private func takeAll(_ states: inout EndpointStates, slot: UInt32) -> [Int32] {
        var taken: [Int32] = []
        while true {
            let connection = states.takeIdle(slot: slot, generation: 1)
            guard connection >= 0 else { return taken }
            taken.append(connection)
        }
    }

    @Test func `the connection used last is taken first`() {
        var states = states()
        for connection in [3, 5, 7] as [Int32] {
            let isKept = states.keepIdle(slot: 0, generation: 1, connection: connection)
            #expect(isKept)
        }
        _ = states.keepIdle(slot: 1, generation: 1, connection: 4)
        let taken = takeAll(&states, slot: 0)
        #expect(taken == [7, 5, 3])
        let count = states.idleCount(slot: 1)
        #expect(count == 1)
    }

    @Test(arguments: [3, 5, 7] as [Int32])
    func `an idle connection that closed is taken from wherever it stands`(closed: Int32) {
        var states = states()
        for connection in [3, 5, 7] as [Int32] {
            _ = states.keepIdle(slot: 0, generation: 1, connection: connection)
        }
        states.forgetIdle(closed)
        states.forgetIdle(closed)
        let count = states.idleCount(slot: 0)
        let taken = takeAll(&states, slot: 0)
        #expect(count == 2)
        #expect(taken == [7, 5, 3].filter { $0 != closed })
        let isKept = states.keepIdle(slot: 1, generation: 1, connection: closed)
        #expect(isKept)
    }

    @Test func `no more connections are kept than the limit says`() {
        var states = states(idlePerEndpointMax: 1)
        let first = states.keepIdle(slot: 0, generation: 1, connection: 1)
        let second = states.keepIdle(slot: 0, generation: 1, connection: 2)
        #expect(first)
        #expect(!second)
    }

    @Test func `an endpoint that vanished gives back its idle connections and keeps no others`() {
        var states = states()
        for connection in [1, 2] as [Int32] {
            _ = states.keepIdle(slot: 0, generation: 1, connection: connection)
        }
        _ = states.keepIdle(slot: 1, generation: 1, connection: 3)
        states.begin(slot: 0, generation: 1)
        var closed: [Int32] = []
        var connection = states.adopt(slot: 0, generation: 0)
        while connection >= 0 {
            closed.append(connection)
            connection = states.detach(connection)
        }
        #expect(closed == [2, 1])
        let isKept = states.keepIdle(slot: 0, generation: 1, connection: 4)
        #expect(!isKept)
        let isCurrent = states.isCurrent(slot: 0, generation: 1)
        #expect(!isCurrent)
        let others = takeAll(&states, slot: 1)
        #expect(others == [3])
        let active = states.active(slot: 0)
        #expect(active == 1, "its exchange goes on")
    }

    @Test func `an endpoint that came back before anybody took its slot goes on counting`() {
        var states = states()
        states.begin(slot: 0, generation: 1)
        _ = states.adopt(slot: 0, generation: 0)
        let again = states.adopt(slot: 0, generation: 1)
        #expect(again == -1)
        let active = states.active(slot: 0)
        #expect(active == 1)
        states.finish(slot: 0, generation: 1)
        let none = states.active(slot: 0)
        #expect(none == 0)
    }

    @Test func `what ends under an old generation does not touch the new endpoint`() {
        var states = states()
        states.begin(slot: 0, generation: 1)
        _ = states.keepIdle(slot: 0, generation: 1, connection: 9)
        let vanished = states.adopt(slot: 0, generation: 2)
        #expect(vanished == 9)
        let end = states.detach(vanished)
        #expect(end == -1)
        states.begin(slot: 0, generation: 2)
        states.finish(slot: 0, generation: 1)
        let active = states.active(slot: 0)
        #expect(active == 1)
        let isKept = states.keepIdle(slot: 0, generation: 1, connection: 9)
        let taken = states.takeIdle(slot: 0, generation: 2)
        #expect(!isKept)
        #expect(taken == -1)
    }

    @Test func `an unchanged endpoint keeps its connections over a change and growth`() {
        var states = states()
        _ = states.keepIdle(slot: 1, generation: 1, connection: 6)
        states.grow(to: 40)
        let vanished = states.adopt(slot: 1, generation: 1)
        #expect(vanished == -1)
        let taken = states.takeIdle(slot: 1, generation: 1)
        #expect(taken == 6)
    }

    @Test func `the connection idle for longest is known over all endpoints`() {
        var states = states()
        var oldest = [states.oldestIdle]
        for (slot, connection) in [(0, 3), (1, 5), (0, 7)] as [(UInt32, Int32)] {
            _ = states.keepIdle(slot: slot, generation: 1, connection: connection)
            oldest.append(states.oldestIdle)
        }
        for _ in 0..<3 {
            states.forgetIdle(states.oldestIdle)
            oldest.append(states.oldestIdle)
        }
        #expect(oldest == [-1, 3, 3, 3, 5, 7, -1])
    }

    @Test func `an exchange ends once`() async {
        await #expect(processExitsWith: .failure) {
            var states = EndpointStates(connectionsMax: 1, idlePerEndpointMax: 1, endpointsMax: 1)
            states.grow(to: 1)
            _ = states.adopt(slot: 0, generation: 1)
            states.finish(slot: 0, generation: 1)
        }
    }
}
