internal import SluiceAdmin
internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceServe
internal import SluiceTelemetry
internal import Synchronization

/// Everything that runs: workers, compiler thread, plugins.
///
/// Its steps wait for plugins, so they run on the life thread, one at a time; the control thread
/// keeps answering meanwhile and looks at `phase`.
final class RunningHost: Sendable {
    /// How far the process has come, in order.
    enum Phase: Int, Sendable {
        case starting
        case serving
        case draining
        case stopped
    }

    let configuration: HostConfiguration
    let serve: ServeHost
    let plugins: PluginHost
    /// What the host itself publishes.
    let source: HostSource
    let counters: [WorkerCounters]
    let process = ProcessMetrics()
    /// Woken when the phase changes.
    let wake: Inbox
    private let life: LifeThread
    private let state = Mutex(State())

    private struct State {
        var phase = Phase.starting
        var failure: String?
        /// When the notice of a drain ends; nil before a drain and after its notice.
        var noticeEnd: UInt64?
    }

    /// Makes everything and starts nothing but the life thread.
    init(_ configuration: HostConfiguration, _ crashes: CrashRecord) throws(Errno) {
        let installed = Installed()
        var counters: [WorkerCounters] = []
        for _ in 0..<configuration.workers { counters.append(try WorkerCounters()) }
        let serve = try ServeHost(
            io: configuration.io,
            limits: configuration.limits,
            forwarding: configuration.forwarding,
            counters: counters,
            onInstalled: { installed.notify(generation: $0, isSettled: $1) }
        )
        var environment = HostEnvironment(
            stateDirectory: configuration.stateDirectory,
            configurationDirectory: configuration.directory,
            workers: configuration.workers
        )
        environment.limits = configuration.limits
        environment.recentCrashes = crashes.recent(now: Clock.unixSecond())
        plugins = PluginHost(
            configurations: configuration.plugins,
            environment: environment,
            hooks: Hooks(submit: { serve.publisher.submit($0) })
        )
        source = HostSource(configuration, tickets: serve.tickets) { serve.publisher.submit($0) }
        self.configuration = configuration
        self.counters = counters
        self.serve = serve
        wake = try Inbox()
        life = try LifeThread()
        try life.start()
        installed.plugins.withLock { $0 = plugins }
    }

    /// [any] How far the process has come.
    var phase: Phase { state.withLock { $0.phase } }

    /// [any] Why the process has to end; nil while all is well.
    var failure: String? { state.withLock { $0.failure } ?? serve.trouble }

    private func enter(_ phase: Phase, failure: String? = nil) {
        state.withLock { state in
            // A drain that was requested during the start is not undone.
            if phase.rawValue > state.phase.rawValue { state.phase = phase }
            state.failure = state.failure ?? failure
        }
        wake.wake()
    }
}

// The steps, in the order of a life.
extension RunningHost {
    /// Loads the plugins, starts workers and the host's listeners, then the plugins.
    ///
    /// What fails of a plugin was logged by the plugin host, and the rest starts.
    func start() {
        life.run { [self] in
            _ = plugins.load()
            do throws(Errno) {
                try serve.start(terms)
            } catch {
                return enter(.stopped, failure: "the workers cannot start: \(error)")
            }
            source.start(mounts: plugins.reports)
            _ = plugins.start()
            Log.info("the host serves", "workers", "\(configuration.workers)", "io", serve.io)
            enter(.serving)
        }
    }

    /// [control] Looks whether files that the configuration names were replaced.
    func look() {
        guard phase == .serving else { return }
        source.look(mounts: plugins.reports)
    }

    /// Drains and ends: a notice in which new connections are still served and each reply ends
    /// its connection, then what runs finishes, at most as long as `limits.drain`.
    ///
    /// Whether the drain begins now.
    @discardableResult
    func stop(withNotice: Bool) -> Bool {
        let limits = configuration.limits
        let notice = withNotice ? limits.drainNoticeNanoseconds : 0
        let hasBegun = state.withLock { state in
            guard state.phase.rawValue < Phase.draining.rawValue else { return false }
            state.phase = .draining
            state.noticeEnd = Clock.deadline(Clock.now(), after: notice)
            return true
        }
        guard hasBegun else { return false }
        Log.info(
            "the host drains",
            "notice",
            TimeSpan.text(notice),
            "limit",
            TimeSpan.text(limits.drainNanoseconds)
        )
        serve.announceDrain()
        life.run { [self] in
            awaitNotice()
            let deadline = Clock.deadline(Clock.now(), after: limits.drainNanoseconds)
            serve.drain(deadline: deadline)
            waitUntilDrained(deadline)
            plugins.drain(deadlineNanoseconds: deadline)
            _ = plugins.stop()
            serve.join()
            enter(.stopped)
        }
        return true
    }

    /// Ends the notice of a drain at once; whether it was still under way.
    func endNotice() -> Bool {
        state.withLock { state in
            defer { state.noticeEnd = nil }
            return state.noticeEnd != nil
        }
    }

