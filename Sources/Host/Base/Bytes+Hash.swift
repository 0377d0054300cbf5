internal import Glibc

/// Hashing for tables that are built once and read on the data path: eight bytes a step,
/// multiply and fold (the construction of wyhash). Not for keys that a client chooses to store.
extension Bytes {
    /// A hash of the bytes; the same in every process.
    @inlinable
    public func hash(seed: UInt64) -> UInt64 {
        hash(seed: seed) { $0 }
    }

    /// A hash that is equal for byte strings that differ in the case of ASCII letters only.
    @inlinable
    public func hashIgnoringCase(seed: UInt64) -> UInt64 {
        hash(seed: seed, Bytes.lowercased)
    }

    @inlinable @inline(__always)
    func hash(seed: UInt64, _ fold: (UInt64) -> UInt64) -> UInt64 {
        var state = seed ^ Bytes.mixed(UInt64(count) ^ 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db)
        var offset = 0
        while offset &+ 8 <= count {
            state = Bytes.mixed(state ^ fold(word(at: offset)), 0x8ebc_6af0_9c88_c6e3)
            offset &+= 8
        }
        if offset < count {
            state = Bytes.mixed(state ^ fold(lastWord(from: offset)), 0x5899_65cc_7537_4cc3)
        }
        return Bytes.mixed(state, 0x1d8e_4e27_c47d_124f)
    }

    /// The fewer than eight bytes from `offset` to the end, as one word.
    @inlinable @inline(__always)
    func lastWord(from offset: Int) -> UInt64 {
        if count >= 8 { return word(at: count &- 8) }
        if count >= 4 {
            let head = unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
            let tail = unsafe UnsafeRawPointer(start).loadUnaligned(
                fromByteOffset: count &- 4,
                as: UInt32.self
            )
            return UInt64(head) << 32 | UInt64(tail)
        }
        let middle = unsafe UInt64(start[count >> 1])
        return unsafe UInt64(start[0]) << 16 | middle << 8 | UInt64(start[count &- 1])
    }

    @inlinable @inline(__always)
    static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// Eight bytes with the ASCII capitals among them folded to small letters.
    @inlinable @inline(__always)
    public static func lowercased(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low = word & (0x7f &* ones)
        let overZ = low &+ ((0x7f - 0x5a) &* ones)
        let fromA = low &+ ((0x80 - 0x41) &* ones)
        let capitals = (fromA ^ overZ) & ~word & (0x80 &* ones)
        return word | capitals >> 2
    }
}
