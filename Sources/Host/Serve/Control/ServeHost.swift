package import SluiceBase
package import SluiceConfig
internal import SluiceEpoll
internal import SluiceExtensions
internal import SluiceRing
package import SluiceTelemetry
internal import SluiceUpstreams
internal import Synchronization

/// All workers of the process and their compiler thread: started, published to, drained, joined.
package final class ServeHost: Sendable {
    package let publisher: Publisher
    /// Where the keys of session tickets are published.
    package let tickets: TicketBoard
    /// How the workers reach the kernel, for people: `io_uring (…)` or `epoll`.
    package var io: String { mode.withLock { $0 } }
    private let desks: [Desk]
    private let choice: IOChoice
    private let limits: Limits
    private let terms: WorkerTerms
    private let counters: [WorkerCounters]
    private let threads = Mutex<[Thread]>([])
    private static let notStarted = "not started"
    private let mode = Mutex(ServeHost.notStarted)
    private let failure = Mutex<String?>(nil)
    private let hasReportedRefusal = Mutex(false)
    /// The processors that the workers are kept on, one each; empty: they may run on any.
    private let processors: [Int]

    /// One worker for each block of `counters`.
    ///
    /// Throws when descriptors run out.
    package init(
        io choice: IOChoice,
        limits: Limits,
        forwarding: ForwardingTerms,
        counters: [WorkerCounters],
        onInstalled: @escaping @Sendable (UInt64, Bool) -> Void
    ) throws(Errno) {
        let control = try Inbox()
        let installed = Published<Installation>()
        let tickets = try TicketBoard()
        var desks: [Desk] = []
        for worker in counters.indices {
            desks.append(
                try Desk(
                    worker: worker,
                    inbox: Inbox(),
                    installed: installed,
                    tickets: tickets,
                    control: control
                )
            )
        }
        self.tickets = tickets
        self.choice = choice
        self.limits = limits
        terms = WorkerTerms(
            limits: limits,
            forwarding: forwarding,
            health: try EndpointHealth(endpointsMax: limits.endpointsMax)
        )
        self.counters = counters
        self.desks = desks
        processors = Self.spread(ProcessFacts.processors(), over: desks.count)
        publisher = Publisher(
            desks: desks,
            installed: installed,
            inbox: control,
            onInstalled: onInstalled
        )
    }

    /// A processor for each worker, evenly spread; none when there are fewer of them.
    private static func spread(_ processors: [Int], over workers: Int) -> [Int] {
        guard workers <= processors.count else { return [] }
        return (0..<workers).map { processors[$0 * processors.count / workers] }
    }

    /// Starts the workers and the compiler thread.
    package func start(_ terms: Publisher.Terms) throws(Errno) {
        for desk in desks {
            Services.process.attach(
                worker: desk.worker,
                inbox: desk.inbox,
                exchanges: limits.connectionsPerWorkerMax
            )
            Filters.process.attach(
                worker: desk.worker,
                filters: limits.filtersPerWorkerMax,
                terms: FilterTerms(
                    headBytesMax: limits.headerBytesMax,
                    bodyBytesMax: limits.filterHeldBytesMax
                )
            )
        }
        let compiler = try publisher.start(terms)
        threads.withLock { $0.append(compiler) }
        for desk in desks {
            let worker = try Thread(name: "worker-\(desk.worker)") { self.work(desk) }
            threads.withLock { $0.append(worker) }
        }
        awaitKernel()
    }

    /// Until it is known how the workers reach the kernel, or that they cannot.
    private func awaitKernel() {
        var pause = Poller()
        while io == Self.notStarted, trouble == nil { pause.wait(milliseconds: 1) }
    }

    /// Has all workers end their connections after the next reply, and serve on.
    package func announceDrain() {
        for desk in desks { desk.announceDrain() }
    }

    /// Asks all workers to finish and to end by `deadline` (monotonic nanoseconds).
    package func drain(deadline: UInt64) {
        for desk in desks { desk.drain(deadline: deadline) }
    }

    /// Whether every worker has ended.
    package var isDrained: Bool { desks.allSatisfy { $0.ended.acquire() == 1 } }

    /// Why a worker could not serve; nil while all is well.
    package var trouble: String? { failure.withLock { $0 } }

    /// Ends the compiler thread and waits for all threads; the workers have been drained.
    package func join() {
        publisher.stop()
        let all = threads.withLock { threads in
            let all = threads
            threads = []
            return all
        }
        for thread in all { thread.join() }
    }

    private func work(_ desk: Desk) {
        Thread.becomeWorker(desk.worker)
        if desk.worker < processors.count { Thread.stay(on: processors[desk.worker]) }
        do {
            let receive = try Arena(
                count: limits.receiveBuffersPerWorker,
                size: limits.receiveBufferBytes
            )
            if let ring = try ring(receive) {
                try serve(desk, ring, receive)
            } else {
                let epoll = try Epoll(
                    entries: UInt32(limits.ringEntries),
                    arena: receive,
                    reserved: Buffers.reserved(receive.count)
                )
                mode.withLock { $0 = "epoll" }
                try serve(desk, epoll, receive)
            }
        } catch {
            failure.withLock { $0 = "worker \(desk.worker): \(error)" }
            Log.error("a worker cannot serve", "worker", "\(desk.worker)", "error", "\(error)")
        }
        desk.ended.release(1)
        desk.sockets.closeUntaken()
        desk.control.wake()
    }

    private func serve<P: Port & ~Copyable>(
        _ desk: Desk,
        _ port: consuming P,
        _ receive: Arena
    ) throws(Errno) {
        var worker = try Worker(
            port: port,
            receive: receive,
            terms: terms,
            counters: counters[desk.worker],
            desk: desk
        )
        try worker.run()
    }

    /// A ring, or nil when the worker is to serve by epoll.
    private func ring(_ receive: Arena) throws(UringRequired) -> Ring? {
        guard choice != .epoll else { return nil }
        do throws(RingRefusal) {
            let ring = try Ring(
                entries: UInt32(limits.ringEntries),
                arena: receive,
                reserved: Buffers.reserved(receive.count)
            )
            mode.withLock { $0 = "io_uring (\(ring.mode.rawValue))" }
            return ring
        } catch {
            guard choice == .auto else { throw UringRequired(refusal: error) }
            report(error)
            return nil
        }
    }

    /// Once, whichever worker is refused first.
    private func report(_ refusal: RingRefusal) {
        let isFirst = hasReportedRefusal.withLock { isReported in
            defer { isReported = true }
            return !isReported
        }
        guard isFirst else { return }
        Log.warn("the workers serve by epoll", "reason", "\(refusal)")
    }
}

