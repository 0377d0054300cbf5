/// Gives each endpoint a slot that it keeps across snapshots, so that idle connections and health
/// survive a change of routes.
///
/// A slot that no snapshot in use names any more is given to another endpoint, under a new
/// generation.
struct EndpointInterner {
    /// What makes two endpoints one: reached in the same way.
    struct Identity: Hashable {
        let address: Address
        let port: UInt16
    }

    private struct Holder {
        var identity: Identity?
        var generation: UInt32
        /// The last snapshot that used it.
        var lastUse: UInt64
    }

    private let endpointsMax: Int
    private var slots: [Identity: UInt32] = [:]
    private var holders: [Holder] = []
    private var free: [UInt32] = []

    init(endpointsMax: Int) { self.endpointsMax = endpointsMax }

    /// One more than the highest slot ever given.
    var slotCount: Int { holders.count }

    /// The slot of an endpoint in snapshot `use`, or nil when all are taken.
    mutating func reference(to identity: Identity, use: UInt64) -> EndpointReference? {
        if let slot = slots[identity] {
            holders[Int(slot)].lastUse = use
            return EndpointReference(slot: slot, generation: holders[Int(slot)].generation)
        }
        guard let slot = freeSlot() else { return nil }
        slots[identity] = slot
        holders[Int(slot)].identity = identity
        holders[Int(slot)].lastUse = use
        return EndpointReference(slot: slot, generation: holders[Int(slot)].generation)
    }

    /// No worker reads snapshot `generation` or an older one: frees what only they used.
    mutating func released(through generation: UInt64) {
        for (index, holder) in holders.enumerated() {
            guard let identity = holder.identity, holder.lastUse <= generation else { continue }
            slots[identity] = nil
            holders[index].identity = nil
            holders[index].generation &+= 1
            if holders[index].generation == 0 { holders[index].generation = 1 }
            free.append(UInt32(index))
        }
    }

    private mutating func freeSlot() -> UInt32? {
        if let slot = free.popLast() { return slot }
        guard holders.count < endpointsMax else { return nil }
        holders.append(Holder(identity: nil, generation: 1, lastUse: 0))
        return UInt32(holders.count - 1)
    }
}
