internal import Glibc
internal import SluiceBase
package import SluiceConfig
internal import Synchronization

/// All plugins of the process: loads them, runs their lives, and shows how they are.
///
/// Called from the control thread, one call at a time; reports may be read by any thread.
/// Plugin code runs on lanes, so a plugin that hangs costs its deadline and nothing else.
package final class PluginHost: Sendable {
    let environment: HostEnvironment
    let hooks: Hooks
    let pool: Pool
    let state: Mutex<State>

    struct State {
        /// What the instances run by, those that failed included.
        var configurations: [PluginConfiguration]
        var instances: [Instance] = []
        var failures: [String: PluginFailure] = [:]
        /// Instances that have been replaced or removed and have not ended yet.
        var retiring: [Instance] = []
        /// The newest generation that all workers route by, and the one with no exchange of an
        /// older one left.
        var adopted: UInt64 = 0
        var settled: UInt64 = 0
        /// Service slots that nothing is routed to any more.
        var leaving: [LeavingSlot] = []
    }

    package init(
        configurations: [PluginConfiguration],
        environment: HostEnvironment,
        hooks: Hooks
    ) {
        state = Mutex(State(configurations: configurations))
        self.environment = environment
        self.hooks = hooks
        pool = Pool(
            threadsMax: environment.limits.poolThreads,
            queueMax: environment.limits.poolQueueMax
        )
        Exchanges.creditMax.set(UInt64(environment.limits.serviceAnswerBufferBytesMax))
    }

    /// The services for workers; the table of this process.
    package var services: Services { Services.process }

    /// What the instances run by, in the order of the configuration, those that failed included.
    package var configurations: [PluginConfiguration] { state.withLock { $0.configurations } }

    /// Instance names in the order of the configuration, those that failed included.
    package var instanceOrder: [String] { configurations.map(\.name) }

    var instances: [Instance] { state.withLock { $0.instances } }

    /// Each configuration with its instance and its failure, where there is one.
    var configured: [(PluginConfiguration, Instance?, PluginFailure?)] {
        let (configurations, instances, failures) = state.withLock { state in
            (state.configurations, state.instances, state.failures)
        }
        return configurations.map { configuration in
            let name = configuration.name
            return (configuration, instances.first { $0.name == name }, failures[name])
        }
    }

    /// Loads and creates every configured instance; one that fails does not stop the others.
    package func load() -> [PluginFailure] {
        var loading = Loading(environment: environment, hooks: hooks, pool: pool)
        for configuration in configurations {
            do throws(PluginFailure) {
                let instance = try loading.load(configuration, beside: instances)
                state.withLock { $0.instances.append(instance) }
            } catch {
                note(error)
            }
        }
        return failures
    }

    /// What failed so far, in the order of the configuration.
    package var failures: [PluginFailure] {
        let known = state.withLock { $0.failures }
        return configurations.compactMap { known[$0.name] }
    }

    /// Starts services, then tasks, then sources; returns everything that failed so far.
    ///
    /// One that fails is destroyed. One that does not return in time counts as failed until it
    /// does: then it serves.
    package func start() -> [PluginFailure] {
        Watchdog(environment.limits) { [weak self] in self?.instances ?? [] }.start()
        let timeout = environment.limits.pluginStartTimeoutNanoseconds
        for instance in startOrder where instance.state == .created {
            instance.become(.starting)
            run("start", instance, timeout) { [self] instance throws(PluginRefusal) in
                try instance.start()
                forget("start", of: instance)
            }
            guard instance.state == .failed else { continue }
            let missing = instance.end(by: Clock.after(UInt64(timeout), from: Clock.now()))
            instance.become(.failed)
            keep(instance, missing, after: 0)
        }
        return failures
    }

    /// A step that was said to have failed has ended well, too late.
    private func forget(_ step: String, of instance: Instance) {
        let wasFailed = state.withLock { state in
            guard state.failures[instance.name]?.step == step else { return false }
            state.failures[instance.name] = nil
            return true
        }
        guard wasFailed else { return }
        instance.shown.withLock { $0.lastError = "" }
        Log.info("plugin \(instance.name): \(step): it has returned after all and serves")
    }

    /// POST /reload, and the one publish of a check: every source lists again and publishes.
    ///
    /// Returns what failed this time. It is logged and shown, and does not touch readiness: what
    /// was published before goes on serving.
    /// `only`: those of these names; nil: all.
    package func resync(only names: [String]? = nil) -> [PluginFailure] {
        let timeout = environment.limits.pluginStartTimeoutNanoseconds
        let sources = instances.filter { $0.isSource && names?.contains($0.name) != false }
        return sources.compactMap { instance in
            attempt("resync", instance, timeout) {
                instance throws(PluginRefusal) in try instance.resync()
            }
        }
    }

    /// Tells every source that all workers route by `generation`; `settled`: and that no exchange
    /// of an older one is left.
    package func installed(generation: UInt64, settled: Bool) {
        state.withLock { state in
            state.adopted = max(state.adopted, generation)
            if settled { state.settled = max(state.settled, generation) }
        }
        releaseSettled()
        for instance in instances where instance.isSource {
            instance.lane.run { instance.installed(generation, isSettled: settled) }
        }
    }

    /// Services, tasks, sources; within a group as configured.
    private var startOrder: [Instance] {
        let all = instances
        let services = all.filter { $0.serviceSlot != nil && !$0.isSource }
        let tasks = all.filter { $0.serviceSlot == nil && !$0.isSource }
        return services + tasks + all.filter(\.isSource)
    }

    func note(_ failure: PluginFailure) {
        Log.error(failure.description)
        state.withLock { $0.failures[failure.instance] = failure }
    }

    /// Runs one step of a life on the lane, with a deadline; notes a failure.
    private func run(
        _ step: String,
        _ instance: Instance,
        _ timeout: Int,
        _ body: @escaping @Sendable (Instance) throws(PluginRefusal) -> Void
    ) {
        if let failure = attempt(step, instance, timeout, body) {
            // A late start may have ended well in the meantime.
            let isLate = step == "start" && instance.state == .started
            if step == "start", failure.isRefusal { instance.become(.failed) }
            if !isLate { state.withLock { $0.failures[failure.instance] = failure } }
        }
    }

    /// Runs one step and logs its failure.
    func attempt(
        _ step: String,
        _ instance: Instance,
        _ timeout: Int,
        _ body: @escaping @Sendable (Instance) throws(PluginRefusal) -> Void
    ) -> PluginFailure? {
        do throws(PluginFailure) {
            try Step(name: step, timeoutNanoseconds: UInt64(timeout)).run(instance, body)
            return nil
        } catch {
            Log.error(error.description)
            instance.shown.withLock { $0.lastError = error.text }
            return error
        }
    }
}

