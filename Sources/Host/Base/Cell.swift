internal import CLinux

/// One 64-bit word that threads share; trivially copied, bound to memory somebody else owns.
@safe
package struct Cell: @unchecked Sendable, BitwiseCopyable {
    @usableFromInline let word: UnsafeMutablePointer<UInt64>

    @inlinable
    package init(_ word: UnsafeMutablePointer<UInt64>) {
        unsafe self.word = word
    }

    /// A new word that is never freed: for state that lives as long as the process.
    package static func permanent(_ value: UInt64 = 0) -> Cell {
        let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
        unsafe word.initialize(to: value)
        return unsafe Cell(word)
    }

    /// A relaxed load.
    package var value: UInt64 { unsafe clinux_load_relaxed(word) }

    /// A load that sees everything written before the matching `release`.
    package func acquire() -> UInt64 { unsafe clinux_load_acquire(word) }

    /// A relaxed store.
    package func set(_ value: UInt64) { unsafe clinux_store_relaxed(word, value) }

    /// A store that publishes everything written before it.
    package func release(_ value: UInt64) { unsafe clinux_store_release(word, value) }

    /// Adds by load and store: for a word with one writer.
    package func bump(_ amount: UInt64 = 1) {
        unsafe clinux_store_relaxed(word, clinux_load_relaxed(word) &+ amount)
    }

    /// Adds atomically and returns the value before.
    @discardableResult
    package func add(_ amount: Int64) -> UInt64 {
        unsafe clinux_add(word, UInt64(bitPattern: amount))
    }

    /// Stores `value` and returns the one before.
    package func exchange(_ value: UInt64) -> UInt64 { unsafe clinux_exchange(word, value) }

    /// Stores `value` if the word equals `expected`; whether it did.
    package func exchange(_ value: UInt64, ifEqual expected: UInt64) -> Bool {
        var seen = expected
        return unsafe clinux_compare_exchange(word, &seen, value) != 0
    }
}
