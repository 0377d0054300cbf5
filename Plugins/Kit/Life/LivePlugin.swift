internal import SluiceABI

/// What is behind the `void *self` of the header: the instance, its host and its roles.
final class LivePlugin {
    let host: Host
    let plugin: any Plugin
    let life: Life
    let source: SourceRole?
    let service: ServiceRole?
    let filter: FilterRole?
    let admin: AdminRole?
    private var hasStopped = false

    private init<Instantiated: Plugin>(_ plugin: Instantiated) {
        host = plugin.host
        self.plugin = plugin
        life = LifeOf(plugin)
        source = (plugin as? any SourcePlugin).map { SourceRole.of($0) }
        service = (plugin as? any ServicePlugin).map { ServiceRole.of($0) }
        filter = (plugin as? any FilterPlugin).map { FilterRole.of($0) }
        admin = (plugin as? any AdminPlugin).map { AdminRole.of($0) }
    }

    /// Makes an instance; when it throws, what it has begun ends with it.
    static func make(
        _ plugin: any Plugin.Type,
        _ host: Host,
        _ instance: Instance
    ) throws(PluginError) -> LivePlugin {
        do throws(PluginError) {
            return try host.lane.enter { () throws(PluginError) in
                try open(plugin, host, instance)
            }
        } catch {
            host.lane.enter { host.tasks.cancelAll() }
            // They end when what they wait for comes back, which is at once.
            if !host.tasks.whenEmpty({ host.lane.close() }) { host.lane.close() }
            throw error
        }
    }

    private static func open<Made: Plugin>(
        _ plugin: Made.Type,
        _ host: Host,
        _ instance: Instance
    ) throws(PluginError) -> LivePlugin {
        LivePlugin(try Made(host: host, instance: instance))
    }

    /// The instance behind a context of the host.
    static func at(_ context: UnsafeMutableRawPointer) -> LivePlugin {
        unsafe Unmanaged<LivePlugin>.fromOpaque(context).takeUnretainedValue()
    }

    /// The C table of a role that this plugin plays.
    func table(ofRole id: String) -> UnsafeRawPointer? {
        switch id {
        case SLUICE_ROLE_SOURCE: unsafe source?.table.pointer
        case SLUICE_ROLE_SERVICE: unsafe service?.table.pointer
        case SLUICE_ROLE_FILTER: unsafe filter?.table.pointer
        case SLUICE_ROLE_ADMIN: unsafe admin?.table.pointer
        default: nil
        }
    }

    /// Begins work; a start that fails ends the tasks that it has begun.
    func start() throws(PluginError) {
        do throws(PluginError) {
            try life.start()
        } catch {
            host.lane.enter { host.tasks.cancelAll() }
            throw error
        }
    }

    /// Tells that no new work comes; false: `drained` is called later.
    func drain(_ deadline: UInt64) -> Bool {
        let ending = Ending()
        host.lane.enter {
            life.drain(deadline) { [host] in if ending.isLate() { host.lane.drained() } }
        }
        return ending.isOver()
    }

    /// Ends all tasks, then waits for the last; false: `stopped` is called later.
    func stop(_ deadline: UInt64) -> Bool {
        hasStopped = true
        host.lane.enter {
            host.tasks.cancelAll()
            life.stop(deadline)
        }
        if host.tasks.names.isEmpty { return true }
        let warning = nameLaggards(before: deadline)
        return !host.tasks.whenEmpty { [host] in
            warning?.cancel()
            host.lane.stopped()
        }
    }

    /// The host is about to go.
    func end() {
        // Without a stop, as after a start that failed, nobody has waited for them.
        if !hasStopped { host.lane.enter { host.tasks.cancelAll() } }
        let names = hasStopped ? host.tasks.names : []
        if !names.isEmpty {
            host.log.error(
                "the instance has gone with tasks that did not end; it stays in memory",
                ["tasks": names.joined(separator: ", ")]
            )
        }
        host.lane.close()
    }

    /// Says shortly before the deadline what holds the instance up.
    private func nameLaggards(before deadline: UInt64) -> Task<Void, Never>? {
        let now = host.lane.now
        guard deadline > now, deadline != .max else { return nil }
        let rest = deadline - now
        return Task(executorPreference: host.lane) { [host] in
            try? await host.lane.sleep(nanoseconds: rest - rest / 10)
            let names = host.tasks.names
            if names.isEmpty { return }
            host.log.warn(
                "tasks have not ended though they were cancelled",
                ["tasks": names.joined(separator: ", ")]
            )
        }
    }
}

/// Whether something ended before its caller had left.
///
/// Lane only.
private final class Ending: @unchecked Sendable {
    private var hasEnded = false
    private var hasLeft = false

    /// Notes the end; true: the caller has left.
    func isLate() -> Bool {
        hasEnded = true
        return hasLeft
    }

    /// The caller leaves; true: it has ended.
    func isOver() -> Bool {
        hasLeft = true
        return hasEnded
    }
}

/// A C table of the plugin, at an address that holds as long as this does.
@safe
final class RoleTable<Ops> {
    private let place: UnsafeMutablePointer<Ops>

    init(_ ops: Ops) {
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(to: ops)
    }

    deinit {
        unsafe place.deinitialize(count: 1)
        unsafe place.deallocate()
    }

    /// What the host is given.
    var pointer: UnsafeRawPointer { unsafe UnsafeRawPointer(place) }
}
