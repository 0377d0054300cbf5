internal import SluiceBase

/// What one worker knows of one endpoint.
struct EndpointState: BitwiseCopyable {
    /// The use of the slot that this is about; 0 before the first.
    var generation: UInt32 = 0
    /// Whether the snapshot in force has the endpoint.
    var isUsed = false
    /// Exchanges in flight.
    var active: UInt32 = 0
    /// The idle connection that was used last, or -1.
    var idle: Int32 = -1
    var idleCount: UInt32 = 0
}

/// A connection's place among the idle ones: of its endpoint, and of the worker.
struct IdleLink: BitwiseCopyable {
    /// The connection of the endpoint used before this one, or -1.
    var older: Int32 = -1
    /// The connection of the endpoint used after this one, or -1.
    var newer: Int32 = -1
    /// The same among all idle connections of the worker.
    var olderOfAll: Int32 = -1
    var newerOfAll: Int32 = -1
    /// The endpoint's slot, or -1 when the connection is not idle.
    var slot: Int32 = -1
}

/// The endpoints as one worker sees them: idle connections and exchanges in flight.
///
/// One owner, one thread. Endpoints and connections are plain numbers: an endpoint is a slot and
/// its generation, a connection is its own slot in the worker. A call that comes with an old
/// generation changes nothing. Only `grow` allocates, when slots were added.
package struct EndpointStates: ~Copyable {
    private var states: Table<EndpointState>
    private let links: Table<IdleLink>
    private let endpointsMax: Int
    private let idlePerEndpointMax: Int
    /// The ends of the list of all idle connections, or -1.
    private var oldestOfAll: Int32 = -1
    private var newestOfAll: Int32 = -1

    /// `connectionsMax` is one more than the highest number of a connection.
    package init(connectionsMax: Int, idlePerEndpointMax: Int, endpointsMax: Int) {
        states = Table(repeating: EndpointState(), count: 0)
        links = Table(repeating: IdleLink(), count: connectionsMax)
        self.endpointsMax = endpointsMax
        self.idlePerEndpointMax = idlePerEndpointMax
    }

    /// The number of slots known.
    package var slotCount: Int { states.count }

    /// Makes room for `slotCount` slots; call before adopting them.
    package mutating func grow(to slotCount: Int) {
        precondition(slotCount <= endpointsMax, "the compiler gives no slot beyond the limit")
        guard slotCount > states.count else { return }
        let count = min(endpointsMax, max(slotCount, states.count * 2, 16))
        var grown = [EndpointState](repeating: EndpointState(), count: count)
        for slot in 0..<states.count { grown[slot] = states[slot] }
        states = Table(grown)
    }

    /// Takes over what a new snapshot says of a slot; 0 means that it does not use it.
    ///
    /// Returns the first idle connection of an endpoint that vanished, or -1. The worker closes
    /// it and goes on with `detach` until that returns -1.
    package mutating func adopt(slot: UInt32, generation: UInt32) -> Int32 {
        let at = Int(slot)
        guard generation != states[at].generation || !states[at].isUsed else { return -1 }
        let idle = generation == states[at].generation ? -1 : states[at].idle
        if generation == 0 {
            states[at].isUsed = false
            states[at].idle = -1
            states[at].idleCount = 0
        } else if generation == states[at].generation {
            states[at].isUsed = true
        } else {
            states[at] = EndpointState(generation: generation, isUsed: true)
        }
        return idle
    }

    /// Takes a connection off the list that `adopt` returned, and returns the next one or -1.
    package mutating func detach(_ connection: Int32) -> Int32 {
        let next = links[Int(connection)].older
        unlinkFromAll(connection)
        links[Int(connection)] = IdleLink()
        return next
    }
}

extension EndpointStates {
    /// Whether the snapshot in force has this use of the slot.
    package func isCurrent(slot: UInt32, generation: UInt32) -> Bool {
        guard Int(slot) < states.count else { return false }
        return states[Int(slot)].generation == generation && states[Int(slot)].isUsed
    }

    /// Exchanges in flight.
    package func active(slot: UInt32) -> Int { Int(states[Int(slot)].active) }

    /// Connections that wait for the next exchange.
    package func idleCount(slot: UInt32) -> Int { Int(states[Int(slot)].idleCount) }

    /// An exchange begins at the endpoint.
    package mutating func begin(slot: UInt32, generation: UInt32) {
        guard states[Int(slot)].generation == generation else { return }
        states[Int(slot)].active &+= 1
    }

    /// An exchange that began has ended.
    package mutating func finish(slot: UInt32, generation: UInt32) {
        guard states[Int(slot)].generation == generation else { return }
        precondition(states[Int(slot)].active > 0, "an exchange ends after it began")
        states[Int(slot)].active &-= 1
    }
}

extension EndpointStates {
    /// Takes the idle connection that was used last, or -1.
    package mutating func takeIdle(slot: UInt32, generation: UInt32) -> Int32 {
        guard isCurrent(slot: slot, generation: generation) else { return -1 }
        let connection = states[Int(slot)].idle
        if connection >= 0 { forgetIdle(connection) }
        return connection
    }

    /// Keeps a connection for the next exchange; false when the caller must close it: the
    /// endpoint is gone, or enough connections are kept.
    package mutating func keepIdle(slot: UInt32, generation: UInt32, connection: Int32) -> Bool {
        let at = Int(slot)
        guard isCurrent(slot: slot, generation: generation),
            Int(states[at].idleCount) < idlePerEndpointMax
        else { return false }
        precondition(links[Int(connection)].slot < 0, "an idle connection is kept once")
        let newest = states[at].idle
        links[Int(connection)] = IdleLink(older: newest, newer: -1, slot: Int32(slot))
        if newest >= 0 { links[Int(newest)].newer = connection }
        states[at].idle = connection
        states[at].idleCount &+= 1
        links[Int(connection)].olderOfAll = newestOfAll
        if newestOfAll >= 0 { links[Int(newestOfAll)].newerOfAll = connection }
        newestOfAll = connection
        if oldestOfAll < 0 { oldestOfAll = connection }
        return true
    }

    /// The connection that has been idle for longest, at whatever endpoint; or -1.
    package var oldestIdle: Int32 { oldestOfAll }

    /// Takes a connection from among the idle ones, wherever it stands; nothing when it is not.
    package mutating func forgetIdle(_ connection: Int32) {
        let link = links[Int(connection)]
        guard link.slot >= 0 else { return }
        let at = Int(link.slot)
        if link.newer >= 0 {
            links[Int(link.newer)].older = link.older
        } else {
            states[at].idle = link.older
        }
        if link.older >= 0 { links[Int(link.older)].newer = link.newer }
        states[at].idleCount &-= 1
        unlinkFromAll(connection)
        links[Int(connection)] = IdleLink()
    }

    private mutating func unlinkFromAll(_ connection: Int32) {
        let link = links[Int(connection)]
        if link.newerOfAll >= 0 {
            links[Int(link.newerOfAll)].olderOfAll = link.olderOfAll
        } else {
            newestOfAll = link.olderOfAll
        }
        if link.olderOfAll >= 0 {
            links[Int(link.olderOfAll)].newerOfAll = link.newerOfAll
        } else {
            oldestOfAll = link.newerOfAll
        }
    }
}
