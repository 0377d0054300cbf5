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
    enum Phase: Sendable {
        case starting
        case serving
        case draining
        case stopped
    }

    let configuration: HostConfiguration
    let serve: ServeHost
    let plugins: PluginHost
    let counters: [WorkerCounters]
    let process = ProcessMetrics()
    /// Woken when the phase changes.
    let wake: Inbox
    private let life: LifeThread
    private let state = Mutex((phase: Phase.starting, failure: String?.none))

    /// Makes everything and starts nothing but the life thread.
    init(_ configuration: HostConfiguration) throws(Errno) {
        let installed = Installed()
        var counters: [WorkerCounters] = []
        for _ in 0..<configuration.workers { counters.append(try WorkerCounters()) }
        let serve = try ServeHost(
            io: configuration.io,
            limits: configuration.limits,
            counters: counters,
            onInstalled: { installed.tell(generation: $0, isSettled: $1) }
        )
        var environment = HostEnvironment(
            stateDirectory: configuration.stateDirectory,
            configurationDirectory: configuration.directory,
            workers: configuration.workers
        )
        environment.limits = configuration.limits
        plugins = PluginHost(
            configurations: configuration.plugins,
            environment: environment,
            hooks: Hooks(submit: { serve.publisher.submit($0) })
        )
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

    /// The time that a drain may take, for people.
    var drainLimit: String { TimeSpan.text(configuration.limits.drainNanoseconds) }

    /// [any] Why the process has to end; nil while all is well.
    var failure: String? { state.withLock { $0.failure } ?? serve.trouble }

    private func enter(_ phase: Phase, failure: String? = nil) {
        state.withLock { state in
            state.phase = phase
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
            HostListeners(configuration.listeners).publish(
                mounts: plugins.reports,
                submit: { serve.publisher.submit($0) }
            )
            _ = plugins.start()
            Log.info("the host serves", "workers", "\(configuration.workers)", "io", serve.io)
            enter(.serving)
        }
    }

    /// Asks every source to tell its world anew.
    func resync() {
        life.run { [self] in
            guard phase == .serving else { return }
            _ = plugins.resync()
        }
    }

    /// Finishes what runs, at most as long as `limits.drain`, then stops plugins and threads.
    func stop() {
        let deadline = Clock.now() + UInt64(configuration.limits.drainNanoseconds)
        state.withLock { $0.phase = .draining }
        life.run { [self] in
            serve.drain(deadline: deadline)
            waitUntilDrained(deadline)
            plugins.drain(deadlineNanoseconds: deadline)
            _ = plugins.stop()
            serve.join()
            enter(.stopped)
        }
    }

    /// A worker ends by itself at the deadline; a stuck one must not keep the process.
    private func waitUntilDrained(_ deadline: UInt64) {
        var pause = Poller()
        while !serve.isDrained, Clock.now() < deadline + Clock.nanosecondsPerSecond {
            pause.wait(milliseconds: 5)
        }
    }

    private var terms: Publisher.Terms {
        Publisher.Terms(
            instanceOrder: [HostListeners.instance] + plugins.instanceOrder,
            services: configuration.services(slots: plugins.serviceSlots),
            requestTimeoutNanoseconds: Limits.span(
                configuration.limits.requestTimeoutNanoseconds
            ),
            limits: configuration.limits
        )
    }
}

/// Tells the plugins what the workers route by; made before either of them.
private final class Installed: Sendable {
    let plugins = Mutex<PluginHost?>(nil)

    func tell(generation: UInt64, isSettled: Bool) {
        plugins.withLock(\.self)?.installed(generation: generation, settled: isSettled)
    }
}
