internal import SluiceABI

extension Host {
    /// Runs `work` on the host's bounded pool and returns what it found, back on the lane.
    ///
    /// Throws what `work` throws; `.limit` when too much of this instance's work waits already;
    /// `CancellationError` when the work was not begun before the instance stopped. Work that has
    /// begun is waited for, also by a task that is cancelled.
    public func blocking<Found: Sendable>(
        _ work: @escaping @Sendable () throws -> Found
    ) async throws -> Found {
        try Task.checkCancellation()
        guard let blocking = unsafe lane.table.pointee.blocking else { throw missing("blocking") }
        return try await unsafe withUnsafeThrowingContinuation { task in
            let errand = unsafe Errand(lane, work, task)
            let context = unsafe Unmanaged.passRetained(errand as ErrandBase).toOpaque()
            let status = unsafe blocking(lane.table, runErrand, finishErrand, context)
            if status >= 0 { return }
            unsafe Unmanaged<ErrandBase>.fromOpaque(context).release()
            unsafe task.resume(throwing: refused(status, "blocking work"))
        }
    }
}

/// The errand without its type, so that a C callback can find it.
private class ErrandBase {
    let lane: Lane

    init(_ lane: Lane) {
        self.lane = lane
    }

    func run() {}
    func finish() {}
}

@safe
private final class Errand<Found: Sendable>: ErrandBase {
    private let work: @Sendable () throws -> Found
    private let task: UnsafeContinuation<Found, any Error>
    private var found: Result<Found, any Error>?

    init(
        _ lane: Lane,
        _ work: @escaping @Sendable () throws -> Found,
        _ task: UnsafeContinuation<Found, any Error>
    ) {
        self.work = work
        unsafe self.task = unsafe task
        super.init(lane)
    }

    override func run() {
        found = Result(catching: work)
    }

    override func finish() {
        unsafe task.resume(with: found ?? .failure(CancellationError()))
    }
}

private func runErrand(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<ErrandBase>.fromOpaque(context).takeUnretainedValue().run()
}

private func finishErrand(_ context: UnsafeMutableRawPointer?, _ why: sluice_status) {
    guard let context = unsafe context else { return }
    let errand = unsafe Unmanaged<ErrandBase>.fromOpaque(context).takeRetainedValue()
    errand.lane.enter { errand.finish() }
}
