internal import SluiceABI

/// What the host offers to one instance.
///
/// It may be handed to any thread; what belongs to the lane says so.
@safe
public final class Host: @unchecked Sendable {
    /// The instance's own thread.
    public let lane: Lane
    /// The log; words to a host without one are dropped.
    public let log: Log
    /// The health report; reports to a host without one are dropped.
    public let health: Health

    /// The header's own handle, to which buffers that the plugin lends belong.
    let table: UnsafePointer<sluice_host>
    let tasks = Tasks()
    let http: UnsafePointer<sluice_http_api>?
    let reply: UnsafePointer<sluice_reply_api>?

    private let foundMetrics: Metrics?
    private let foundRouting: Routing?
    private let foundClient: Client?

    /// Finds every table that the kit knows; throws when there is no lane.
    init(_ table: UnsafePointer<sluice_host>) throws(PluginError) {
        unsafe self.table = unsafe table
        guard let executor: UnsafePointer<sluice_exec_api> = unsafe find(table, .executor) else {
            throw notOffered(.executor)
        }
        let lane = unsafe Lane(executor)
        self.lane = lane
        unsafe log = Log(find(table, .log))
        unsafe health = Health(find(table, .health))
        unsafe http = find(table, .http)
        unsafe reply = find(table, .reply)
        unsafe foundMetrics = find(table, .metrics).map { unsafe Metrics($0) }
        unsafe foundRouting = find(table, .routing).map { unsafe Routing($0, lane) }
        unsafe foundClient = find(table, .client).map { unsafe Client($0, lane) }
    }

    /// The host's monotonic clock.
    public var clock: LaneClock { LaneClock(lane) }

    /// Time series.
    public var metrics: Metrics {
        get throws(PluginError) { try granted(foundMetrics, .metrics) }
    }

    /// Transactions that change this instance's routing documents.
    ///
    /// Lane only.
    public var routing: Routing {
        get throws(PluginError) { try granted(foundRouting, .routing) }
    }

    /// Outbound HTTP.
    public var client: Client {
        get throws(PluginError) { try granted(foundClient, .client) }
    }

    /// Suspends the task for `duration`.
    ///
    /// Throws `CancellationError` at once when it is cancelled.
    public func sleep(for duration: Duration) async throws {
        try await lane.sleep(for: duration)
    }

    /// Starts a task of this instance on its lane.
    ///
    /// Any thread.
    ///
    /// Inside a plugin's actor `operation` belongs to the actor. The instance counts its tasks:
    /// they go on while it drains, are cancelled when it stops, and it has stopped when the last
    /// one has ended. What `operation` throws is logged under `name`; a cancellation is no error.
    @discardableResult
    public func task(
        _ name: String = "task",
        @_inheritActorContext @_implicitSelfCapture
        _ operation: sending @escaping @isolated(any) () async throws -> Void
    ) -> Task<Void, Never> {
        let id = tasks.begin(name)
        let task = Task(executorPreference: lane) { [self] in
            do {
                try await operation()
            } catch is CancellationError {
            } catch {
                log.error("a task failed", ["task": name, "error": "\(error)"])
            }
            tasks.end(id)
        }
        tasks.keep(task, of: id)
        return task
    }
}

private func granted<Table>(_ table: Table?, _ interface: Interface) throws(PluginError) -> Table {
    guard let table else { throw notOffered(interface) }
    return table
}

private func notOffered(_ interface: Interface) -> PluginError {
    PluginError(
        .unsupported,
        "the host does not offer \(interface.rawValue) to this instance; "
            + "name it in PluginDescription.requires or do without"
    )
}

private func find<Table>(
    _ host: UnsafePointer<sluice_host>,
    _ interface: Interface
) -> UnsafePointer<Table>? {
    guard let lookup = unsafe host.pointee.find else { return nil }
    let table = unsafe interface.rawValue.withCString { id in unsafe lookup(host, id) }
    return unsafe table?.assumingMemoryBound(to: Table.self)
}
