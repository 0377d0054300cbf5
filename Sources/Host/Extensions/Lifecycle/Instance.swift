internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// One configured plugin instance: its lane, its tables, its roles and how far it has come.
///
/// Its fields are written on the lane, or before other threads know it; what others read lies
/// behind the lock. It is never freed once it has tables: a forgotten thread may still call them.
///
/// What the plugin hands over comes back before `destroy`: the host counts it (`owed`).
@safe
final class Instance: @unchecked Sendable {
    /// What other threads read.
    struct Shown: Sendable {
        var state = InstanceState.configured
        var path = ""
        var lastError = ""
        var roles: [PluginRole] = []
        var mounts: [String] = []
        var description: Description?
    }

    let name: String
    let index: Int32
    private let configured: Mutex<PluginConfiguration>
    let environment: HostEnvironment
    let hooks: Hooks
    let lane: Lane
    let pool: Pool
    let health = PluginHealth()
    let metrics: PluginMetrics
    let logShare: LogShare
    let drained: Latch
    /// Opened by `stopped()` of a plugin whose `stop` was pending.
    let ended: Latch
    /// Wrapped buffers of the plugin that somebody still holds.
    let lent = Cell.permanent()
    let shown = Mutex(Shown())
    let routing: PluginRouting
    private let stopped = Cell.permanent()

    /// The plugin's own pointer; nil before create and after destroy.
    var plugin: UnsafeMutableRawPointer?
    var isCreated = false
    var tables: HostTables?
    /// The file that its code is from; nil before it was opened.
    private(set) var library: Library?
    var serviceSlot: UInt16?
    var filterSlot: UInt16?
    var filter: sluice_filter_ops?
    /// Slots of its earlier mounts, in which calls may still be.
    private let formerSlots = Mutex<[UInt16]>([])
    var source: sluice_source_ops?
    var admin: AdminRole?
    var isSource: Bool { source != nil }
    /// It must not run beside another of its kind.
    var isExclusive = false

    init(
        _ configuration: PluginConfiguration,
        _ environment: HostEnvironment,
        _ hooks: Hooks,
        pool: Pool
    ) throws(PluginRefusal) {
        name = configuration.name
        configured = Mutex(configuration)
        self.environment = environment
        self.hooks = hooks
        self.pool = pool
        metrics = PluginMetrics(
            instance: name,
            seriesMax: environment.limits.pluginMetricSeriesMax
        )
        logShare = LogShare(linesMax: environment.limits.pluginLogLinesMax)
        guard let index = Entered.register(name) else {
            throw PluginRefusal("this process has \(Entered.instancesMax) instances already")
        }
        self.index = index
        do throws(Errno) {
            drained = try Latch()
            ended = try Latch()
            lane = try Lane(
                name: name,
                instance: index,
                timersMax: environment.limits.pluginTimersMax
            )
        } catch {
            throw PluginRefusal("its lane cannot be started: \(error)")
        }
        routing = PluginRouting(
            instance: name,
            lane: lane,
            limits: environment.limits,
            submit: hooks.submit
        )
    }

    /// What it runs by.
    var configuration: PluginConfiguration { configured.withLock(\.self) }

    /// Whether its tables answer `SLUICE_E_GONE`: only final calls and `destroy` enter it.
    var isStopped: Bool { stopped.acquire() != 0 }

    var state: InstanceState { shown.withLock { $0.state } }

    var description: Description? { shown.withLock { $0.description } }

    func become(_ state: InstanceState) { shown.withLock { $0.state = state } }

    /// Fences the instance: its tables answer GONE, and what it has handed over comes back.
    func fence() {
        guard stopped.exchange(1) == 0 else { return }
        for slot in slots { Services.process.end(slot) }
        if let slot = filterSlot { Filters.process.end(slot) }
        pool.close(self)
        lane.end()
        lane.run { [routing] in routing.end() }
    }

    /// Every slot in which calls of it may be.
    var slots: [UInt16] { [serviceSlot].compactMap(\.self) + formerSlots.withLock(\.self) }

    /// A slot of earlier mounts is not its own any more.
    func forget(former slot: UInt16) { formerSlots.withLock { $0.removeAll { $0 == slot } } }

    /// Calls of its service and exchanges of its filter that are open.
    var openCalls: Int {
        let calls = slots.reduce(0) { $0 + Int(Services.process.inflight($1)) }
        return calls + (filterSlot.map { Filters.process.open($0) } ?? 0)
    }