/// The end of all lives.
extension PluginHost {
    /// Tells every instance that no new work will come, in reverse order, and waits until all are
    /// idle or `deadlineNanoseconds` (monotonic, absolute) has come.
    package func drain(deadlineNanoseconds: UInt64) {
        drain(startOrder.reversed(), by: deadlineNanoseconds)
    }

    /// The same for some of them.
    func drain(_ instances: [Instance], by deadlineNanoseconds: UInt64) {
        let order = instances.filter { !$0.isStopped }
        for instance in order {
            instance.lane.run {
                if instance.drain(deadlineNanoseconds) { instance.drained.open() }
            }
        }
        for instance in order {
            let now = Clock.now()
            let rest = deadlineNanoseconds > now ? deadlineNanoseconds - now : 0
            if !instance.drained.wait(rest) {
                Log.warn("plugin \(instance.name) did not drain before the deadline")
            }
        }
    }

    /// Stops and destroys every instance in reverse order; returns those that hung.
    package func stop() -> [PluginFailure] {
        for instance in startOrder.reversed() {
            guard let failure = finish(instance, after: 0) else { continue }
            state.withLock { $0.failures[failure.instance] = failure }
        }
        awaitRetiring()
        return failures.filter { $0.step == "stop" }
    }

    /// [not the lane] Stops an instance and destroys it; what hung, if something did.
    ///
    /// Its slots are free once no exchange is left of the generations before `generation`; nil: that
    /// is said later.
    func finish(_ instance: Instance, after generation: UInt64?) -> PluginFailure? {
        // One that failed to start has ended already.
        guard !instance.isStopped else { return nil }
        let timeout = environment.limits.pluginStopTimeoutNanoseconds
        let deadline = Clock.after(UInt64(timeout), from: Clock.now())
        endCalls(of: instance, by: deadline)
        let failure = attempt("stop", instance, timeout) { instance in
            if instance.stop(deadline) { instance.ended.open() }
        }
        let now = Clock.now()
        if failure == nil, !instance.ended.wait(deadline > now ? deadline - now : 0) {
            Log.warn("plugin \(instance.name): it did not call stopped() before the deadline")
        }
        let missing = instance.end(by: Clock.after(UInt64(timeout), from: Clock.now()))
        keep(instance, missing, after: generation)
        return failure
    }

