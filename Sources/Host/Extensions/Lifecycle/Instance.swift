internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// One configured plugin instance: its lane, its tables, its roles and how far it has come.
///
/// Its fields are written on the lane, or before other threads know it; what others read lies
/// behind the lock. It is never freed once it has tables: a forgotten thread may still call them.
@safe
final class Instance: @unchecked Sendable {
    /// What other threads read.
    struct Shown: Sendable {
        var state = InstanceState.configured
        var path = ""
        var lastError = ""
        var revision = ""
        var roles: [PluginRole] = []
        var mounts: [String] = []
        var description: Description?
    }

    let name: String
    let index: Int32
    let configuration: PluginConfiguration
    let environment: HostEnvironment
    let hooks: Hooks
    let lane: Lane
    let pool: Pool
    let health = PluginHealth()
    let metrics: PluginMetrics
    let drained: Latch
    let shown = Mutex(Shown())
    private(set) lazy var routing = PluginRouting(instance: self)
    private let stopped = Cell.permanent()

    /// The plugin's own pointer; nil before create and after destroy.
    var plugin: UnsafeMutableRawPointer?
    var isCreated = false
    var tables: HostTables?
    var serviceSlot: UInt16?
    var source: sluice_source_ops?
    var isSource: Bool { source != nil }

    init(
        _ configuration: PluginConfiguration,
        _ environment: HostEnvironment,
        _ hooks: Hooks,
        pool: Pool
    ) throws(PluginRefusal) {
        name = configuration.name
        self.configuration = configuration
        self.environment = environment
        self.hooks = hooks
        self.pool = pool
        metrics = PluginMetrics(
            instance: name,
            seriesMax: environment.limits.pluginMetricSeriesMax
        )
        guard let index = Entered.register(name) else {
            throw PluginRefusal("this process has had \(Entered.instancesMax) instances already")
        }
        self.index = index
        do throws(Errno) {
            drained = try Latch()
            lane = try Lane(
                name: name,
                instance: index,
                timersMax: environment.limits.pluginTimersMax
            )
        } catch {
            throw PluginRefusal("its lane cannot be started: \(error)")
        }
    }

    /// Whether `stop` has returned, or never will be needed: no code of it may be entered.
    var isStopped: Bool { stopped.acquire() != 0 }

    var state: InstanceState { shown.withLock { $0.state } }

    var description: Description? { shown.withLock { $0.description } }

    func become(_ state: InstanceState) { shown.withLock { $0.state = state } }

    /// Fences the instance: bound functions answer GONE, no callback is made any more.
    func fence() {
        stopped.release(1)
        tables?.bridge.kill()
        lane.silence()
        if let slot = serviceSlot {
            unsafe Services.process.slot(slot).pointee.state.release(ServiceSlot.State.stopped)
        }
    }

    /// What the log calls the calling thread.
    var threadName: String {
        if Thread.worker >= 0 { return "worker-\(Thread.worker)" }
        return lane.isCurrent ? "lane" : "other"
    }

    func submitted(_ revision: String) { shown.withLock { $0.revision = revision } }

    /// Runs plugin code with the thread marked as inside this instance.
    func entering<Result>(_ body: () -> Result) -> Result {
        let caller = Entered.enter(index)
        defer { Entered.leave(to: caller) }
        return body()
    }
}

/// From a created instance to a destroyed one. All of it runs on the lane.
extension Instance {
    func start() throws(PluginRefusal) {
        guard isCreated, let description else { throw PluginRefusal("it was not created") }
        if let start = unsafe description.operations.start {
            var failure = PluginError.empty
            let status = entering { unsafe start(plugin, &failure) }
            guard status >= 0 else {
                destroy()
                throw Self.refusal("start", status, failure)
            }
        }
        setService(ServiceSlot.State.serving)
        become(.started)
    }

    /// Whether it is idle already; false: `drained` opens when it is.
    func drain(_ deadlineNanoseconds: UInt64) -> Bool {
        guard state == .started else { return true }
        become(.draining)
        setService(ServiceSlot.State.draining)
        guard let drain = unsafe description?.operations.drain else { return true }
        return entering { unsafe drain(plugin, deadlineNanoseconds) } != SLUICE_PENDING
    }

    /// Stops what was started; afterwards no code of it runs but `destroy`.
    func stop() {
        let state = state
        let limit = UInt64(environment.limits.pluginStopTimeoutNanoseconds)
        if let slot = serviceSlot, !Services.process.stop(slot, within: limit) {
            Log.warn("plugin \(name): an inline call went on while it was stopped")
        }
        if state == .started || state == .draining {
            if let stop = unsafe description?.operations.stop {
                entering { unsafe stop(plugin) }
            }
        }
        fence()
        if !pool.leave(index, within: limit) {
            Log.warn("plugin \(name): its blocking work went on after stop")
        }
    }

    func destroy() {
        fence()
        if isCreated, let destroy = unsafe description?.operations.destroy {
            entering { unsafe destroy(plugin) }
        }
        isCreated = false
        unsafe plugin = nil
        source = nil
        become(.stopped)
    }

    func resync() throws(PluginRefusal) {
        guard isCreated, let resync = unsafe source?.resync else { return }
        let status = entering { unsafe resync(plugin) }
        guard status >= 0 else {
            throw PluginRefusal("resync answered \(StatusName.text(status))")
        }
    }

    func installed(_ generation: UInt64, isSettled: Bool) {
        guard isCreated, !isStopped, let installed = unsafe source?.installed else { return }
        entering { unsafe installed(plugin, generation, isSettled ? 1 : 0) }
    }

    /// Whether readiness waits for the first accepted publish.
    var isPublishAwaited: Bool {
        (source?.required ?? 0) != 0 && routing.acceptedCount == 0
    }

    private func setService(_ state: UInt64) {
        guard let slot = serviceSlot else { return }
        unsafe Services.process.slot(slot).pointee.state.release(state)
    }
}
