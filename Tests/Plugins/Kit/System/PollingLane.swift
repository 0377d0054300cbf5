import Glibc
import SluiceKit
import Synchronization

/// A lane for tests: one thread that runs jobs and watches real descriptors with poll(2).
final class PollingLane: TaskExecutor, DescriptorWatching, @unchecked Sendable {
    private let inbox = Mutex<(jobs: [UnownedJob], isStopped: Bool)>(([], false))
    private let bell: [Int32]
    /// Of the thread alone.
    private var watches: [ObjectIdentifier: PolledWatch] = [:]
    private var ending: [PolledWatch] = []

    init() {
        var ends: [Int32] = [-1, -1]
        unsafe pipe(&ends)
        bell = ends
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        unsafe pthread_create(&thread, nil, runLane, context)
        pthread_detach(thread)
    }

    deinit {
        for end in bell { close(end) }
    }

    /// Runs a body on a lane of its own, which then ends.
    static func run<Answer: Sendable>(
        _ body: @escaping @Sendable (PollingLane) async throws -> Answer
    ) async throws -> Answer {
        let lane = PollingLane()
        defer { lane.stop() }
        return try await Task(executorPreference: lane) { try await body(lane) }.value
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        inbox.withLock { $0.jobs.append(job) }
        ring()
    }

    private func stop() {
        inbox.withLock { $0.isStopped = true }
        ring()
    }

    private func ring() {
        var byte: UInt8 = 0
        _ = unsafe write(bell[1], &byte, 1)
    }

    func watch(
        fd: Int32,
        for events: Readiness,
        ended: @escaping () -> Void,
        _ body: @escaping (Readiness) -> Void
    ) throws(PluginError) -> PolledWatch {
        let watch = PolledWatch(self, fd, Int16(truncatingIfNeeded: events.rawValue), ended, body)
        watches[ObjectIdentifier(watch)] = watch
        return watch
    }

    /// Ends all watches as a host does whose instance has stopped.
    func loseWatches() {
        let lost = watches.values
        watches = [:]
        for watch in lost { watch.ended() }
    }

    /// Ends a watch, later, as a host does.
    fileprivate func end(_ watch: PolledWatch) {
        if watches.removeValue(forKey: ObjectIdentifier(watch)) != nil { ending.append(watch) }
    }

    fileprivate func turn() {
        while true {
            let (jobs, isStopped) = inbox.withLock { inbox in
                defer { inbox.jobs = [] }
                return inbox
            }
            for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
            let ended = ending
            ending = []
            for watch in ended { watch.ended() }
            if isStopped { return }
            if jobs.isEmpty { waitForDescriptors() }
        }
    }

    private func waitForDescriptors() {
        let watched = Array(watches.values)
        var polled = [pollfd(fd: bell[0], events: Int16(POLLIN), revents: 0)]
        polled += watched.map { pollfd(fd: $0.fd, events: $0.events, revents: 0) }
        unsafe poll(&polled, nfds_t(polled.count), -1)
        var byte: UInt8 = 0
        if polled[0].revents != 0 { _ = unsafe read(bell[0], &byte, 1) }
        for (watch, polled) in zip(watched, polled.dropFirst()) where polled.revents != 0 {
            guard watches[ObjectIdentifier(watch)] != nil else { continue }
            watch.body(Readiness(rawValue: UInt32(UInt16(bitPattern: polled.revents))))
        }
    }
}

/// A descriptor that a polling lane watches.
final class PolledWatch: DescriptorWatch {
    fileprivate let fd: Int32
    fileprivate let events: Int16
    fileprivate let ended: () -> Void
    fileprivate let body: (Readiness) -> Void
    private let lane: PollingLane

    fileprivate init(
        _ lane: PollingLane,
        _ fd: Int32,
        _ events: Int16,
        _ ended: @escaping () -> Void,
        _ body: @escaping (Readiness) -> Void
    ) {
        self.lane = lane
        self.fd = fd
        self.events = events
        self.ended = ended
        self.body = body
    }

    func cancel() {
        lane.end(self)
    }
}

private func runLane(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<PollingLane>.fromOpaque(context).takeRetainedValue().turn()
    return nil
}
