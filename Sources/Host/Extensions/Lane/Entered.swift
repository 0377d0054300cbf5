internal import CLinux
internal import Glibc
internal import SluiceBase
internal import Synchronization

/// Whose code runs on the calling thread, and what for: words of the thread.
///
/// Set around each entry into a plugin. A crash handler reads them, so the names are plain memory
/// that is never freed.
package enum Entered {
    /// Instances that one process has at a time.
    static let instancesMax = 1_024

    /// Who was inside before.
    @safe
    struct Before {
        fileprivate let instance: Int32
        fileprivate let step: UnsafePointer<CChar>?
    }

    private static let names = EnteredNames()

    /// Numbers an instance; nil when all numbers are used.
    static func register(_ name: String) -> Int32? {
        guard let number = names.add(name) else { return nil }
        ProcessSignals.name(plugin: Int(number), name)
        return number
    }

    /// Gives back the number of an instance that has ended: no code of it is entered any more.
    static func release(_ instance: Int32) { names.release(Int(instance)) }

    static func name(_ instance: Int32) -> String { names.bytes(Int(instance)).text }

    /// Marks the thread as inside `instance`, for `step`.
    static func enter(_ instance: Int32, _ step: StaticString) -> Before {
        let before = unsafe Before(instance: clinux_plugin_get(), step: clinux_step_get())
        unsafe clinux_plugin_set(
            instance,
            UnsafeRawPointer(step.utf8Start).assumingMemoryBound(to: CChar.self)
        )
        return before
    }

    static func leave(to before: Before) {
        unsafe clinux_plugin_set(before.instance, before.step)
    }
}

@safe
private struct EnteredNames: @unchecked Sendable {
    private let starts: UnsafeMutablePointer<UnsafePointer<UInt8>?>
    private let counts: UnsafeMutablePointer<Int>
    private let used = Cell.permanent()
    /// Numbers that are free again, by the name that they keep: readers need no lock.
    private let free = FreeNumbers()

    init() {
        unsafe starts = .allocate(capacity: Entered.instancesMax)
        unsafe starts.initialize(repeating: nil, count: Entered.instancesMax)
        unsafe counts = .allocate(capacity: Entered.instancesMax)
        unsafe counts.initialize(repeating: 0, count: Entered.instancesMax)
    }

    func add(_ name: String) -> Int32? {
        if let index = free.take(name) { return Int32(index) }
        let index = Int(used.add(1))
        guard index < Entered.instancesMax else {
            used.add(-1)
            return nil
        }
        name.withBytes { bytes in
            unsafe counts[index] = bytes.count
            unsafe starts[index] = bytes.permanent
        }
        return Int32(index)
    }

    func release(_ index: Int) { free.give(index, bytes(index).text) }

    func bytes(_ index: Int) -> Bytes {
        guard index >= 0, index < Entered.instancesMax, let start = unsafe starts[index] else {
            return .empty
        }
        return unsafe Bytes(start: start, count: counts[index])
    }
}

/// Numbers by name.
private final class FreeNumbers: Sendable {
    private let numbers = Mutex<[String: [Int]]>([:])

    func take(_ name: String) -> Int? { numbers.withLock { $0[name]?.popLast() } }

    func give(_ number: Int, _ name: String) {
        numbers.withLock { $0[name, default: []].append(number) }
    }
}
