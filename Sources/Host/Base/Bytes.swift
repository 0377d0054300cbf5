public import Glibc

/// A borrowed view of bytes: a pointer and a count, two words, trivially copied.
///
/// The view is bounds-checked but does not keep its memory alive: whoever hands one out says how
/// long it lives. Searching and comparing call memchr and memcmp class leaves, never a byte loop.
@safe
public struct Bytes: @unchecked Sendable, BitwiseCopyable {
    @usableFromInline package let start: UnsafePointer<UInt8>
    public let count: Int

    @inlinable
    public init(start: UnsafePointer<UInt8>, count: Int) {
        unsafe self.start = start
        self.count = count
    }

    /// The bytes of a literal; they live as long as the process.
    @inlinable
    public init(_ literal: StaticString) {
        unsafe self.start = literal.utf8Start
        self.count = literal.utf8CodeUnitCount
    }

    @inlinable
    public static var empty: Bytes { Bytes("") }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    @inlinable @inline(__always)
    public subscript(index: Int) -> UInt8 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "byte index out of range")
        return unsafe start[index]
    }

    /// The `length` bytes from `offset`.
    @inlinable @inline(__always)
    public func slice(_ offset: Int, _ length: Int) -> Bytes {
        precondition(
            UInt(bitPattern: offset) <= UInt(bitPattern: count)
                && UInt(bitPattern: length) <= UInt(bitPattern: count &- offset),
            "slice out of range"
        )
        return unsafe Bytes(start: start + offset, count: length)
    }

    /// Everything from `offset` on.
    @inlinable @inline(__always)
    public func from(_ offset: Int) -> Bytes { slice(offset, count - offset) }

    /// The first `length` bytes.
    @inlinable @inline(__always)
    public func prefix(_ length: Int) -> Bytes { slice(0, length) }
}

extension Bytes {
    /// The index of the first `byte` at or after `offset`, or -1; also -1 outside the bytes.
    @inlinable
    public func index(of byte: UInt8, from offset: Int = 0) -> Int {
        guard UInt(bitPattern: offset) < UInt(bitPattern: count) else { return -1 }
        guard let hit = unsafe memchr(start + offset, Int32(byte), count - offset) else {
            return -1
        }
        return unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(start)
    }

    @inlinable
    public func equals(_ other: Bytes) -> Bool {
        unsafe count == other.count && memcmp(start, other.start, count) == 0
    }

    @inlinable
    public func hasPrefix(_ other: Bytes) -> Bool {
        unsafe count >= other.count && memcmp(start, other.start, other.count) == 0
    }

    @inlinable
    public func hasSuffix(_ other: Bytes) -> Bool {
        guard count >= other.count else { return false }
        return unsafe memcmp(start + (count - other.count), other.start, other.count) == 0
    }

    /// Whether both are equal when ASCII letters are folded (RFC 9110 5.1, RFC 3986 3.2.2).
    @inlinable
    public func equalsIgnoringCase(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        while offset &+ 8 <= count {
            let (mine, others) = (word(at: offset), other.word(at: offset))
            guard Bytes.lowercased(mine) == Bytes.lowercased(others) else { return false }
            offset &+= 8
        }
        guard offset < count else { return true }
        let (mine, others) = (lastWord(from: offset), other.lastWord(from: offset))
        return Bytes.lowercased(mine) == Bytes.lowercased(others)
    }

    /// Copies the bytes out; allocates, so for control threads only.
    public var array: [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// The bytes as text, invalid UTF-8 replaced; allocates, so for control threads only.
    public var text: String {
        unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }
}

extension Bytes {
    /// Eight bytes at `offset`, in memory order; `offset + 8` must not pass `count`.
    @inlinable
    public func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count &- 8, "word out of range")
        return unsafe UnsafeRawPointer(start).loadUnaligned(
            fromByteOffset: offset,
            as: UInt64.self
        )
    }
}

extension Bytes: ExpressibleByStringLiteral {
    @inlinable
    public init(stringLiteral literal: StaticString) { self.init(literal) }
}

extension Array where Element == UInt8 {
    /// Calls `body` with a view of the array that is valid during the call.
    public func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return body(.empty) }
            return body(unsafe Bytes(start: base, count: buffer.count))
        }
    }
}

extension String {
    /// Calls `body` with a view of the text's UTF-8 that is valid during the call.
    public func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        Array(utf8).withBytes(body)
    }
}

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

    /// Eight bytes with the ASCII capitals among them folded to lower-case.
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

/// A name, copied into a value of fixed size: it needs no owner and no allocation.
public struct NameCopy: BitwiseCopyable, Sendable {
    /// Bytes that are kept; what is longer is cut off.
    public static let bytesMax = 96

    private var storage = InlineArray<96, UInt8>(repeating: 0)
    public private(set) var count = 0

    /// An empty name.
    public init() {}

    /// The first `bytesMax` bytes of a name.
    public init(_ name: Bytes) {
        count = min(name.count, Self.bytesMax)
        unsafe withUnsafeMutableBytes(of: &storage) { raw in
            guard let target = raw.baseAddress else { return }
            _ = unsafe memcpy(target, name.start, count)
        }
    }

    /// The name as text, invalid UTF-8 replaced; for control threads only.
    public var text: String {
        var copy = storage
        return unsafe withUnsafeBytes(of: &copy) { raw in
            unsafe String(decoding: raw.prefix(count), as: UTF8.self)
        }
    }
}
