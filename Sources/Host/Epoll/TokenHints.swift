internal import SluiceBase

/// On which descriptor a token was submitted last: a guess to be checked, since tokens whose
/// hashes agree share a place.
struct TokenHints: ~Copyable {
    private let places: Table<Int32>
    private let shift: UInt64

    /// A power of two of places.
    init(count: Int) {
        places = Table(repeating: -1, count: count)
        shift = UInt64(64 - count.trailingZeroBitCount)
    }

    subscript(token: UInt64) -> Int32 {
        get { places[place(token)] }
        nonmutating set { places[place(token)] = newValue }
    }

    /// Fibonacci hashing: the high bits of a product with 2^64 over the golden ratio.
    private func place(_ token: UInt64) -> Int {
        Int(truncatingIfNeeded: (token &* 0x9e37_79b9_7f4a_7c15) >> shift)
    }
}
