/// A bounded queue from one thread to one other, in memory that lives as long as the process.
///
/// Neither side locks or allocates; an element that finds no room is the producer's to count.
@safe
public struct SharedRing<Element: BitwiseCopyable>: @unchecked Sendable, BitwiseCopyable {
    /// What became of an element.
    public enum Outcome: Sendable {
        /// It waits behind others: the consumer will look by itself.
        case added
        /// It waits alone: the consumer may sleep and has to be woken.
        case addedFirst
        case full
    }

    private let start: UnsafeMutablePointer<Element>
    private let capacity: UInt64
    /// Elements taken so far; the consumer alone writes it.
    private let taken = Cell.permanent()
    /// Elements added so far; the producer alone writes it.
    private let added = Cell.permanent()

    /// Room for `capacity` elements, each `empty` at first.
    public init(capacity: Int, empty: Element) {
        precondition(capacity > 0, "a ring holds at least one element")
        unsafe start = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        unsafe start.initialize(repeating: empty, count: capacity)
        self.capacity = UInt64(capacity)
    }

    /// [producer] Adds an element, where there is room.
    public func add(_ element: Element) -> Outcome {
        let place = added.value
        guard place &- taken.acquire() < capacity else { return .full }
        unsafe start[Int(place % capacity)] = element
        added.release(place &+ 1)
        // Pairs with the fence in `next`: the consumer sees the element, or this thread sees that
        // it has taken all others.
        Cell.fence()
        return taken.acquire() == place ? .addedFirst : .added
    }

    /// [consumer] Takes the oldest element.
    public func next() -> Element? {
        let place = taken.value
        if added.acquire() == place {
            Cell.fence()
            guard added.acquire() != place else { return nil }
        }
        let element = unsafe start[Int(place % capacity)]
        taken.release(place &+ 1)
        return element
    }

    /// [consumer] Whether nothing waits.
    public var isEmpty: Bool { added.acquire() == taken.value }
}
