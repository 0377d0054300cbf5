internal import SluiceABI
internal import Synchronization

/// The instance's own thread, as an executor: whatever belongs to the plugin runs here, one at a
/// time.
///
/// The plugin's actor is isolated to it, so that its methods, the tasks of `Host.task` and the
/// async functions they call stay on the lane's thread. Any thread may hand it work.
@safe
public final class Lane: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// What waits for the lane.
    private struct Queue {
        var jobs: [UnownedJob] = []
        /// A call into the plugin is under way; it runs what waits before it returns.
        var isInside = false
        /// The host has been asked to call.
        var isPosted = false
        /// The instance is gone; what comes now will never run.
        var isClosed = false
    }

    /// Jobs of one call into the plugin; those beyond it wait for a turn of their own, so that the
    /// host's other calls come in between.
    private static let jobsPerTurnMax = 1_024

    let table: UnsafePointer<sluice_exec_api>
    private let queue = Mutex(Queue())

    init(_ table: UnsafePointer<sluice_exec_api>) {
        unsafe self.table = unsafe table
    }

    /// The host's monotonic clock, in nanoseconds.
    ///
    /// Any thread.
    public var now: UInt64 {
        guard let clock = unsafe table.pointee.now_ns else { return 0 }
        return unsafe clock(table)
    }

    /// Whether the caller is on the lane.
    ///
    /// Any thread.
    public var isCurrent: Bool {
        guard let here = unsafe table.pointee.here else { return false }
        return unsafe here(table) == SLUICE_ON_LANE
    }

    /// Runs `body` on the lane, in the order of this thread's posts.
    ///
    /// Any thread.
    ///
    /// Inside a plugin's actor `body` belongs to the actor: `lane.post { self.count += 1 }`. From
    /// elsewhere use `Plugin.post`, which lends the plugin. After the instance has stopped, `body`
    /// is dropped.
    public func post(
        @_inheritActorContext @_implicitSelfCapture
        _ body: sending @escaping @isolated(any) () async -> Void
    ) {
        Task(executorPreference: self) { await body() }
    }

    /// Takes a job of the Swift runtime.
    ///
    /// Any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isUnheard = queue.withLock { queue in
            if queue.isClosed { return false }
            queue.jobs.append(job)
            if queue.isInside || queue.isPosted { return false }
            queue.isPosted = true
            return true
        }
        if isUnheard { callForTurn() }
    }

    /// Whether the caller is isolated to the lane, for the Swift runtime.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Stops the program when the caller is not on the lane.
    public func checkIsolated() {
        precondition(isCurrent, "called on another thread than the instance's lane")
    }

    /// Calls into the plugin, then runs what that has made ready.
    ///
    /// On the lane.
    func enter<Answer, Failure: Error>(
        _ body: () throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let isOutermost = queue.withLock { queue in
            defer { queue.isInside = true }
            return !queue.isInside
        }
        defer { if isOutermost { runWaiting() } }
        return try body()
    }

    /// Whether nothing waits for the lane.
    var isIdle: Bool { queue.withLock { $0.jobs.isEmpty } }

    /// Takes nothing any more: the host's tables are about to go.
    func close() {
        queue.withLock { $0.isClosed = true }
    }

    private func runWaiting() {
        var rest = Self.jobsPerTurnMax
        while true {
            let jobs = queue.withLock { queue -> [UnownedJob] in
                guard rest > 0, !queue.jobs.isEmpty else {
                    queue.isInside = false
                    return []
                }
                defer { queue.jobs.removeAll(keepingCapacity: true) }
                return queue.jobs
            }
            if jobs.isEmpty { break }
            rest -= jobs.count
            for index in jobs.indices {
                unsafe jobs[index].runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(),
                    taskExecutor: asUnownedTaskExecutor()
                )
            }
        }
        let isLeft = queue.withLock { queue in
            if queue.jobs.isEmpty || queue.isPosted || queue.isClosed { return false }
            queue.isPosted = true
            return true
        }
        if isLeft { callForTurn() }
    }

    /// Asks the host for a call on the lane.
    private func callForTurn() {
        guard let post = unsafe table.pointee.post else { return }
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        if unsafe post(table, takeTurn, context) >= 0 { return }
        unsafe Unmanaged<Lane>.fromOpaque(context).release()
        // LIMIT: so many calls wait already that the next of them runs the jobs. GONE: nobody will.
        queue.withLock { $0.isPosted = false }
    }

    fileprivate func turn(_ why: sluice_status) {
        queue.withLock { $0.isPosted = false }
        if why == SLUICE_OK { enter {} }
    }
}

private func takeTurn(_ context: UnsafeMutableRawPointer?, _ why: sluice_status) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<Lane>.fromOpaque(context).takeRetainedValue().turn(why)
}

extension Lane {
    /// Says that what `drain` had announced is over.
    func drained() {
        if let drained = unsafe table.pointee.drained { unsafe drained(table) }
    }

    /// Says that what `stop` had announced is over.
    func stopped() {
        if let stopped = unsafe table.pointee.stopped { unsafe stopped(table) }
    }
}
