internal import SluiceBase

/// Chooses endpoints for one worker: the turns of its pools, and its random numbers.
///
/// One owner, one thread. Only `adopt` allocates, when pools were added.
package struct Balancer: ~Copyable {
    private var turns: Table<UInt32>
    private var state: UInt64

    /// Equal seeds draw equal numbers.
    package init(seed: UInt64) {
        turns = Table(repeating: 0, count: 0)
        state = seed
    }

    /// Makes room for the pools of a new snapshot; turns go on where they were.
    package mutating func adopt(poolCount: Int) {
        guard poolCount > turns.count else { return }
        var grown = [UInt32](repeating: 0, count: max(poolCount, turns.count * 2))
        for pool in 0..<turns.count { grown[pool] = turns[pool] }
        turns = Table(grown)
    }

    /// A number uniform over 64 bits (SplitMix64).
    ///
    /// Not for secrets.
    package mutating func random() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// The index of the endpoint whose turn it is; `count` is above 0.
    package mutating func turn(pool: Int32, count: Int) -> Int {
        let at = Int(turns[Int(pool)]) % count
        turns[Int(pool)] = UInt32(truncatingIfNeeded: at &+ 1)
        return at
    }
}
