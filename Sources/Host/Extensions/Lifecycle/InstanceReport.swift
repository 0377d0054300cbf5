/// How far an instance has come.
package enum InstanceState: String, Sendable {
    case configured
    case created
    case started
    case draining
    case stopped
    case failed
}

/// The roles an instance may play; the raw value is its word in `/plugins`.
package enum PluginRole: String, CaseIterable, Sendable {
    case service, source

    /// The id in the header.
    var id: String { "sluice.\(rawValue)/1" }
}

/// One instance as `/plugins` shows it.
package struct InstanceReport: Sendable {
    package let name: String
    /// What the library calls itself; empty when it could not be loaded.
    package let id: String
    package let version: String
    package let summary: String
    package let library: String
    /// The file; empty when it was not found.
    package let path: String
    package let state: InstanceState
    /// Empty: a task.
    package let roles: [PluginRole]
    package let isRequired: Bool
    package let restarts: Int
    package let lastError: String
    package let health: [HealthReport]
    /// Prefixes of the mounts of a service.
    package let mounts: [String]
    /// The last revision a source has committed.
    package let revision: String
}

/// Whether the plugins let the host be ready, and why not.
package struct Readiness: Sendable, Equatable {
    /// What keeps `/readyz` at 503; empty when nothing does.
    package let obstacles: [String]
    /// What is worth knowing and does not matter to readiness.
    package let warnings: [String]

    package var isReady: Bool { obstacles.isEmpty }
}
