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
    let drained: Gate
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
            drained = try Gate()
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
