/// One value that a publisher replaces and loop threads read: a single pointer swap.
///
/// A reader takes a copy when it passes its loop and keeps using it until it passes again. The
/// publisher frees a replaced value only after every reader has passed, which readers announce by
/// the number they were given. The value is trivial, so reading makes no ARC traffic.
@safe
package final class Published<Value: BitwiseCopyable>: @unchecked Sendable {
    private struct Box {
        var number: UInt64
        var value: Value
    }

    private let cell = Cell.permanent()
    private var retired: [UInt] = []

    package init() {}

    /// [any loop thread] The current value if its number differs from `number`.
    package func read(unless number: UInt64) -> (number: UInt64, value: Value)? {
        let address = UInt(cell.acquire())
        guard let box = unsafe UnsafePointer<Box>(bitPattern: address) else { return nil }
        let found = unsafe box.pointee
        return found.number == number ? nil : (found.number, found.value)
    }

    /// [publisher] Replaces the value; `number` must be new.
    package func publish(_ value: Value, number: UInt64) {
        let box = UnsafeMutablePointer<Box>.allocate(capacity: 1)
        unsafe box.initialize(to: Box(number: number, value: value))
        let before = cell.exchange(UInt64(UInt(bitPattern: box)))
        if before != 0 { retired.append(UInt(before)) }
    }

    /// [publisher] Frees replaced values once every reader has read `number` or a later one.
    package func release(before number: UInt64) {
        retired.removeAll { address in
            guard let box = unsafe UnsafeMutablePointer<Box>(bitPattern: address) else {
                return true
            }
            guard unsafe box.pointee.number < number else { return false }
            unsafe box.deallocate()
            return true
        }
    }
}
