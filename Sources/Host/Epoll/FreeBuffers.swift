internal import SluiceBase

/// The receive buffers of an arena that nobody holds; the one given back last is taken first,
/// while it is warm.
struct FreeBuffers: ~Copyable {
    let arena: Arena
    private let numbers: Table<Int32>
    private var count: Int

    init(_ arena: Arena) {
        self.arena = arena
        numbers = Table(repeating: 0, count: arena.count)
        count = 0
        for number in stride(from: arena.count - 1, through: 0, by: -1) { give(Int32(number)) }
    }

    /// A buffer, or -1 when all are held.
    mutating func take() -> Int32 {
        guard count > 0 else { return -1 }
        count &-= 1
        return numbers[count]
    }

    mutating func give(_ number: Int32) {
        precondition(number >= 0 && number < arena.count, "a buffer of this arena")
        numbers[count] = number
        count &+= 1
    }
}
