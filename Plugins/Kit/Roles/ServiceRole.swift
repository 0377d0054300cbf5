internal import SluiceABI

/// The service role of a plugin, without its type.
class ServiceRole {
    let host: Host
    let table = RoleTable(serviceOps())
    /// What the host was given last.
    private var told: MountList?

    init(_ host: Host) {
        self.host = host
    }

    static func of<Played: ServicePlugin>(_ plugin: Played) -> ServiceRole {
        if let inline = plugin as? any InlineServicePlugin { return inlined(inline) }
        return ServiceRoleOf(plugin)
    }

    private static func inlined<Played: InlineServicePlugin>(_ plugin: Played) -> ServiceRole {
        InlineServiceRoleOf(plugin)
    }

    /// Gets the mounts; the list holds until the next call.
    final func list() throws(PluginError) -> sluice_list {
        let list = try MountList(try mounts())
        told = list
        return unsafe list.list
    }

    func mounts() throws(PluginError) -> [Mount] { [] }

    /// Begins the task that answers.
    ///
    /// Lane.
    func begin(_ exchange: Exchange) -> Handling { .declined }

    /// Answers on the worker.
    func respond(inline request: borrowing InlineRequest) throws(PluginError) -> Response? { nil }
}

/// What the host hears about a request at once.
enum Handling {
    case answered, pending, declined
}

private class ServiceRoleOf<Played: ServicePlugin>: ServiceRole {
    fileprivate let plugin: Played

    init(_ plugin: Played) {
        self.plugin = plugin
        super.init(plugin.host)
    }

    override func mounts() throws(PluginError) -> [Mount] {
        try plugin.onLane { plugin throws(PluginError) in try plugin.mounts() }
    }

    override func begin(_ exchange: Exchange) -> Handling {
        let attempt = Attempt()
        let id = host.tasks.begin("request")
        plugin.onLane { plugin in
            let task = Task.immediate(executorPreference: plugin.host.lane) {
                do {
                    try await plugin.request(
                        Request(exchange: exchange),
                        Reply(exchange: exchange)
                    )
                    exchange.settle(nil, isDeclinable: false)
                } catch {
                    let isEarly = !attempt.isPending
                    attempt.isDeclined = exchange.settle(error, isDeclinable: isEarly)
                }
                exchange.taskEnded()
                attempt.hasEnded = true
                plugin.host.tasks.end(id)
            }
            if attempt.hasEnded { return }
            exchange.task = task
            plugin.host.tasks.keep(task, of: id)
        }
        attempt.isPending = true
        if attempt.isDeclined { return .declined }
        return exchange.progress == .ended ? .answered : .pending
    }
}

/// What became of a task while its caller waits.
///
/// Lane only.
private final class Attempt: @unchecked Sendable {
    var hasEnded = false
    var isDeclined = false
    /// The caller has left.
    var isPending = false
}

private final class InlineServiceRoleOf<Played: InlineServicePlugin>: ServiceRoleOf<Played> {
    override func respond(inline request: borrowing InlineRequest) throws(PluginError) -> Response?
    {
        try plugin.respond(inline: request)
    }
}