    /// Open calls get their end before the plugin stops.
    private func endCalls(of instance: Instance, by deadline: UInt64) {
        for slot in instance.slots { services.end(slot) }
        if let slot = instance.filterSlot { Filters.process.end(slot) }
        while instance.openCalls > 0, Clock.now() < deadline { _ = poll(nil, 0, 1) }
    }

    /// Ends the lane of an instance that was destroyed; one that could not be stays in memory.
    private func keep(_ instance: Instance, _ missing: [String], after generation: UInt64?) {
        guard missing.isEmpty else {
            let text = missing.joined(separator: ", ")
            Log.warn("plugin \(instance.name) stays in memory: it has not got back \(text)")
            return
        }
        for slot in instance.slots { release(.service(slot), of: nil, after: generation) }
        if let slot = instance.filterSlot { release(.filter(slot), of: nil, after: generation) }
        instance.close(within: UInt64(environment.limits.pluginStopTimeoutNanoseconds))
    }
}

/// What the plugin host needs to know about the process it runs in.
package struct HostEnvironment: Sendable {
    /// The folder in which each instance has one of its own.
    package var stateDirectory: String
    /// Absolute; relative library paths start there, and plugins are given it.
    package var configurationDirectory: String
    package var workers: Int
    package var limits = Limits()
    /// Where `lib<name>.so` is looked for; the folder of the binary unless changed.
    package var libraryDirectories: [String] = [LibraryPath.besideBinary()]
    /// The binary that is started for a trial load.
    package var executable = ownBinary
    /// `sluice check`: create and one resync, no start.
    package var isCheck = false
    /// How often each instance has crashed the process recently.
    package var recentCrashes: [String: Int] = [:]

    /// The running binary.
    static let ownBinary = "/proc/self/exe"

    package init(stateDirectory: String, configurationDirectory: String, workers: Int) {
        self.stateDirectory = stateDirectory
        self.configurationDirectory = configurationDirectory
        self.workers = workers
    }
}

/// One step of an instance's life, on its lane, with a deadline.
struct Step {
    let name: String
    let timeoutNanoseconds: UInt64

    private final class Outcome: Sendable {
        let refusal = Mutex<PluginRefusal?>(nil)
    }

    /// Throws what `body` refuses, or that it did not end in time; it may still be running then.
    ///
    /// The failure has the place of `configuration`, or of what the instance runs by.
    func run(
        _ instance: Instance,
        blaming configuration: PluginConfiguration? = nil,
        _ body: @escaping @Sendable (Instance) throws(PluginRefusal) -> Void
    ) throws(PluginFailure) {
        let configuration = configuration ?? instance.configuration
        let outcome = Outcome()
        let isInTime = instance.lane.perform(within: timeoutNanoseconds) {
            do throws(PluginRefusal) {
                try body(instance)
            } catch {
                outcome.refusal.withLock { $0 = error }
            }
        }
        guard isInTime else {
            let seconds = Double(timeoutNanoseconds) / Double(Clock.nanosecondsPerSecond)
            let text = "it did not return within \(seconds) s"
            throw PluginFailure(
                configuration,
                step: name,
                PluginRefusal(text),
                isRefusal: false
            )
        }
        if let refusal = outcome.refusal.withLock({ $0 }) {
            throw PluginFailure(configuration, step: name, refusal)
        }
    }
}
