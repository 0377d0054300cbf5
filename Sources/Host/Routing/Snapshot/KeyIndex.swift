internal import SluiceBase

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
        var at = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[at].value >= 0 {
            let slot = slots[at]
            if slot.hash == hash && slot.scope == scope
                && text.bytes(Int(slot.offset), Int(slot.length)).equals(key)
            {
                return slot.value
            }
            at = (at &+ 1) & (slots.count &- 1)
        }
        return -1
    }

    /// The number under `host` in any mixture of capitals and small letters, or -1.
    func find(scope: UInt32, host: Bytes) -> Int32 {
        let hash = host.hashIgnoringCase(seed: seed ^ KeyIndex.spread(scope))
        var at = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[at].value >= 0 {
            let slot = slots[at]
            if slot.hash == hash && slot.scope == scope
                && text.bytes(Int(slot.offset), Int(slot.length)).equalsIgnoringCase(host)
            {
                return slot.value
            }
            at = (at &+ 1) & (slots.count &- 1)
        }
        return -1
    }

    static func spread(_ scope: UInt32) -> UInt64 { UInt64(scope) &* 0x9e37_79b9_7f4a_7c15 }
}