/// The configuration insists on what the kernel refuses.
private struct UringRequired: Error, CustomStringConvertible {
    let refusal: RingRefusal

    var description: String {
        "/io: uring is configured, but \(refusal); allow it, or set `io: auto` or `io: epoll`"
    }
}

/// How the descriptors of the process are shared: connections of all workers together stay below
/// the limit of the process, so that a flood of them leaves the others what they need.
package enum DescriptorShare {
    /// Descriptors kept for everything but connections: listening sockets, rings, files, the admin
    /// API, plugins.
    package static let reserve = 64
    /// The least that a worker is given of either kind.
    private static let connectionsMin = 16

    /// `limits` with connections lowered to what `descriptors` allow, and a sentence if they were.
    package static func fit(
        _ limits: Limits,
        workers: Int,
        descriptors: Int
    ) -> (limits: Limits, warning: String?) {
        let downstream = limits.connectionsPerWorkerMax
        let upstream = limits.upstreamConnectionsPerWorkerMax
        let share = max(0, descriptors - reserve) / max(1, workers)
        guard downstream + upstream > share else { return (limits, nil) }
        var fitted = limits
        fitted.connectionsPerWorkerMax = max(
            connectionsMin,
            min(downstream, share * downstream / (downstream + upstream))
        )
        fitted.upstreamConnectionsPerWorkerMax = max(
            connectionsMin,
            min(upstream, share - fitted.connectionsPerWorkerMax)
        )
        let warning =
            "the process may open \(descriptors) descriptors (RLIMIT_NOFILE), of which \(reserve)"
            + " are reserved: limits.connectionsPerWorkerMax is lowered from \(downstream) to"
            + " \(fitted.connectionsPerWorkerMax) and limits.upstreamConnectionsPerWorkerMax from"
            + " \(upstream) to \(fitted.upstreamConnectionsPerWorkerMax)"
        return (fitted, warning)
    }
}
