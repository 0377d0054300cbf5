internal import SluiceABI
internal import Synchronization

extension Lane {
    /// Suspends the task for `duration`, by the host's timers.
    ///
    /// Throws `CancellationError` at once when it is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await sleep(nanoseconds: duration.nanoseconds)
    }

    func sleep(nanoseconds: UInt64) async throws {
        try Task.checkCancellation()
        let sleeper = Sleeper(self)
        try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { task in
                unsafe sleeper.begin(nanoseconds, task)
            }
        } onCancel: {
            sleeper.cancel()
        }
    }
}

/// One timer that wakes a task by its final call.
@safe
private final class Sleeper: @unchecked Sendable {
    private struct State {
        var timer = noTimer
        var isCanceled = false
    }

    let lane: Lane
    private var task: UnsafeContinuation<Void, any Error>?
    private let state = Mutex(State())

    init(_ lane: Lane) {
        self.lane = lane
    }

    func begin(_ nanoseconds: UInt64, _ task: UnsafeContinuation<Void, any Error>) {
        unsafe self.task = unsafe task
        guard let timer = unsafe lane.table.pointee.timer else {
            return unsafe task.resume(throwing: missing("timer"))
        }
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        var id = noTimer
        let status = unsafe timer(lane.table, nanoseconds, 0, sleepEnded, context, &id)
        if status < 0 {
            unsafe Unmanaged<Sleeper>.fromOpaque(context).release()
            return unsafe task.resume(throwing: refused(status, "starting a timer"))
        }
        let isLate = state.withLock { [id] state in
            state.timer = id
            return state.isCanceled
        }
        if isLate { cancel() }
    }

    func cancel() {
        let id = state.withLock { state in
            state.isCanceled = true
            return state.timer
        }
        guard id != noTimer, let cancel = unsafe lane.table.pointee.cancel else { return }
        _ = unsafe cancel(lane.table, id)
    }

    func end(_ why: sluice_status) {
        if why == SLUICE_OK {
            unsafe task?.resume()
        } else {
            unsafe task?.resume(throwing: CancellationError())
        }
    }
}

private let noTimer: sluice_tid = 0

private func sleepEnded(_ context: UnsafeMutableRawPointer?, _ why: sluice_status) {
    guard let context = unsafe context else { return }
    let sleeper = unsafe Unmanaged<Sleeper>.fromOpaque(context).takeRetainedValue()
    sleeper.lane.enter { sleeper.end(why) }
}
