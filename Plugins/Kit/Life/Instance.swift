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
