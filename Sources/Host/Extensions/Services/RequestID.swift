/// The parts of a `sluice_rid`: worker (8 bits), generation (32 bits), slot (24 bits).
///
/// A request identity is a plain number that a plugin may keep for ever; the generation makes a
/// stale one find nothing. Zero is no identity: generations start at 1.
package enum RequestID {
    /// Slots of one worker; a slot number has 24 bits.
    package static let slotsPerWorkerMax = 1 << 24

    static func make(worker: Int, generation: UInt32, slot: Int) -> UInt64 {
        UInt64(worker) << 56 | UInt64(generation) << 24 | UInt64(slot)
    }

    /// The worker that owns the exchange.
    package static func worker(_ id: UInt64) -> Int { Int(id >> 56) }

    /// The slot that `Exchanges.open` was given.
    package static func slot(_ id: UInt64) -> Int { Int(id & 0xff_ffff) }

    static func generation(_ id: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: id >> 24) }
}