    private func awaitNotice() {
        var pause = Poller()
        while let end = state.withLock(\.noticeEnd), Clock.now() < end {
            pause.wait(milliseconds: Self.lookMilliseconds)
        }
        state.withLock { $0.noticeEnd = nil }
    }

    /// A worker ends by itself at the deadline; a stuck one must not keep the process.
    private func waitUntilDrained(_ deadline: UInt64) {
        let end = Clock.deadline(deadline, after: Int(Clock.nanosecondsPerSecond))
        var pause = Poller()
        while !serve.isDrained, Clock.now() < end {
            pause.wait(milliseconds: Self.lookMilliseconds)
        }
    }

    /// How often the life thread looks whether a wait is over.
    private static let lookMilliseconds: Int32 = 5

    private var terms: Publisher.Terms {
        let roster = plugins.roster
        return Publisher.Terms(
            instanceOrder: roster.instanceOrder,
            services: roster.services,
            filters: roster.filters,
            requestTimeoutNanoseconds: Limits.span(
                configuration.limits.requestTimeoutNanoseconds
            ),
            limits: configuration.limits
        )
    }
}

/// Notifies the plugins of what the workers route by; made before either of them.
private final class Installed: Sendable {
    let plugins = Mutex<PluginHost?>(nil)

    func notify(generation: UInt64, isSettled: Bool) {
        plugins.withLock(\.self)?.installed(generation: generation, settled: isSettled)
    }
}

/// The thread on which the host's own steps wait for plugins: one step after the other.
///
/// It lives as long as the process.
final class LifeThread: Sendable {
    private let inbox: Inbox
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    /// Throws the error of eventfd(2) or pthread_create(3).
    init() throws(Errno) {
        inbox = try Inbox()
    }

    /// Starts the thread.
    func start() throws(Errno) {
        _ = try Thread(name: "life") { self.work() }
    }

    /// [any] Runs a step after those that wait.
    func run(_ step: @escaping @Sendable () -> Void) {
        waiting.withLock { $0.append(step) }
        inbox.wake()
    }

    private func work() {
        while true {
            let steps = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for step in steps { step() }
            guard steps.isEmpty else { continue }
            inbox.await()
        }
    }
}

// SIGHUP and POST /reload.
extension RunningHost {
    /// [any] Reloads by the life thread, and tells what came of it.
    func reload(then: @escaping @Sendable (ReloadReport) -> Void) {
        life.run { [self] in
            then(reload())
        }
    }

    /// The instances become what the file says, sources that have not changed publish everything
    /// again, and all files are read again.
    ///
    /// What else has changed in the file is named when it requires a restart; a file with a problem
    /// changes nothing.
    private func reload() -> ReloadReport {
        guard phase == .serving else {
            return ReloadReport(summary: "nothing is reloaded: the host does not serve")
        }
        source.look(mounts: plugins.reports, again: true)
        var report = ReloadReport(summary: "every source publishes again")
        var sources: [String]?
        do throws(ConfigFailure) {
            var new = try HostConfiguration.read(configuration.path)
            new.limits = DescriptorShare.process(new).limits
            Log.threshold.set(new.logLevel)
            report.restart = configuration.changes(to: new)
            let changes = plugins.change(to: new.plugins) { [self] roster, then in
                source.publish(roster, mounts: plugins.reports, then: then)
            }
            report.plugins = changes.outcomes
            report.problems = changes.problems.map(\.description)
            sources = changes.unchangedSources
        } catch {
            report.problems = error.problems.map(\.description)
            for problem in report.problems { Log.error(problem) }
        }
        report.problems += plugins.resync(only: sources).map(\.description)
        report.summarize()
        return report
    }
}

extension ReloadReport {
    /// Puts into words what was changed and what was not.
    fileprivate mutating func summarize() {
        for (name, outcome) in plugins.sorted(by: { $0.key < $1.key }) {
            summary += "; plugin \(name) is \(outcome)"
        }
        if !restart.isEmpty {
            summary +=
                "; changed, and in force only after a restart: \(restart.joined(separator: ", "))"
        }
        if !isWhole { summary += "; problems: \(problems.count)" }
    }
}

extension HostConfiguration {
    /// The keys of the file that differ and do not change while serving.
    fileprivate func changes(to new: HostConfiguration) -> [String] {
        let pairs: [(key: String, isEqual: Bool)] = [
            ("workers", workers == new.workers),
            ("io", io == new.io),
            ("stateDir", stateDirectory == new.stateDirectory),
            ("admin", admin == new.admin),
            ("tls", tls == new.tls),
            ("listeners", listeners == new.listeners),
            ("trustedProxies and forwarding", forwarding == new.forwarding),
            ("limits", limits == new.limits),
        ]
        return pairs.filter { !$0.isEqual }.map(\.key)
    }
}
