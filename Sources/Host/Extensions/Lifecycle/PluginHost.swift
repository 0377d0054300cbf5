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
    private let configurations: [PluginConfiguration]
    private let hooks: Hooks
    private let pool: Pool
    private let state = Mutex(State())

    private struct State {
        var instances: [Instance] = []
        var failures: [String: PluginFailure] = [:]
    }

    package init(
        configurations: [PluginConfiguration],
        environment: HostEnvironment,
        hooks: Hooks
    ) {
        self.configurations = configurations
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

    /// The service slot of each instance that serves requests.
    package var serviceSlots: [String: UInt16] {
        var slots: [String: UInt16] = [:]
        for instance in instances { slots[instance.name] = instance.serviceSlot }
        return slots
    }

    /// Instance names in the order of the configuration, those that failed included.
    package var instanceOrder: [String] { configurations.map(\.name) }

    private var instances: [Instance] { state.withLock { $0.instances } }

    /// Each configuration with its instance and its failure, where there is one.
    var configured: [(PluginConfiguration, Instance?, PluginFailure?)] {
        let (instances, failures) = state.withLock { ($0.instances, $0.failures) }
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
                let instance = try loading.load(configuration)
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
            keep(instance, missing)
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
    package func resync() -> [PluginFailure] {
        let timeout = environment.limits.pluginStartTimeoutNanoseconds
        return instances.filter(\.isSource).compactMap { instance in
            attempt("resync", instance, timeout) {
                instance throws(PluginRefusal) in try instance.resync()
            }
        }
    }

    /// Tells every source that all workers route by `generation`; `settled`: and that no exchange
    /// of an older one is left.
    package func installed(generation: UInt64, settled: Bool) {
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

    private func note(_ failure: PluginFailure) {
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
    private func attempt(
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
        let order = Array(startOrder.reversed())
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
        let timeout = environment.limits.pluginStopTimeoutNanoseconds
        for instance in startOrder.reversed() {
            let deadline = Clock.after(UInt64(timeout), from: Clock.now())
            endCalls(of: instance, by: deadline)
            run("stop", instance, timeout) { instance in
                if instance.stop(deadline) { instance.ended.open() }
            }
            let now = Clock.now()
            if failures.first(where: { $0.instance == instance.name })?.step != "stop",
                !instance.ended.wait(deadline > now ? deadline - now : 0)
            {
                Log.warn("plugin \(instance.name): it did not call stopped() before the deadline")
            }
            let missing = instance.end(by: Clock.after(UInt64(timeout), from: Clock.now()))
            keep(instance, missing)
        }
        return failures.filter { $0.step == "stop" }
    }

    /// Open calls get their end before the plugin stops.
    private func endCalls(of instance: Instance, by deadline: UInt64) {
        guard let slot = instance.serviceSlot else { return }
        services.end(slot)
        while services.inflight(slot) > 0, Clock.now() < deadline { _ = poll(nil, 0, 1) }
    }

    /// Ends the lane of an instance that was destroyed; one that could not be stays in memory.
    private func keep(_ instance: Instance, _ missing: [String]) {
        guard missing.isEmpty else {
            let text = missing.joined(separator: ", ")
            Log.warn("plugin \(instance.name) stays in memory: it has not got back \(text)")
            return
        }
        if let slot = instance.serviceSlot { _ = services.remove(slot) }
        _ = instance.lane.close(within: UInt64(environment.limits.pluginStopTimeoutNanoseconds))
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
    package var executable = "/proc/self/exe"
    /// `sluice check`: create and one resync, no start.
    package var isCheck = false
    /// How often each instance has crashed the process recently.
    package var recentCrashes: [String: Int] = [:]

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
    func run(
        _ instance: Instance,
        _ body: @escaping @Sendable (Instance) throws(PluginRefusal) -> Void
    ) throws(PluginFailure) {
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
                instance.configuration,
                step: name,
                PluginRefusal(text),
                isRefusal: false
            )
        }
        if let refusal = outcome.refusal.withLock({ $0 }) { throw failure(instance, refusal) }
    }

    private func failure(_ instance: Instance, _ refusal: PluginRefusal) -> PluginFailure {
        PluginFailure(instance.configuration, step: name, refusal)
    }
}