    /// What the plugin has handed over and has not got back, in words; empty when nothing is.
    var owed: [String] {
        let kinds = [
            (openCalls, "call", "calls"),
            (pool.owed(self), "piece of pool work", "pieces of pool work"),
            (lane.owedTasks, "task", "tasks"), (lane.owedTimers, "timer", "timers"),
            (Int(lent.add(0)), "wrapped buffer", "wrapped buffers"),
            (routing.owed, "commit", "commits"),
        ]
        return kinds.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }
    }

    /// What the log calls the calling thread.
    var threadName: String {
        if Thread.worker >= 0 { return "worker-\(Thread.worker)" }
        return lane.isCurrent ? "lane" : "other"
    }

    /// [lane] Runs plugin code with the thread marked as inside this instance.
    func entering<Result>(_ step: StaticString, _ body: () -> Result) -> Result {
        lane.inside(step, body)
    }
}

/// From a created instance to a destroyed one. What is not said otherwise runs on the lane.
extension Instance {
    func start() throws(PluginRefusal) {
        guard isCreated, let description else { throw PluginRefusal("it was not created") }
        if let start = unsafe description.operations.start {
            var failure = PluginError.empty
            let status = entering("start") { unsafe start(plugin, &failure) }
            guard status >= 0 else {
                become(.failed)
                throw Self.refusal("start", status, failure)
            }
        }
        guard !isStopped else { throw PluginRefusal("it was given up while it started") }
        setService(ServiceSlot.State.serving)
        if let slot = filterSlot { Filters.process.serve(slot) }
        become(.started)
    }

    /// Whether it is idle already; false: `drained` opens when it is.
    func drain(_ deadlineNanoseconds: UInt64) -> Bool {
        guard state == .started else { return true }
        become(.draining)
        setService(ServiceSlot.State.draining)
        guard let drain = unsafe description?.operations.drain else { return true }
        return entering("drain") { unsafe drain(plugin, deadlineNanoseconds) } != SLUICE_PENDING
    }

    /// Ends the work of what was started; false: `ended` opens when it has ended.
    func stop(_ deadlineNanoseconds: UInt64) -> Bool {
        let state = state
        guard state == .started || state == .draining || state == .starting else { return true }
        guard let stop = unsafe description?.operations.stop else { return true }
        return entering("stop") { unsafe stop(plugin, deadlineNanoseconds) } != SLUICE_PENDING
    }

    /// Frees the plugin's instance: nothing of it is owed, and nobody enters it any more.
    func destroy() {
        precondition(isStopped, "an instance is fenced before it is destroyed")
        FilterConfigurations.process.end(self)
        if isCreated, let destroy = unsafe description?.operations.destroy {
            entering("destroy") { unsafe destroy(plugin) }
        }
        isCreated = false
        unsafe plugin = nil
        source = nil
        become(.stopped)
    }

    /// [not the lane] Fences it, waits for what is owed, and destroys it on its lane; returns what
    /// has not come back by the deadline (absolute): then it stays in memory.
    func end(by deadline: UInt64) -> [String] {
        fence()
        while !owed.isEmpty, Clock.now() < deadline { _ = poll(nil, 0, 1) }
        let missing = owed
        guard missing.isEmpty else { return missing }
        let rest = Clock.now() < deadline ? deadline - Clock.now() : 0
        let isDestroyed = lane.perform(within: max(rest, Self.destroyNanoseconds)) { [self] in
            destroy()
        }
        return isDestroyed ? [] : ["its own thread, which is busy"]
    }

    /// [not the lane] Ends the lane of an instance that was destroyed, and gives back its number.
    func close(within nanoseconds: UInt64) {
        guard lane.close(within: nanoseconds) else { return }
        pool.forget(self)
        Entered.release(index)
    }

    /// Time that `destroy` has at least.
    private static let destroyNanoseconds = Clock.nanosecondsPerSecond

    func resync() throws(PluginRefusal) {
        guard isCreated, let resync = unsafe source?.resync else { return }
        var failure = PluginError.empty
        let status = entering("resync") { unsafe resync(plugin, &failure) }
        guard status >= 0 else { throw Self.refusal("resync", status, failure) }
    }

    func installed(_ generation: UInt64, isSettled: Bool) {
        guard isCreated, !isStopped, let installed = unsafe source?.installed else { return }
        entering("installed") { unsafe installed(plugin, generation, isSettled ? 1 : 0) }
    }

    /// Whether readiness waits for the first accepted publish.
    var isPublishAwaited: Bool {
        (source?.required ?? 0) != 0 && routing.acceptedCount == 0 && !routing.followsAnother
    }

    private func setService(_ state: UInt64) {
        guard let slot = serviceSlot else { return }
        unsafe Services.process.slot(slot).pointee.state.release(state)
    }
}

