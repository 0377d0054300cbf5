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

    /// Requests a new instance.
    public func reconfigure(_ configuration: String) throws(PluginError) {
        throw PluginError(.unsupported, "this plugin takes a new configuration by a new instance")
    }

    /// Is idle at once.
    public func drain(deadline: UInt64) -> Drain { .idle }
}

/// What a plugin says about itself before any instance of it exists.
public struct PluginDescription: Sendable {
    /// Reverse DNS: "dev.sluice.file-source".
    public var id: String
    /// SemVer of the plugin.
    public var version: String
    /// One sentence for people.
    public var summary: String
    /// JSON Schema (2020-12) text of the configuration; nil: the plugin takes none.
    public var configurationSchema: String?
    /// Host interfaces without which `init` would fail; the host refuses to start instead.
    public var requires: [Interface]
    /// At most one instance of it may exist in a process.
    public var isSingleton: Bool

    /// Describes a plugin.
    public init(
        id: String,
        version: String,
        summary: String,
        configurationSchema: String? = nil,
        requires: [Interface] = [],
        isSingleton: Bool = false
    ) {
        self.id = id
        self.version = version
        self.summary = summary
        self.configurationSchema = configurationSchema
        self.requires = requires
        self.isSingleton = isSingleton
    }
}

/// A host interface, by the id under which the header publishes its table.
public enum Interface: String, Sendable, CaseIterable {
    case log = "sluice.log/0"
    case metrics = "sluice.metrics/0"
    case health = "sluice.health/0"
    case executor = "sluice.exec/0"
    case routing = "sluice.routing/0"
    case http = "sluice.http/0"
}

/// What the host tells a new instance about itself.
public struct Instance: Sendable {
    /// Name from the host's configuration.
    public let name: String
    /// Configuration as JSON text, already checked against the plugin's schema.
    public let configuration: String
    /// Absolute folder of the host's configuration file: relative paths in `configuration` start
    /// here.
    public let configurationFolder: String
    /// A private writable folder.
    public let stateFolder: String
    /// True in `sluice check`: `start()` will not follow, `resync()` will, and what is published
    /// is checked and reported but never installed.
    public let isCheckOnly: Bool
    /// How often this instance crashed the process recently.
    public let restarts: Int
    /// How many workers the host runs.
    public let workers: Int

    /// Describes an instance; tests use it, the host's words arrive through the entry.
    public init(
        name: String,
        configuration: String = "{}",
        configurationFolder: String = "/",
        stateFolder: String = "",
        isCheckOnly: Bool = false,
        restarts: Int = 0,
        workers: Int = 1
    ) {
        self.name = name
        self.configuration = configuration
        self.configurationFolder = configurationFolder
        self.stateFolder = stateFolder
        self.isCheckOnly = isCheckOnly
        self.restarts = restarts
        self.workers = workers
    }
}
