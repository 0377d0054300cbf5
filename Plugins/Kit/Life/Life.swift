/// The life of a plugin, without its type.
class Life {
    func isExclusive() -> Bool { false }
    func start() throws(PluginError) {}
    func reconfigure(_ configuration: String) throws(PluginError) {}
    /// Begins a task that drains, and calls `then` at its end.
    func drain(_ deadline: UInt64, then: @escaping @Sendable () -> Void) {}
    /// Begins a task that stops.
    func stop(_ deadline: UInt64) {}
}

/// The life of a plugin of a type.
final class LifeOf<Lived: Plugin>: Life {
    private let plugin: Lived

    init(_ plugin: Lived) {
        self.plugin = plugin
    }

    override func isExclusive() -> Bool {
        plugin.onLane { plugin in plugin.isExclusive }
    }

    override func start() throws(PluginError) {
        try plugin.onLane { plugin throws(PluginError) in try plugin.start() }
    }

    override func reconfigure(_ configuration: String) throws(PluginError) {
        try plugin.onLane { plugin throws(PluginError) in try plugin.reconfigure(configuration) }
    }

    override func drain(_ deadline: UInt64, then: @escaping @Sendable () -> Void) {
        plugin.host.task("drain") { [plugin] in
            await plugin.drain(deadline: deadline)
            then()
        }
    }

    override func stop(_ deadline: UInt64) {
        plugin.host.task("stop") { [plugin] in await plugin.stop(deadline: deadline) }
    }
}