/// From a library to a created instance. All of it runs on the lane.
extension Instance {
    /// Opens the library and reads what it says of itself.
    func open(_ library: Library) throws(PluginRefusal) {
        let signals = SignalGuard()
        library.keep()
        let opened = entering("entry") {
            Result { () throws(PluginRefusal) in try Image.open(library.loadPath) }
        }
        let image = try opened.get()
        self.library = library
        // A Go runtime cannot live without its own handlers.
        if !image.description.isGo {
            let changed = signals.restore()
            if !changed.isEmpty {
                let names = changed.map(TrialLoad.name).joined(separator: ", ")
                Log.warn(
                    "plugin \(name): \(library.path) changed the handling of \(names); put back"
                )
            }
        }
        shown.withLock { shown in
            shown.path = library.path
            shown.description = image.description
        }
    }

    /// Checks the configuration, creates the instance and reads its roles.
    func create() throws(PluginRefusal) {
        guard let description else { throw PluginRefusal("its library was not opened") }
        let config = try ConfigCheck.text(configuration, schema: description.configSchema)
        try checkConfig(config, description)
        try mustGoOn()
        let tables = HostTables(instance: self)
        self.tables = tables
        try create(config, description, tables)
        try mustGoOn()
        takeTraits(description)
        try takeRoles(description)
        try mustGoOn()
        become(.created)
    }

    /// A step that took too long was given up: what it has made is not used.
    private func mustGoOn() throws(PluginRefusal) {
        guard !isStopped else { throw PluginRefusal("it was given up while it was created") }
    }

    private func takeTraits(_ description: Description) {
        guard let traits = unsafe description.operations.traits else { return }
        let answer = entering("traits") { unsafe traits(plugin) }
        isExclusive = answer & UInt32(SLUICE_TRAIT_EXCLUSIVE) != 0
    }

    private func checkConfig(_ config: [UInt8], _ description: Description)
        throws(PluginRefusal)
    {
        guard let check = unsafe description.operations.check_config else { return }
        var failure = PluginError.empty
        let status = config.withBytes { bytes in
            entering("check_config") { unsafe check(bytes.span, &failure) }
        }
        guard status >= 0 else { throw Self.refusal("check_config", status, failure) }
    }

    private func create(
        _ config: [UInt8],
        _ description: Description,
        _ tables: HostTables
    ) throws(PluginRefusal) {
        guard let create = unsafe description.operations.create else {
            throw PluginRefusal("its ops have no create")
        }
        let directory = try stateDirectory()
        var told = unsafe sluice_instance()
        unsafe told.size = unsafe UInt32(MemoryLayout<sluice_instance>.size)
        unsafe told.workers = UInt32(environment.workers)
        unsafe told.check_only = environment.isCheck ? 1 : 0
        unsafe told.restarts = UInt32(environment.recentCrashes[name] ?? 0)
        unsafe told.name = name.permanentSpan
        unsafe told.state_dir = directory.permanentSpan
        unsafe told.config_dir = environment.configurationDirectory.permanentSpan
        var failure = PluginError.empty
        let status = config.withBytes { bytes in
            unsafe told.config = bytes.span
            return entering("create") { unsafe create(tables.host, &told, &plugin, &failure) }
        }
        guard status >= 0 else { throw Self.refusal("create", status, failure) }
        isCreated = true
    }

    static func refusal(_ step: String, _ status: sluice_status, _ failure: sluice_error)
        -> PluginRefusal
    {
        let fallback = "\(step) answered \(StatusName.text(status)) and gave no reason"
        return PluginRefusal(
            PluginError.text(failure, otherwise: fallback),
            pointer: PluginError.pointer(failure)
        )
    }

    /// The instance's own folder, made with mode 0700; a check makes none.
    private func stateDirectory() throws(PluginRefusal) -> String {
        let directory = "\(environment.stateDirectory)/plugins/\(name)"
        guard !environment.isCheck else { return directory }
        var path = directory.hasPrefix("/") ? "/" : ""
        for part in directory.split(separator: "/") {
            path += (path.isEmpty || path == "/" ? "" : "/") + part
            guard unsafe mkdir(path, 0o700) != 0, errno != EEXIST else { continue }
            throw PluginRefusal("its state directory \(path) cannot be made: \(Errno.last)")
        }
        return directory
    }

