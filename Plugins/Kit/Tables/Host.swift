internal import SluiceABI

/// What the host offers to one instance.
///
/// It belongs to the lane, as do its executor and its routing; `log`, `health`, `metrics`, `lane`
/// and `http` may be handed to any thread.
public final class Host {
    /// The log; words to a host without one are dropped.
    public let log: Log
    /// The health report; reports to a host without one are dropped.
    public let health: Health

    private let foundMetrics: Metrics?
    private let foundExecutor: Executor?
    private let foundRouting: Routing?
    private let foundHTTP: HTTP?

    /// Finds every table that the kit knows.
    init(_ table: UnsafePointer<sluice_host>) {
        unsafe log = Log(find(table, .log))
        unsafe health = Health(find(table, .health))
        unsafe foundMetrics = find(table, .metrics).map { unsafe Metrics($0) }
        unsafe foundExecutor = find(table, .executor).map { unsafe Executor($0) }
        unsafe foundRouting = find(table, .routing).map { unsafe Routing($0) }
        unsafe foundHTTP = find(table, .http).map { unsafe HTTP($0) }
    }

    /// Timers, watches and blocking work.
    public var executor: Executor {
        get throws(PluginError) { try granted(foundExecutor, .executor) }
    }

    /// The way to the lane from any thread.
    public var lane: Lane {
        get throws(PluginError) { try executor.lane }
    }

    /// Time series.
    public var metrics: Metrics {
        get throws(PluginError) { try granted(foundMetrics, .metrics) }
    }

    /// Transactions that change this instance's routing documents.
    public var routing: Routing {
        get throws(PluginError) { try granted(foundRouting, .routing) }
    }

    /// Answers to exchanges.
    public var http: HTTP {
        get throws(PluginError) { try granted(foundHTTP, .http) }
    }

    /// Ends what still would call back.
    func close() {
        foundExecutor?.cancelAll()
    }
}

private func granted<Table>(_ table: Table?, _ interface: Interface) throws(PluginError) -> Table {
    guard let table else {
        throw PluginError(
            .unsupported,
            "the host does not offer \(interface.rawValue) to this instance; "
                + "name it in PluginDescription.requires or do without"
        )
    }
    return table
}

private func find<Table>(
    _ host: UnsafePointer<sluice_host>,
    _ interface: Interface
) -> UnsafePointer<Table>? {
    guard let lookup = unsafe host.pointee.find else { return nil }
    let table = unsafe interface.rawValue.withCString { id in unsafe lookup(host, id) }
    return unsafe table?.assumingMemoryBound(to: Table.self)
}
