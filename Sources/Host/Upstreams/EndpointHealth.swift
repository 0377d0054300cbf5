package import SluiceBase

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
