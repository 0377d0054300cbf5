internal import SluiceBase

/// Completions that wait to be looked at, oldest first: a ring of fixed size.
struct CompletionQueue: ~Copyable {
    private let places: Table<Completion>
    private let mask: Int
    private var oldest = 0
    private(set) var count = 0

    /// Room for at least `least` completions: the next power of two.
    init(least: Int) {
        var capacity = 1
        while capacity < least { capacity *= 2 }
        places = Table(repeating: Completion(token: 0, result: 0), count: capacity)
        mask = capacity - 1
    }

    var capacity: Int { places.count }
    var room: Int { capacity &- count }

    /// The completion `place` after the oldest.
    subscript(place: Int) -> Completion {
        precondition(UInt(bitPattern: place) < UInt(bitPattern: count), "completion place")
        return places[(oldest &+ place) & mask]
    }

    mutating func append(_ completion: Completion) {
        precondition(room > 0, "room for a completion")
        places[(oldest &+ count) & mask] = completion
        count &+= 1
    }

    mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= count, "completions to give back")
        oldest = (oldest &+ number) & mask
        count &-= number
    }
}

/// The receive buffers of an arena that nobody holds; the one given back last is taken first,
/// while it is warm.
struct FreeBuffers: ~Copyable {
    let arena: Arena
    /// Buffers below this number are those of heads.
    private let reserved: Int
    /// Two stacks: heads from the start, content behind them.
    private let numbers: Table<Int32>
    private var headCount = 0
    private var contentCount = 0

    init(_ arena: Arena, reserved: Int) {
        self.arena = arena
        self.reserved = reserved
        numbers = Table(repeating: 0, count: arena.count)
        for number in stride(from: arena.count - 1, through: 0, by: -1) { give(Int32(number)) }
    }

    /// A buffer, or -1 when all of the group are held.
    mutating func take(from group: ReceiveGroup) -> Int32 {
        if group != .content, reserved > 0 {
            guard headCount > 0 else { return -1 }
            headCount &-= 1
            return numbers[headCount]
        }
        guard contentCount > 0 else { return -1 }
        contentCount &-= 1
        return numbers[reserved &+ contentCount]
    }

    mutating func give(_ number: Int32) {
        precondition(number >= 0 && number < arena.count, "a buffer of this arena")
        if number < reserved {
            precondition(headCount < reserved, "a buffer that was lent")
            numbers[headCount] = number
            headCount &+= 1
        } else {
            precondition(contentCount < arena.count - reserved, "a buffer that was lent")
            numbers[reserved &+ contentCount] = number
            contentCount &+= 1
        }
    }
}

/// The operations that are under way, by token: each place begins a chain of those whose tokens
/// share it.
///
/// The chains run through the entries of the descriptors. With default limits a worker that is full
/// has four operations for each place, so chains are short.
struct TokenChains: ~Copyable {
    private let places: Table<Side>
    private let shift: UInt64

    /// A power of two of places.
    init(count: Int) {
        places = Table(repeating: .none, count: count)
        shift = UInt64(64 - count.trailingZeroBitCount)
    }

    /// The first of the chain that has the token, if it is under way.
    subscript(token: UInt64) -> Side {
        get { places[place(token)] }
        nonmutating set { places[place(token)] = newValue }
    }

    /// Fibonacci hashing: the high bits of a product with 2^64 over the golden ratio.
    private func place(_ token: UInt64) -> Int {
        Int(truncatingIfNeeded: (token &* 0x9e37_79b9_7f4a_7c15) >> shift)
    }
}