    private func takeRoles(_ description: Description) throws(PluginRefusal) {
        guard let role = unsafe description.operations.role else { return }
        var roles: [PluginRole] = []
        for kind in PluginRole.allCases {
            let id = unsafe UnsafeRawPointer(kind.id.permanentSpan.data)?
                .assumingMemoryBound(to: CChar.self)
            let found = unsafe entering("role") { unsafe role(plugin, id) }
            guard let found = unsafe found else { continue }
            roles.append(kind)
            switch kind {
            case .service:
                try unsafe takeService(found.assumingMemoryBound(to: sluice_service_ops.self))
            case .filter:
                try unsafe takeFilter(found.assumingMemoryBound(to: sluice_filter_ops.self))
            case .source:
                let operations = unsafe found.assumingMemoryBound(to: sluice_source_ops.self)
                unsafe source = operations.sized(empty: sluice_source_ops())
            case .admin:
                admin = try unsafe adminRole(found.assumingMemoryBound(to: sluice_admin_ops.self))
            }
        }
        shown.withLock { $0.roles = roles }
    }

    private func takeFilter(_ pointer: UnsafePointer<sluice_filter_ops>) throws(PluginRefusal) {
        let operations = unsafe pointer.sized(empty: sluice_filter_ops())
        guard unsafe operations.open != nil else {
            throw PluginRefusal("its filter ops lack open")
        }
        filter = operations
        guard let slot = Filters.process.add(operations, self, environment.limits) else {
            throw PluginRefusal("all \(Filters.slotsMax) filter slots are taken")
        }
        filterSlot = slot
    }

    private func takeService(_ pointer: UnsafePointer<sluice_service_ops>) throws(PluginRefusal) {
        let operations = unsafe pointer.sized(empty: sluice_service_ops())
        let table = try mountTable(operations)
        try serve(table, operations)
    }

    /// Asks the plugin for its mounts.
    private func mountTable(_ operations: sluice_service_ops) throws(PluginRefusal) -> MountTable {
        guard unsafe operations.request != nil, let mounts = unsafe operations.mounts else {
            throw PluginRefusal("its service ops lack mounts or request")
        }
        var list = unsafe sluice_list()
        var failure = PluginError.empty
        let status = entering("mounts") { unsafe mounts(plugin, &list, &failure) }
        guard status >= 0 else { throw Self.refusal("mounts", status, failure) }
        let limits = environment.limits
        let table = try unsafe MountTable(
            list,
            terms: MountTable.Terms(
                allowsInline: configuration.isInline,
                bodyBytesMax: limits.serviceBodyBytesMax,
                timeoutNanoseconds: UInt64(limits.serviceTimeoutNanoseconds),
                inflightMax: limits.serviceInflightMax,
                takesPieces: unsafe operations.body != nil
            )
        )
        for remark in table.remarks { Log.info("plugin \(name): \(remark)") }
        return table
    }

    private func serve(
        _ table: MountTable,
        _ operations: sluice_service_ops
    ) throws(PluginRefusal) {
        guard
            let slot = Services.process.add(
                table.mounts,
                operations,
                self,
                environment.limits
            )
        else { throw PluginRefusal("all \(Services.slotsMax) service slots are taken") }
        serviceSlot = slot
        shown.withLock { shown in shown.mounts = table.mounts.map { $0.prefixBytes.text } }
    }
}

/// A new configuration for an instance that runs.
extension Instance {
    /// [lane] Gives the plugin a new configuration, all or nothing; false: it cannot take one.
    ///
    /// Mounts that have changed with it get a slot of their own: calls in the old one end there.
    func reconfigure(_ new: PluginConfiguration) throws(PluginRefusal) -> Bool {
        guard let description, isCreated else { throw PluginRefusal("it was not created") }
        let config = try ConfigCheck.text(new, schema: description.configSchema)
        try checkConfig(config, description)
        guard let reconfigure = unsafe description.operations.reconfigure else { return false }
        var failure = PluginError.empty
        let status = config.withBytes { bytes in
            entering("reconfigure") { unsafe reconfigure(plugin, bytes.span, &failure) }
        }
        guard status != SLUICE_E_UNSUPPORTED else { return false }
        guard status >= 0 else { throw Self.refusal("reconfigure", status, failure) }
        configured.withLock { $0 = new }
        shown.withLock { $0.lastError = "" }
        if let serviceSlot { try remount(serviceSlot) }
        return true
    }

    /// What it is configured by beside its own settings has changed.
    func take(_ new: PluginConfiguration) { configured.withLock { $0 = new } }

    private func remount(_ slot: UInt16) throws(PluginRefusal) {
        let operations = unsafe Services.process.slot(slot).pointee.operations
        let table = try mountTable(operations)
        guard !Services.process.has(table.mounts, in: slot) else { return }
        try serve(table, operations)
        formerSlots.withLock { $0.append(slot) }
        setService(ServiceSlot.State.serving)
    }
}
