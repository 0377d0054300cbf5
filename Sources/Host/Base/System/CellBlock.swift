internal import Glibc

/// A page-aligned run of cells that lives as long as the process: one writer, any readers.
///
/// Blocks of different workers never share a cache line.
@safe
public struct CellBlock: @unchecked Sendable, BitwiseCopyable {
    @usableFromInline let start: UnsafeMutablePointer<UInt64>
    public let count: Int

    private static let pageBytes = 4_096

    /// Maps zeroed pages for `count` cells; throws the error of mmap(2).
    public init(count: Int) throws(Errno) {
        let bytes = (count * 8 + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
        let mapping = unsafe mmap(
            nil,
            max(bytes, Self.pageBytes),
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS,
            -1,
            0
        )
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else { throw Errno.last }
        unsafe start = mapping.bindMemory(to: UInt64.self, capacity: count)
        self.count = count
    }

    /// The cell at `index`.
    @inlinable
    public subscript(index: Int) -> Cell {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "cell index")
        return unsafe Cell(start + index)
    }
}
