internal import Glibc

/// Memory for network buffers: `count` buffers of `size` bytes in one mapping.
///
/// Pages are touched only when used. The arena lends views; who may use a buffer when is decided
/// by whoever hands out its number. Never unmapped: a kernel may still write into it.
@safe
public struct Arena: @unchecked Sendable, BitwiseCopyable {
    public let start: UnsafeMutablePointer<UInt8>
    public let count: Int
    public let size: Int

    /// Throws the error of mmap(2), usually ENOMEM.
    package init(count: Int, size: Int) throws(Errno) {
        let mapping = unsafe mmap(
            nil,
            max(1, count * size),
            PROT_READ | PROT_WRITE,
            MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE,
            -1,
            0
        )
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw Errno.last }
        unsafe start = mapping.assumingMemoryBound(to: UInt8.self)
        self.count = count
        self.size = size
    }

    /// Gives the memory back to the system; whoever uses a buffer next finds zeros.
    ///
    /// Nobody holds a buffer.
    package func forget() {
        unsafe madvise(start, max(1, count * size), MADV_DONTNEED)
    }

    /// `length` bytes of buffer `number` from `offset`.
    @inlinable
    public func bytes(_ number: Int, _ offset: Int, _ length: Int) -> Bytes {
        precondition(UInt(bitPattern: number) < UInt(bitPattern: count), "buffer number")
        precondition(
            UInt(bitPattern: offset) <= UInt(bitPattern: size)
                && UInt(bitPattern: length) <= UInt(bitPattern: size &- offset),
            "buffer range"
        )
        return unsafe Bytes(start: start + (number &* size &+ offset), count: length)
    }

    /// A writer over buffer `number` from `offset` to its end.
    @inlinable
    public func writer(_ number: Int, from offset: Int = 0) -> ByteWriter {
        precondition(UInt(bitPattern: number) < UInt(bitPattern: count), "buffer number")
        precondition(offset >= 0 && offset <= size, "buffer range")
        return unsafe ByteWriter(
            start: start + (number &* size &+ offset),
            capacity: size &- offset
        )
    }

    /// Copies the first `recordCount` records of `table` to the start of buffer `number`.
    ///
    /// The size of the buffers is a multiple of the records' alignment.
    @inlinable
    public func store<Record: BitwiseCopyable>(
        _ table: TableView<Record>,
        _ recordCount: Int,
        in number: Int
    ) {
        precondition(UInt(bitPattern: number) < UInt(bitPattern: count), "buffer number")
        precondition(
            recordCount <= table.count && recordCount &* MemoryLayout<Record>.stride <= size,
            "buffer range"
        )
        let target = unsafe UnsafeMutableRawPointer(start + number &* size)
        unsafe target.copyMemory(
            from: table.start,
            byteCount: recordCount &* MemoryLayout<Record>.stride
        )
    }

    /// The records that `store` has put at the start of buffer `number`.
    @inlinable
    public func records<Record: BitwiseCopyable>(
        _ number: Int,
        _ recordCount: Int,
        of type: Record.Type
    ) -> TableView<Record> {
        precondition(UInt(bitPattern: number) < UInt(bitPattern: count), "buffer number")
        precondition(recordCount &* MemoryLayout<Record>.stride <= size, "buffer range")
        let first = unsafe UnsafeRawPointer(start + number &* size)
        return unsafe TableView(
            start: first.assumingMemoryBound(to: Record.self),
            count: recordCount
        )
    }
}
