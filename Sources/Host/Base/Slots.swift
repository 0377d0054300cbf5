/// Names one use of one slot: an index and the generation it had; a stale one finds nothing.
public struct SlotID: Equatable, Sendable, BitwiseCopyable {
    public let index: UInt32
    public let generation: UInt32

    @inlinable
    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}

/// A fixed table of reusable slots with generations; the storage behind connections and exchanges.
///
/// Taking and freeing are constant time and allocate nothing; the slot freed last is taken first,
/// while it is warm. One owner, one thread.
@safe
public struct Slots<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline let elements: UnsafeMutablePointer<Element>
    @usableFromInline let generations: UnsafeMutablePointer<UInt32>
    @usableFromInline let nextFree: UnsafeMutablePointer<Int32>
    @usableFromInline var firstFree: Int32
    public let capacity: Int
    public private(set) var used: Int
    /// Generations are this many bits wide, so that they fit a completion's user data.
    public static var generationBits: Int { 24 }

    public init(capacity: Int, empty: Element) {
        precondition(capacity > 0 && capacity < 1 << 24, "slot capacity")
        self.capacity = capacity
        unsafe elements = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        unsafe elements.initialize(repeating: empty, count: capacity)
        unsafe generations = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        unsafe generations.initialize(repeating: 1, count: capacity)
        unsafe nextFree = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
        for index in 0..<capacity {
            unsafe nextFree[index] = index + 1 < capacity ? Int32(index + 1) : -1
        }
        firstFree = 0
        used = 0
    }

    deinit {
        unsafe elements.deallocate()
        unsafe generations.deallocate()
        unsafe nextFree.deallocate()
    }

    @inlinable
    public var isFull: Bool { firstFree < 0 }

    /// The element at `index`, whatever its generation.
    @inlinable
    public subscript(index: Int) -> Element {
        @inline(__always) unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity), "slot index")
            return unsafe UnsafePointer(elements + index)
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity), "slot index")
            return unsafe elements + index
        }
    }

    /// Takes a free slot and puts `element` into it; -1 when all are taken.
    public mutating func take(_ element: Element) -> Int {
        guard firstFree >= 0 else { return -1 }
        let index = Int(firstFree)
        unsafe firstFree = nextFree[index]
        unsafe nextFree[index] = -2
        unsafe elements[index] = element
        used &+= 1
        return index
    }

    /// Frees a slot; every `SlotID` of this use is stale from now on.
    public mutating func free(_ index: Int) {
        precondition(isTaken(index), "a slot is freed once")
        unsafe generations[index] = (generations[index] &+ 1) & ((1 << 24) - 1)
        unsafe nextFree[index] = firstFree
        firstFree = Int32(index)
        used &-= 1
    }

    @inlinable @inline(__always)
    public func isTaken(_ index: Int) -> Bool {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity), "slot index")
        return unsafe nextFree[index] == -2
    }

    @inlinable @inline(__always)
    public func generation(_ index: Int) -> UInt32 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity), "slot index")
        return unsafe generations[index]
    }

    @inlinable
    public func id(_ index: Int) -> SlotID {
        SlotID(index: UInt32(index), generation: generation(index))
    }

    /// Whether `id` still names a taken slot of the same use.
    @inlinable
    public func holds(_ id: SlotID) -> Bool {
        Int(id.index) < capacity && isTaken(Int(id.index))
            && generation(Int(id.index)) == id.generation
    }
}
