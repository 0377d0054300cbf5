internal import SluiceABI

/// Copies of texts and bytes with stable addresses, for the length of one call to the host.
@safe
struct Arena {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    /// A span over a copy of `text`; "" is present and empty.
    mutating func span(_ text: String) -> sluice_span {
        var text = text
        return text.withUTF8 { bytes in unsafe span(copying: UnsafeRawBufferPointer(bytes)) }
    }

    /// A span over a copy of `text`, or the absent span.
    mutating func span(_ text: String?) -> sluice_span {
        guard let text else { return unsafe sluice_span() }
        return unsafe span(text)
    }

    /// A span over a copy of `bytes`.
    mutating func span(_ bytes: [UInt8]) -> sluice_span {
        unsafe bytes.withUnsafeBytes { bytes in unsafe span(copying: bytes) }
    }

    /// A list of growable structs, copied.
    mutating func list<Words>(_ items: [Words]) -> sluice_list {
        let size = max(items.count, 1) * MemoryLayout<Words>.stride
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: size,
            alignment: MemoryLayout<Words>.alignment
        )
        unsafe blocks.append(block)
        unsafe items.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                unsafe block.copyMemory(from: start, byteCount: bytes.count)
            }
        }
        return unsafe sluice_list(
            items: UnsafeRawPointer(block),
            count: UInt32(items.count),
            stride: UInt32(MemoryLayout<Words>.stride)
        )
    }

    private mutating func span(copying bytes: UnsafeRawBufferPointer) -> sluice_span {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        unsafe block.copyMemory(
            from: bytes.baseAddress ?? UnsafeRawPointer(block),
            byteCount: bytes.count
        )
        unsafe blocks.append(block)
        return unsafe sluice_span(
            data: UnsafePointer(block.assumingMemoryBound(to: UInt8.self)),
            len: bytes.count
        )
    }

    mutating func free() {
        while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
    }
}

/// Lends an arena; its spans end with `body`.
func withArena<Result, Failure: Error>(
    _ body: (inout Arena) throws(Failure) -> Result
) throws(Failure) -> Result {
    var arena = Arena()
    defer { arena.free() }
    return try body(&arena)
}

/// A copy of a size-led struct from the other side; what it does not reach is zero.
func whole<Words>(_ words: UnsafePointer<Words>) -> Words {
    let size = unsafe UnsafeRawPointer(words).load(as: UInt32.self)
    let copy = UnsafeMutablePointer<Words>.allocate(capacity: 1)
    defer { unsafe copy.deallocate() }
    let bytes = UnsafeMutableRawPointer(copy)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Words>.size)
    unsafe bytes.copyMemory(from: words, byteCount: min(Int(size), MemoryLayout<Words>.size))
    return unsafe copy.pointee
}

extension String {
    /// A copy of the text that `span` shows; "" when it is absent.
    init(_ span: sluice_span) {
        self = unsafe String(
            decoding: UnsafeBufferPointer(start: span.data, count: span.len),
            as: UTF8.self
        )
    }
}

extension Duration {
    /// Whole nanoseconds, at least 0, at most the largest number that is not "never".
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let whole = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let sum = whole.partialValue.addingReportingOverflow(
            UInt64(attoseconds) / 1_000_000_000
        )
        return whole.overflow || sum.overflow ? UInt64.max - 1 : sum.partialValue
    }
}
