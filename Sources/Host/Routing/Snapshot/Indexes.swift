internal import SluiceBase
internal import SluiceConfig

/// One entry of a `KeyIndex`; an unused one has the value -1.
struct KeySlot: BitwiseCopyable, Sendable {
    var hash: UInt64
    var scope: UInt32
    var offset: UInt32
    var length: UInt32
    var value: Int32

    static let unused = KeySlot(hash: 0, scope: 0, offset: 0, length: 0, value: -1)
}

/// A hash table from (scope, bytes) to a number: built once, then read by every worker.
///
/// All names of a snapshot share one: a scope is a binding, a listener, a set of paths or a node.
/// Linear probing, at most half full; `KeyIndexBuilder` bounds the longest probe.
struct KeyIndex: BitwiseCopyable, Sendable {
    let slots: TableView<KeySlot>
    let text: TableView<UInt8>
    let seed: UInt64

    /// The number under `key`, or -1.
    func find(scope: UInt32, _ key: Bytes) -> Int32 {
        let hash = key.hash(seed: seed ^ KeyIndex.spread(scope))
        return find(scope, hash) { $0.equals(key) }
    }

    /// The number under `host` in any mixture of upper and lower case, or -1.
    func find(scope: UInt32, host: Bytes) -> Int32 {
        let hash = host.hashIgnoringCase(seed: seed ^ KeyIndex.spread(scope))
        return find(scope, hash) { $0.equalsIgnoringCase(host) }
    }

    @inline(__always)
    private func find(_ scope: UInt32, _ hash: UInt64, _ isKey: (Bytes) -> Bool) -> Int32 {
        var at = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[at].value >= 0 {
            let slot = slots[at]
            if slot.hash == hash && slot.scope == scope
                && isKey(text.bytes(Int(slot.offset), Int(slot.length)))
            {
                return slot.value
            }
            at = (at &+ 1) & (slots.count &- 1)
        }
        return -1
    }

    static func spread(_ scope: UInt32) -> UInt64 { UInt64(scope) &* 0x9e37_79b9_7f4a_7c15 }
}

/// Collects the names of a snapshot and lays them out as a `KeyIndex`.
struct KeyIndexBuilder {
    /// The longest run of slots a look-up may visit; a worse layout is tried again.
    static let probesMax = 16
    /// Layouts tried before a longer run is accepted.
    static let attemptsMax: UInt64 = 32

    private struct Entry {
        var scope: UInt32
        var key: TextRange
        var value: Int32
    }

    private(set) var text: [UInt8] = []
    private var entries: [Entry] = []

    /// Keeps `bytes` and says where.
    mutating func keep(_ bytes: some Collection<UInt8>) -> TextRange {
        let range = TextRange(offset: UInt32(text.count), length: UInt32(bytes.count))
        text += bytes
        return range
    }

    /// Puts `key` under `scope`; the pair must be new.
    mutating func put(scope: UInt32, _ key: some Collection<UInt8>, value: Int32) {
        entries.append(Entry(scope: scope, key: keep(key), value: value))
    }

    /// The first layout whose runs are short: seeds in order, each few with twice the slots.
    func layout() -> (slots: [KeySlot], seed: UInt64) {
        var seed: UInt64 = 0
        while true {
            let capacity = capacity << Int(seed / 8)
            if let slots = layout(seed: seed, capacity: capacity) { return (slots, seed) }
            seed += 1
        }
    }

    /// At least twice the entries, a power of two, and never full.
    private var capacity: Int {
        var capacity = 8
        while capacity < entries.count * 2 { capacity *= 2 }
        return capacity
    }

    private func layout(seed: UInt64, capacity: Int) -> [KeySlot]? {
        var slots = [KeySlot](repeating: .unused, count: capacity)
        let isLast = seed + 1 >= KeyIndexBuilder.attemptsMax
        return text.withBytes { text in
            for entry in entries {
                let key = text.slice(Int(entry.key.offset), Int(entry.key.length))
                let hash = key.hash(seed: seed ^ KeyIndex.spread(entry.scope))
                var at = Int(truncatingIfNeeded: hash) & (capacity - 1)
                var probes = 1
                while slots[at].value >= 0 {
                    at = (at + 1) & (capacity - 1)
                    probes += 1
                }
                if probes > KeyIndexBuilder.probesMax && !isLast { return nil }
                slots[at] = KeySlot(
                    hash: hash,
                    scope: entry.scope,
                    offset: entry.key.offset,
                    length: entry.key.length,
                    value: entry.value
                )
            }
            return slots
        }
    }
}

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
            let local = binding.address.peer(port: binding.port)
            var at = place(local.high, local.low, local.port, capacity)
            while slots[at].binding >= 0 { at = (at + 1) & (capacity - 1) }
            slots[at] = SocketSlot(
                high: local.high,
                low: local.low,
                port: local.port,
                family: local.family,
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
