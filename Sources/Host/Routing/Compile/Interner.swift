internal import SluiceConfig
internal import SluiceTLS

/// Gives each identity a slot that it keeps from snapshot to snapshot, so that what workers keep
/// by slot (idle connections, health, turns) survives a change of routes.
///
/// A slot that no snapshot in use names any more is given to another identity, under a new
/// generation.
struct Interner<Identity: Hashable> {
    /// One use of a slot; its generation is never 0.
    struct Reference {
        let slot: UInt32
        let generation: UInt32
    }

    private struct Holder {
        var identity: Identity?
        var generation: UInt32
        /// The last snapshot that used it.
        var lastUse: UInt64
    }

    private let slotsMax: Int
    private var slots: [Identity: UInt32] = [:]
    private var holders: [Holder] = []
    private var free: [UInt32] = []

    init(slotsMax: Int) { self.slotsMax = slotsMax }

    /// The slot of an identity in snapshot `use`, or nil when all are taken.
    mutating func reference(to identity: Identity, use: UInt64) -> Reference? {
        guard let slot = slots[identity] ?? freeSlot() else { return nil }
        slots[identity] = slot
        holders[Int(slot)].identity = identity
        holders[Int(slot)].lastUse = use
        return Reference(slot: slot, generation: holders[Int(slot)].generation)
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
        guard holders.count < slotsMax else { return nil }
        holders.append(Holder(identity: nil, generation: 1, lastUse: 0))
        return UInt32(holders.count - 1)
    }
}

/// What makes two endpoints one: reached in the same way.
struct EndpointIdentity: Hashable {
    let address: IPAddress
    let port: UInt16
    /// A hash of what is spoken on the connection: `PoolForm.transport`.
    let transport: UInt64
    /// The context of TLS on the connection; nil: in the clear.
    let context: ContextReference?
}

/// What every compilation of a process remembers: numbers that stay what they are.
struct Numbers {
    /// Pools known at once; a slot takes about 80 bytes of each snapshot.
    static let poolsMax = 262_144
    /// Contexts known at once, of listeners and of pools.
    static let contextsMax = 65_536

    var endpoints: Interner<EndpointIdentity>
    var pools = Interner<DocumentKey>(slotsMax: Numbers.poolsMax)
    var contexts = Interner<ContextRecipe.Identity>(slotsMax: Numbers.contextsMax)
    var bindings = BindingNumbers()

    /// No worker reads snapshot `generation` or an older one: frees what only they used.
    mutating func released(through generation: UInt64) {
        endpoints.released(through: generation)
        pools.released(through: generation)
        contexts.released(through: generation)
    }
}

/// Gives each (address, port) a number that stays its own as long as the process lives, so that a
/// connection finds its table in every later snapshot, and never another socket's.
struct BindingNumbers {
    /// Distinct sockets over the life of the process.
    static let bindingsMax = 16_384

    struct Socket: Hashable {
        let address: IPAddress
        let port: UInt16
    }

    private var numbers: [Socket: Int32] = [:]

    /// The number of a socket, or nil when all are used up.
    mutating func number(of socket: Socket) -> Int32? {
        if let known = numbers[socket] { return known }
        guard numbers.count < BindingNumbers.bindingsMax else { return nil }
        numbers[socket] = Int32(numbers.count)
        return Int32(numbers.count - 1)
    }
}
