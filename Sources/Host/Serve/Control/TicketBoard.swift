package import SluiceBase
package import SluiceTLS

/// How the keys of session tickets reach the workers: words that the control side writes and each
/// worker copies when they have changed.
///
/// A sequence number is odd while the words change. A worker that meets a change half-way looks
/// again with its next tick.
package struct TicketBoard: Sendable {
    private static let wordBytes = 8
    private static let wordsMax = TicketRing.keysMax * TicketKey.count / wordBytes

    private let sequence = Cell.permanent()
    private let count = Cell.permanent()
    private let words: CellBlock

    /// Without keys: no tickets are given.
    ///
    /// Throws the error of mmap(2).
    package init() throws(Errno) { words = try CellBlock(count: Self.wordsMax) }

    /// [control] Replaces the keys; one thread at a time.
    package func publish(_ ring: TicketRing) {
        sequence.set(sequence.value &+ 1)
        Cell.fence()
        for (place, key) in ring.keys.enumerated() {
            for word in 0..<(TicketKey.count / Self.wordBytes) {
                let bytes = key.bytes[(word * Self.wordBytes)..<((word + 1) * Self.wordBytes)]
                words[place * TicketKey.count / Self.wordBytes + word].set(
                    bytes.reduce(0) { $0 << 8 | UInt64($1) }
                )
            }
        }
        count.set(UInt64(ring.keys.count))
        sequence.release(sequence.value &+ 1)
    }

    /// [worker] The keys one after the other, if they have changed since `seen`, which is then
    /// up to date.
    package func read(unless seen: inout UInt64) -> [UInt8]? {
        let begun = sequence.acquire()
        guard begun != seen, begun % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for place in 0..<(Int(count.value) * TicketKey.count / Self.wordBytes) {
            let word = words[place].value
            for byte in 0..<Self.wordBytes {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * byte)))
            }
        }
        Cell.fence()
        guard sequence.value == begun else { return nil }
        seen = begun
        return bytes
    }
}
