public import CLinux
internal import Glibc
internal import Synchronization

/// One 64-bit word that threads share; trivially copied, bound to memory somebody else owns.
@safe
public struct Cell: @unchecked Sendable, BitwiseCopyable {
    @usableFromInline package let word: UnsafeMutablePointer<UInt64>

    @inlinable
    public init(_ word: UnsafeMutablePointer<UInt64>) {
        unsafe self.word = word
    }

    /// A new word that is never freed: for state that lives as long as the process.
    @inlinable
    public static func permanent(_ value: UInt64 = 0) -> Cell {
        let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
        unsafe word.initialize(to: value)
        return unsafe Cell(word)
    }

    /// A relaxed load.
    @inlinable
    public var value: UInt64 { unsafe clinux_load_relaxed(word) }

    /// A load that sees everything written before the matching `release`.
    @inlinable
    public func acquire() -> UInt64 { unsafe clinux_load_acquire(word) }

    /// A relaxed store.
    @inlinable
    public func set(_ value: UInt64) { unsafe clinux_store_relaxed(word, value) }

    /// A store that publishes everything written before it.
    @inlinable
    public func release(_ value: UInt64) { unsafe clinux_store_release(word, value) }

    /// Adds by load and store: for a word with one writer.
    @inlinable
    public func bump(_ amount: UInt64 = 1) {
        unsafe clinux_store_relaxed(word, clinux_load_relaxed(word) &+ amount)
    }

    /// Adds atomically and returns the value before.
    @inlinable @discardableResult
    public func add(_ amount: Int64) -> UInt64 {
        unsafe clinux_add(word, UInt64(bitPattern: amount))
    }

    /// Stores `value` and returns the one before.
    @inlinable
    public func exchange(_ value: UInt64) -> UInt64 { unsafe clinux_exchange(word, value) }

    /// Stores `value` if the word equals `expected`; whether it did.
    @inlinable
    public func exchange(_ value: UInt64, ifEqual expected: UInt64) -> Bool {
        var seen = expected
        return unsafe clinux_compare_exchange(word, &seen, value) != 0
    }

    /// Orders everything this thread did to shared words before everything it does after.
    ///
    /// For two threads that each write one word and then read the other's: one of them sees the
    /// other's write.
    @inlinable
    public static func fence() { clinux_fence() }
}

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

/// A field that keeps the struct around it at its address.
///
/// A large struct without one may be loaded, and the compiler then copies all of it for each call
/// that only reads it.
package struct InPlace: ~Copyable {
    private let mark = Atomic(false)

    package init() {}
}
