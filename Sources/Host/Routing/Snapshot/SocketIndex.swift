internal import SluiceBase
internal import SluiceConfig

/// One entry of a `SocketIndex`; an unused one has the binding -1.
struct SocketSlot: BitwiseCopyable, Sendable {
    var high: UInt64
    var low: UInt64
    var port: UInt16
    var family: UInt8
    var binding: Int32

    static let unused = SocketSlot(high: 0, low: 0, port: 0, family: 0, binding: -1)
}

/// A hash table from a local address and port to the number of the socket bound to it.
///
/// Linear probing, at most a quarter full.
struct SocketIndex: BitwiseCopyable, Sendable {
    let slots: TableView<SocketSlot>

    /// The number of the socket, or -1.
    func find(family: UInt8, high: UInt64, low: UInt64, port: UInt16) -> Int32 {
        var at = SocketIndex.place(high, low, port, slots.count)
        while slots[at].binding >= 0 {
            let slot = slots[at]
            if slot.low == low && slot.port == port && slot.high == high && slot.family == family {
                return slot.binding
            }
            at = (at &+ 1) & (slots.count &- 1)
        }
        return -1
    }

    /// The table for the sockets of a snapshot; of two that are one to the kernel the first counts.
    static func layout(_ bindings: [Binding]) -> [SocketSlot] {
        var capacity = 4
        while capacity < bindings.count * 4 { capacity *= 2 }
        var slots = [SocketSlot](repeating: .unused, count: capacity)
        for binding in bindings {
            let words = binding.address.words
            var at = place(words.high, words.low, binding.port, capacity)
            while slots[at].binding >= 0 { at = (at + 1) & (capacity - 1) }
            slots[at] = SocketSlot(
                high: words.high,
                low: words.low,
                port: binding.port,
                family: words.family,
                binding: binding.index
            )
        }
        return slots
    }

    /// Where the search begins; `capacity` is a power of two.
    private static func place(
        _ high: UInt64,
        _ low: UInt64,
        _ port: UInt16,
        _ capacity: Int
    ) -> Int {
        let mixed = (high ^ low &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(port) &* 0xa076_1d64_78bd_642f)
            .multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
        return Int(truncatingIfNeeded: mixed.high ^ mixed.low) & (capacity &- 1)
    }
}
