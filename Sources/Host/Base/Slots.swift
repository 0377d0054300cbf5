internal import Glibc

/// The number of a slot, with a type of its own for each table, so that two cannot be swapped.
public protocol SlotNumber: BitwiseCopyable, Equatable, Sendable {
    /// -1 names no slot.
    var number: Int32 { get }
    init(number: Int32)
}

extension SlotNumber {
    /// Names no slot.
    @inlinable
    public static var none: Self { Self(number: -1) }

    @inlinable
    public var isNone: Bool { number < 0 }

    @inlinable
    public var index: Int { Int(number) }
}

/// The free slots of a table.
@usableFromInline
struct FreeSlots: BitwiseCopyable {
    /// The slot freed last, or -1.
    @usableFromInline var first: Int32
    /// Slots from here on were never used.
    @usableFromInline var fresh: Int32
    @usableFromInline var used: Int
}

/// A fixed table of reusable slots with generations; the storage behind channels and exchanges.
///
/// Taking and freeing are constant in time and allocate nothing; the slot freed last is taken
/// first, while it is warm. Memory is address space until a slot of its page is used. One owner,
/// one thread; all state lies behind pointers, so that no call needs exclusive access to the value.
@safe
public struct Slots<Slot: SlotNumber, Element: BitwiseCopyable>: ~Copyable {
    /// The lowest 24 bits are the generation, so that it fits a completion's user data; bit 31 is
    /// set while the slot is taken.
    @usableFromInline let states: UnsafeMutablePointer<UInt32>
    @usableFromInline let elements: UnsafeMutablePointer<Element>
    @usableFromInline let nextFree: UnsafeMutablePointer<Int32>
    @usableFromInline let list: UnsafeMutablePointer<FreeSlots>
    public let capacity: Int

    @inlinable static var generationMask: UInt32 { (1 << 24) - 1 }
    @inlinable static var takenBit: UInt32 { 1 << 31 }

    /// A table of `capacity` free slots.
    ///
    /// Stops the process when the address space is not to be had.
    public init(capacity: Int) {
        precondition(capacity > 0 && capacity < 1 << 24, "slot capacity")
        self.capacity = capacity
        unsafe states = ZeroedPages.map(capacity)
        unsafe elements = ZeroedPages.map(capacity)
        unsafe nextFree = ZeroedPages.map(capacity)
        unsafe list = UnsafeMutablePointer<FreeSlots>.allocate(capacity: 1)
        unsafe list.initialize(to: FreeSlots(first: -1, fresh: 0, used: 0))
    }

    deinit {
        unsafe ZeroedPages.unmap(states, capacity)
        unsafe ZeroedPages.unmap(elements, capacity)
        unsafe ZeroedPages.unmap(nextFree, capacity)
        unsafe list.deallocate()
    }

    /// Slots that are taken.
    @inlinable
    public var used: Int { unsafe list.pointee.used }

    @inlinable
    public var isFull: Bool { used == capacity }

    /// The element in `slot`, whatever its generation.
    @inlinable
    public subscript(slot: Slot) -> Element {
        @inline(__always) unsafeAddress {
            precondition(UInt32(bitPattern: slot.number) < UInt32(capacity), "slot number")
            return unsafe UnsafePointer(elements + slot.index)
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            precondition(UInt32(bitPattern: slot.number) < UInt32(capacity), "slot number")
            return unsafe elements + slot.index
        }
    }

    /// Takes a free slot and puts `element` into it; `.none` when all are taken.
    @inlinable
    public func take(_ element: Element) -> Slot {
        let number: Int32
        if unsafe list.pointee.first >= 0 {
            unsafe number = list.pointee.first
            unsafe list.pointee.first = nextFree[Int(number)]
        } else {
            unsafe number = list.pointee.fresh
            guard Int(number) < capacity else { return .none }
            unsafe list.pointee.fresh = number &+ 1
        }
        unsafe states[Int(number)] |= Self.takenBit
        unsafe elements[Int(number)] = element
        unsafe list.pointee.used &+= 1
        return Slot(number: number)
    }

    /// Frees a slot; its generation is stale from now on.
    @inlinable
    public func free(_ slot: Slot) {
        precondition(isTaken(slot), "a slot is freed once")
        unsafe states[slot.index] = (states[slot.index] &+ 1) & Self.generationMask
        unsafe nextFree[slot.index] = list.pointee.first
        unsafe list.pointee.first = slot.number
        unsafe list.pointee.used &-= 1
    }

    @inlinable @inline(__always)
    public func isTaken(_ slot: Slot) -> Bool {
        precondition(UInt32(bitPattern: slot.number) < UInt32(capacity), "slot number")
        return unsafe states[slot.index] & Self.takenBit != 0
    }

    /// The use of the slot: it changes when the slot is freed.
    @inlinable @inline(__always)
    public func generation(_ slot: Slot) -> UInt32 {
        precondition(UInt32(bitPattern: slot.number) < UInt32(capacity), "slot number")
        return unsafe states[slot.index] & Self.generationMask
    }

    /// Whether the slot is taken and still in the use `generation`.
    @inlinable @inline(__always)
    public func holds(_ slot: Slot, _ generation: UInt32) -> Bool {
        precondition(UInt32(bitPattern: slot.number) < UInt32(capacity), "slot number")
        return unsafe states[slot.index] == generation | Self.takenBit
    }
}

/// Anonymous memory that reads as zeros and costs nothing until it is written.
package enum ZeroedPages {
    static func map<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
        let mapping = unsafe mmap(
            nil,
            max(1, count) * MemoryLayout<Element>.stride,
            PROT_READ | PROT_WRITE,
            MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE,
            -1,
            0
        )
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            preconditionFailure("no address space for \(count) slots")
        }
        return unsafe mapping.bindMemory(to: Element.self, capacity: max(1, count))
    }

    static func unmap<Element>(_ start: UnsafeMutablePointer<Element>, _ count: Int) {
        unsafe munmap(start, max(1, count) * MemoryLayout<Element>.stride)
    }
}
