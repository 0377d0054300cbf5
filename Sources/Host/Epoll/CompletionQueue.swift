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
