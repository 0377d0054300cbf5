internal import Synchronization

/// A place where one task waits until it is woken, or cancelled.
///
/// Any thread.
///
/// A wake that nobody waits for is kept for the next wait; so who waits looks again at what it
/// waits for.
public final class Signal: Sendable {
    @safe
    private struct State {
        var task: UnsafeContinuation<Void, any Error>?
        var patient: UnsafeContinuation<Void, Never>?
        var isWoken = false
        var isCanceled = false
    }

    private let state = Mutex(State())

    /// Nobody waits, and nobody has been woken.
    public init() {}

    /// Returns after `wake()`; throws `CancellationError` when the task is cancelled.
    public func wait() async throws {
        state.withLock { $0.isCanceled = false }
        try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { task in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if state.isCanceled { return .failure(CancellationError()) }
                    if state.isWoken {
                        state.isWoken = false
                        return .success(())
                    }
                    unsafe state.task = unsafe task
                    return nil
                }
                if let answer { unsafe task.resume(with: answer) }
            }
        } onCancel: {
            let task = unsafe state.withLock { state in
                state.isCanceled = true
                return unsafe state.task.take()
            }
            unsafe task?.resume(throwing: CancellationError())
        }
    }

    /// Whether a wake waits for the next wait.
    public var isWoken: Bool { state.withLock { $0.isWoken } }

    /// Returns after `wake()`, also in a task that is cancelled.
    func outlast() async {
        await unsafe withUnsafeContinuation { (task: UnsafeContinuation<Void, Never>) in
            let isWoken = state.withLock { state in
                if state.isWoken {
                    state.isWoken = false
                    return true
                }
                unsafe state.patient = unsafe task
                return false
            }
            if isWoken { unsafe task.resume() }
        }
    }

    /// Lets the waiting task go on.
    public func wake() {
        let (task, patient) = unsafe state.withLock { state in
            let task = unsafe state.task.take()
            let patient = unsafe state.patient.take()
            state.isWoken = unsafe task == nil && patient == nil
            return unsafe (task, patient)
        }
        unsafe task?.resume()
        unsafe patient?.resume()
    }

    /// Forgets a wake that nobody has waited for.
    public func reset() {
        state.withLock { $0.isWoken = false }
    }
}
