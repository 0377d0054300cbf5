internal import Synchronization

/// The tasks of one instance, so that it can end.
///
/// Any thread.
final class Tasks: Sendable {
    private struct State {
        var next: UInt64 = 0
        var names: [UInt64: String] = [:]
        var handles: [UInt64: Task<Void, Never>] = [:]
        /// Called when the last one has ended.
        var whenEmpty: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Counts a task that is about to begin; `name` says to people what it does.
    func begin(_ name: String) -> UInt64 {
        state.withLock { state in
            state.next += 1
            state.names[state.next] = name
            return state.next
        }
    }

    /// Keeps the handle of a task, unless it has ended already.
    func keep(_ handle: Task<Void, Never>, of id: UInt64) {
        state.withLock { state in
            if state.names[id] != nil { state.handles[id] = handle }
        }
    }

    /// A task has ended.
    func end(_ id: UInt64) {
        let whenEmpty = state.withLock { state -> (@Sendable () -> Void)? in
            state.names[id] = nil
            state.handles[id] = nil
            return state.names.isEmpty ? state.whenEmpty.take() : nil
        }
        whenEmpty?()
    }

    /// Cancels all that run now.
    func cancelAll() {
        for handle in state.withLock({ Array($0.handles.values) }) { handle.cancel() }
    }

    /// What runs, in the order of the beginnings.
    var names: [String] {
        state.withLock { state in state.names.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Calls `then` once, when none is left; false: none is left now, and it is not called.
    func whenEmpty(_ then: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.names.isEmpty { return false }
            state.whenEmpty = then
            return true
        }
    }
}
