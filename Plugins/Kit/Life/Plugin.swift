/// One instance of a plugin: an actor on the instance's lane, which the host creates, starts,
/// changes, drains and stops.
///
///     public actor Greeter: ServicePlugin {
///         public let host: Host
///         public init(host: Host, instance: Instance) throws(PluginError) { self.host = host }
///
/// All calls arrive on the lane, one at a time, in the order of the members; between two of them,
/// and where a task of the plugin waits, others run. A call that blocks holds up nobody but this
/// instance. Nothing of the plugin runs on another thread but what `Host.blocking` is given, and
/// what says so.
public protocol Plugin: Actor {
    /// Who this is and what its configuration looks like; read before any instance exists.
    static var description: PluginDescription { get }

    /// Says what the schema cannot: a pure check of `configuration` (JSON text), without I/O.
    ///
    /// Any thread.
    static func check(configuration: String) throws(PluginError)

    /// What the instance was given: `init` keeps it.
    nonisolated var host: Host { get }

    /// Whether two instances must not run at one time, also in two processes; it may follow from
    /// the configuration.
    ///
    /// This one starts when the other has stopped; until then its mounts answer 503.
    var isExclusive: Bool { get }

    /// Builds the instance: no traffic yet, and no waiting for the network.
    init(host: Host, instance: Instance) throws(PluginError)

    /// Begins work; traffic may arrive once this has returned.
    ///
    /// It does not follow when `Instance.isCheckOnly`. What takes time is begun as a task
    /// (`Host.task`), and reported by `Host.health`.
    func start() throws(PluginError)

    /// Takes a new configuration (JSON text that fits the schema), all of it or nothing.
    ///
    /// Throwing keeps the old one in force. The status `.unsupported` (the default) asks the host
    /// for a fresh instance beside this one.
    func reconfigure(_ configuration: String) throws(PluginError)

    /// Hears that no new work will come, and returns when the last work is done.
    ///
    /// At `deadline` (`Lane.now`; `UInt64.max`: never) the host goes on regardless.
    func drain(deadline: UInt64) async

    /// Ends what `Host.task` does not end: it was cancelled before this call.
    ///
    /// The instance has stopped when this has returned and its last task has ended. One that still
    /// has tasks at `deadline` is left in memory, and the log names them.
    func stop(deadline: UInt64) async
}

extension Plugin {
    /// The lane: what makes the actor run there.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe host.lane.asUnownedSerialExecutor()
    }

    /// Accepts whatever fits the schema.
    public static func check(configuration: String) throws(PluginError) {}

    /// May run beside another one.
    public var isExclusive: Bool { false }

    /// Has nothing to begin.
    public func start() throws(PluginError) {}

    /// Requests a new instance.
    public func reconfigure(_ configuration: String) throws(PluginError) {
        throw PluginError(.unsupported, "this plugin takes a new configuration by a new instance")
    }

    /// Is idle at once.
    public func drain(deadline: UInt64) async {}

    /// Has nothing but its tasks.
    public func stop(deadline: UInt64) async {}

    /// Runs `body` with the plugin on its lane, in the order of this thread's posts.
    ///
    /// Any thread: `plugin.post { $0.count += 1 }`.
    public nonisolated func post(_ body: @escaping @Sendable (isolated Self) -> Void) {
        host.lane.post { await body(self) }
    }

    /// Calls into the plugin from C, on the lane.
    ///
    /// As `assumeIsolated` does it, but what is captured and answered may belong to the lane.
    nonisolated func onLane<Answer, Failure: Error>(
        _ body: (isolated Self) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        typealias Plain = (Self) throws(Failure) -> Answer
        host.lane.checkIsolated()
        return try host.lane.enter { () throws(Failure) in
            try withoutActuallyEscaping(body) { (body) throws(Failure) in
                try unsafe unsafeBitCast(body, to: Plain.self)(self)
            }
        }
    }
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
