/// One value that a publisher replaces and loop threads read: a single pointer swap.
///
/// A reader takes a copy when it passes its loop and uses it until it takes the next one. It says
/// in two words of its own what it uses: before it reads, its `hazard` names the box it is about
/// to read, and once it uses the value, its `adopted` holds the value's number. The publisher frees
/// what neither word of any reader names, so one stuck reader keeps at most two values alive.
/// The value is trivial, so reading makes no ARC traffic.
@safe
public final class Published<Value: BitwiseCopyable>: @unchecked Sendable {
    @usableFromInline
    struct Box: BitwiseCopyable {
        @usableFromInline var number: UInt64
        @usableFromInline var value: Value
    }

    /// What one reader says that it uses; the reader alone writes both.
    public struct Reader: Sendable {
        let adopted: Cell
        let hazard: Cell

        public init(adopted: Cell, hazard: Cell) {
            self.adopted = adopted
            self.hazard = hazard
        }
    }

    /// The address of the newest box.
    @usableFromInline let newest = Cell.permanent()
    /// Its number, written after the address: a reader that is up to date opens no box.
    @usableFromInline let newestNumber = Cell.permanent()
    private var replaced: [(number: UInt64, address: UInt64)] = []

    public init() {}

    /// [reader] The current value if its number differs from `number`.
    ///
    /// `hazard` is the reader's own word. The value may be used until the next call as long as the
    /// reader then stores the number in its `adopted` word; the one before, until it has.
    @inlinable
    public func read(unless number: UInt64, hazard: Cell) -> (number: UInt64, value: Value)? {
        guard newestNumber.acquire() != number else { return nil }
        var address = newest.acquire()
        while true {
            hazard.release(address)
            // Pairs with the fence in `release`: the publisher sees the hazard, or this thread
            // sees that the box was replaced.
            Cell.fence()
            let seen = newest.acquire()
            if seen == address { break }
            address = seen
        }
        guard let box = unsafe UnsafePointer<Box>(bitPattern: UInt(address)) else { return nil }
        let found = unsafe box.pointee
        return found.number == number ? nil : (found.number, found.value)
    }

    /// [publisher] Replaces the value; numbers grow from call to call, from 1.
    public func publish(_ value: Value, number: UInt64) {
        let before = newest.value
        if before != 0 { replaced.append((newestNumber.value, before)) }
        let box = UnsafeMutablePointer<Box>.allocate(capacity: 1)
        unsafe box.initialize(to: Box(number: number, value: value))
        newest.release(UInt64(UInt(bitPattern: box)))
        newestNumber.release(number)
    }

    /// [publisher] Frees the replaced values that no reader uses; returns their numbers.
    ///
    /// What a value refers to may be freed with it.
    public func release(_ readers: [Reader]) -> [UInt64] {
        guard !replaced.isEmpty else { return [] }
        Cell.fence()
        // The hazard first: a reader sets `adopted` before its hazard names a later box.
        let used = readers.map { (hazard: $0.hazard.acquire(), adopted: $0.adopted.acquire()) }
        var freed: [UInt64] = []
        replaced.removeAll { number, address in
            let isUsed = used.contains { $0.hazard == address || $0.adopted == number }
            guard !isUsed, let box = unsafe UnsafeMutablePointer<Box>(bitPattern: UInt(address))
            else { return false }
            unsafe box.deallocate()
            freed.append(number)
            return true
        }
        return freed
    }
}
