public import Glibc

/// Appends to a piece of memory of fixed size; what does not fit sets `overflowed` and is dropped.
///
/// The writer owns nothing: the memory belongs to whoever made the writer.
@safe
public struct ByteWriter {
    @usableFromInline package let start: UnsafeMutablePointer<UInt8>
    public let capacity: Int
    public var count: Int
    public var overflowed: Bool

    @inlinable
    public init(start: UnsafeMutablePointer<UInt8>, capacity: Int) {
        unsafe self.start = start
        self.capacity = capacity
        count = 0
        overflowed = false
    }

    @inlinable
    public var remaining: Int { capacity - count }

    /// What was written so far.
    @inlinable
    public var bytes: Bytes { unsafe Bytes(start: start, count: count) }

    /// The byte that stands or stood at `place`, which is below the capacity.
    @inlinable
    public func written(at place: Int) -> UInt8 {
        precondition(UInt(bitPattern: place) < UInt(bitPattern: capacity), "byte index")
        return unsafe start[place]
    }

    @inlinable
    public mutating func append(_ bytes: Bytes) {
        guard bytes.count <= capacity &- count else {
            overflowed = true
            return
        }
        unsafe memcpy(start + count, bytes.start, bytes.count)
        count &+= bytes.count
    }

    @inlinable
    public mutating func append(_ byte: UInt8) {
        guard count < capacity else {
            overflowed = true
            return
        }
        unsafe start[count] = byte
        count &+= 1
    }

    /// Appends `value`, which is not negative, in lower-case hexadecimal digits.
    @inlinable
    public mutating func append(shortHex value: Int) {
        let digits = max(1, (Int.bitWidth &- value.leadingZeroBitCount &+ 3) / 4)
        guard digits <= capacity &- count else {
            overflowed = true
            return
        }
        for place in 0..<digits {
            let digit = UInt8(truncatingIfNeeded: value >> (4 &* (digits &- 1 &- place)) & 15)
            unsafe start[count &+ place] = digit < 10 ? 48 &+ digit : 87 &+ digit
        }
        count &+= digits
    }

    /// Appends `value` as sixteen lower-case hexadecimal digits.
    @inlinable
    public mutating func append(hex value: UInt64) {
        guard 16 <= capacity &- count else {
            overflowed = true
            return
        }
        let place = unsafe UnsafeMutableRawPointer(start) + count
        unsafe place.storeBytes(of: ByteWriter.hex(UInt32(value >> 32)), as: UInt64.self)
        unsafe (place + 8).storeBytes(
            of: ByteWriter.hex(UInt32(truncatingIfNeeded: value)),
            as: UInt64.self
        )
        count &+= 16
    }

    /// The eight digits of `value` in memory order: the nibbles are spread to one byte each, and
    /// 39 is added to those above nine, which makes them letters.
    @inlinable
    static func hex(_ value: UInt32) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var word = UInt64(value.bigEndian)
        word = (word & 0xffff) | (word & 0xffff_0000) << 16
        word = (word & 0x00ff_0000_00ff) | (word & 0xff00_0000_ff00) << 8
        word = (word >> 4 & 0x000f_000f_000f_000f) | (word & 0x000f_000f_000f_000f) << 8
        let letters = (word &+ ones &* 6) >> 4 & ones
        return (word &+ ones &* 0x30 &+ letters &* 39).littleEndian
    }

    /// Appends `value` in decimal digits.
    @inlinable
    public mutating func append(decimal value: Int) {
        let sign = value < 0 ? 1 : 0
        var rest = value.magnitude
        var digits = 1
        var probe = rest
        while probe >= 10 {
            probe /= 10
            digits += 1
        }
        guard sign + digits <= capacity &- count else {
            overflowed = true
            return
        }
        if sign > 0 { append(UInt8(ascii: "-")) }
        var place = count + digits
        count = place
        repeat {
            place -= 1
            unsafe start[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
        } while rest > 0
    }
}
