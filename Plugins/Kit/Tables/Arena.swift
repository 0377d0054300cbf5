internal import SluiceABI

/// Copies of texts and bytes with stable addresses, for the length of one call to the host.
@safe
struct Arena {
    /// Bytes of a block; what is larger gets one of its own.
    private static let blockBytes = 2_048

    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private var next: UnsafeMutableRawPointer?
    private var room = 0

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

    /// A span over a copy of the bytes that `span` shows; absent stays absent.
    mutating func span(_ span: sluice_span) -> sluice_span {
        guard let data = unsafe span.data else { return unsafe sluice_span() }
        return unsafe self.span(copying: UnsafeRawBufferPointer(start: data, count: span.len))
    }

    /// A copy of header lines with all they point at.
    mutating func headers(_ headers: sluice_headers) -> sluice_headers {
        guard let lines = unsafe headers.items, unsafe headers.count > 0 else {
            return unsafe sluice_headers()
        }
        let count = unsafe headers.count
        let copies = unsafe place(for: count * MemoryLayout<sluice_header>.stride)
            .bindMemory(to: sluice_header.self, capacity: count)
        for index in 0..<count {
            var line = unsafe lines[index]
            unsafe line.name = span(line.name)
            unsafe line.value = span(line.value)
            unsafe (copies + index).initialize(to: line)
        }
        return unsafe sluice_headers(items: copies, count: count)
    }

    /// A list of growable structs, copied.
    mutating func list<Words>(_ items: [Words]) -> sluice_list {
        let place = unsafe place(for: items.count * MemoryLayout<Words>.stride)
        unsafe items.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                unsafe place.copyMemory(from: start, byteCount: bytes.count)
            }
        }
        return unsafe sluice_list(
            items: UnsafeRawPointer(place),
            count: UInt32(items.count),
            stride: UInt32(MemoryLayout<Words>.stride)
        )
    }

    private mutating func span(copying bytes: UnsafeRawBufferPointer) -> sluice_span {
        let place = unsafe place(for: bytes.count)
        if let source = bytes.baseAddress {
            unsafe place.copyMemory(from: source, byteCount: bytes.count)
        }
        return unsafe sluice_span(
            data: UnsafePointer(place.assumingMemoryBound(to: UInt8.self)),
            len: bytes.count
        )
    }

    private mutating func place(for size: Int) -> UnsafeMutableRawPointer {
        // Whatever is put there is aligned.
        let count = (size + 7) & ~7
        if let place = unsafe next, count <= room {
            unsafe next = place + count
            room -= count
            return unsafe place
        }
        let whole = max(count, Self.blockBytes)
        let block = UnsafeMutableRawPointer.allocate(byteCount: whole, alignment: 8)
        unsafe blocks.append(block)
        if whole - count > room {
            unsafe next = block + count
            room = whole - count
        }
        return unsafe block
    }

    mutating func free() {
        while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
        unsafe next = nil
        room = 0
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
    return unsafe withUnsafeTemporaryAllocation(of: Words.self, capacity: 1) { copy in
        let bytes = UnsafeMutableRawBufferPointer(copy)
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
        let known = unsafe UnsafeRawBufferPointer(
            start: words,
            count: min(Int(size), MemoryLayout<Words>.size)
        )
        unsafe bytes.copyMemory(from: known)
        return unsafe copy[0]
    }
}

extension String {
    /// A copy of the text that `span` shows; "" when it is absent.
    init(_ span: sluice_span) {
        self = unsafe String(
            decoding: UnsafeBufferPointer(start: span.data, count: span.len),
            as: UTF8.self
        )
    }

    /// A copy of the text that `span` shows; nil when it is absent.
    init?(present span: sluice_span) {
        if unsafe span.data == nil { return nil }
        unsafe self.init(span)
    }
}

extension [UInt8] {
    /// A copy of the bytes that `span` shows; none when it is absent.
    init(_ span: sluice_span) {
        self = unsafe Array(UnsafeBufferPointer(start: span.data, count: span.len))
    }

    /// A copy of the bytes of all pieces.
    init(_ pieces: UnsafePointer<sluice_chunk>?, _ count: Int) {
        let pieces = unsafe UnsafeBufferPointer(start: pieces, count: pieces == nil ? 0 : count)
        if pieces.count == 1 {
            self = unsafe Array(pieces[0].bytes)
        } else {
            self = []
            for index in pieces.indices {
                let bytes = unsafe pieces[index].bytes
                unsafe self += UnsafeBufferPointer(start: bytes.data, count: bytes.len)
            }
        }
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
