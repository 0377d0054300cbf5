internal import CLinux
internal import Glibc
internal import SluiceBase
internal import Synchronization

/// Whose code runs on the calling thread, and what for: words of the thread.
///
/// Set around each entry into a plugin. A crash handler reads them, so the names are plain memory
/// that is never freed.
package enum Entered {
    /// Instances of one process, those of a check included.
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

    /// Gives back the number of an instance whose code runs no more; another may have it.
    static func forget(_ instance: Int32) { names.forget(instance) }

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
private final class EnteredNames: @unchecked Sendable {
    private let starts: UnsafeMutablePointer<UnsafePointer<UInt8>?>
    private let counts: UnsafeMutablePointer<Int>
    private let numbers = Mutex(Numbers())

    private struct Numbers {
        var used: Int32 = 0
        var free: [Int32] = []
    }

    init() {
        unsafe starts = .allocate(capacity: Entered.instancesMax)
        unsafe starts.initialize(repeating: nil, count: Entered.instancesMax)
        unsafe counts = .allocate(capacity: Entered.instancesMax)
        unsafe counts.initialize(repeating: 0, count: Entered.instancesMax)
    }

    func add(_ name: String) -> Int32? {
        let number: Int32? = numbers.withLock { numbers in
            // The one that has been free for longest: a thread may still bear a number.
            if !numbers.free.isEmpty { return numbers.free.removeFirst() }
            guard numbers.used < Entered.instancesMax else { return nil }
            numbers.used += 1
            return numbers.used - 1
        }
        guard let number else { return nil }
        let index = Int(number)
        name.withBytes { bytes in
            unsafe counts[index] = 0
            unsafe starts[index] = bytes.permanent
            unsafe counts[index] = bytes.count
        }
        return number
    }

    func forget(_ number: Int32) { numbers.withLock { $0.free.append(number) } }

    func bytes(_ index: Int) -> Bytes {
        guard index >= 0, index < Entered.instancesMax, let start = unsafe starts[index] else {
            return .empty
        }
        return unsafe Bytes(start: start, count: counts[index])
    }
}
