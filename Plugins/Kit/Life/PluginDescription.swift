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
    /// Every plugin on the kit needs it; it need not be named.
    case executor = "sluice.exec/0"
    case routing = "sluice.routing/0"
    case http = "sluice.http/0"
    case client = "sluice.client/0"
    case bytes = "sluice.bytes/0"
    case reply = "sluice.reply/0"
}
