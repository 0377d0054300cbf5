/// One instance of a plugin: what the host creates, starts, changes, drains and stops.
///
/// All calls arrive on the instance's own lane, one at a time, in the order of the members.
/// They may block; that holds up nobody but this instance.
public protocol Plugin: AnyObject {
    /// Who this is and what its configuration looks like; read before any instance exists.
    static var description: PluginDescription { get }

    /// Says what the schema cannot: a pure check of `configuration` (JSON text), without I/O.
    ///
    /// Any thread.
    static func check(configuration: String) throws(PluginError)

    /// Builds the instance: no traffic yet, no threads, and no waiting for the network.
    init(host: Host, instance: Instance) throws(PluginError)

    /// Begins work; traffic may arrive once this has returned.
    ///
    /// It does not follow when `Instance.isCheckOnly`.
    func start() throws(PluginError)

    /// Takes a new configuration (JSON text that fits the schema), all of it or nothing.
    ///
    /// Throwing keeps the old one in force. The status `.unsupported` (the default) asks the host
    /// for a fresh instance beside this one.
    func reconfigure(_ configuration: String) throws(PluginError)

    /// Hears that no new work will come.
    ///
    /// After `.pending` call `Lane.drained()` when the last work is done; at `deadline`
    /// (nanoseconds of `Lane.now`) the host goes on regardless.
    func drain(deadline: UInt64) -> Drain

    /// Ends all work; when it returns, no code of this instance runs any more.
    ///
    /// Timers and watches still running are ended by the kit afterwards.
    func stop()
}

/// The answer to `Plugin.drain(deadline:)`.
public enum Drain: Sendable {
    /// Nothing is under way.
    case idle
    /// Work is under way; `Lane.drained()` follows.
    case pending
}

extension Plugin {
    /// Accepts whatever fits the schema.
    public static func check(configuration: String) throws(PluginError) {}

    /// Asks for a fresh instance.
    public func reconfigure(_ configuration: String) throws(PluginError) {
        throw PluginError(.unsupported, "this plugin takes a new configuration by a new instance")
    }

    /// Is idle at once.
    public func drain(deadline: UInt64) -> Drain { .idle }
}
