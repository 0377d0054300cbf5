package import SluiceBase

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

/// Which endpoints failed a moment ago, as all workers see it.
///
/// One word for each endpoint slot: the use of the slot, failures in a row, and until when it is
/// passed over. A failure is rare, so it is one relaxed store; a success stores only when there
/// was a failure before. What has failed decays by time: an endpoint is tried again when its
/// penalty is over, and one answer clears it.
@safe
package struct EndpointHealth: Sendable {
    /// The penalty after a first failure; it doubles with each further one.
    static let penaltyFirst = Clock.nanosecondsPerSecond
    /// Doublings at most: eight seconds.
    static let doublingsMax: UInt64 = 3

    private let words: CellBlock
    private let count: Int

    /// Room for `endpointsMax` slots; throws the error of mmap(2).
    package init(endpointsMax: Int) throws(Errno) {
        words = try CellBlock(count: endpointsMax)
        count = endpointsMax
    }

    /// [any thread] Whether the endpoint is passed over while others are left.
    package func isPenalised(slot: UInt32, generation: UInt32, now: UInt64) -> Bool {
        let word = words[Int(slot)].value
        guard word != 0, Self.isOf(word, generation) else { return false }
        return word >> 24 > now / Clock.nanosecondsPerMillisecond
    }

    /// [any thread] The endpoint refused, reset or did not answer in time.
    package func failed(slot: UInt32, generation: UInt32, now: UInt64) {
        let before = words[Int(slot)].value
        let isKnown = Self.isOf(before, generation)
        let failures = isKnown ? min(before & 0xff, Self.doublingsMax) : 0
        let until = (now &+ Self.penaltyFirst << failures) / Clock.nanosecondsPerMillisecond
        words[Int(slot)].set(until << 24 | UInt64(generation & 0xffff) << 8 | (failures &+ 1))
    }

    /// [any thread] The endpoint answered.
    package func answered(slot: UInt32) {
        if words[Int(slot)].value != 0 { words[Int(slot)].set(0) }
    }

    private static func isOf(_ word: UInt64, _ generation: UInt32) -> Bool {
        word >> 8 & 0xffff == UInt64(generation & 0xffff)
    }
}
