package import SluiceRouting
package import SluiceShared
package import SluiceTelemetry

/// What the pages show and may ask for: functions that the executable fills in.
///
/// They run on the control thread, must not wait, and see the host from outside: the admin API
/// imports no worker.
package struct AdminState: Sendable {
    /// Whether the host should get traffic, and why not.
    package var readiness: @Sendable () -> HostReadiness
    /// Everything that routes are made of.
    package var configuration: @Sendable () -> ConfigurationReport
    /// Writes every metric of the host and its plugins.
    package var metrics: @Sendable (inout Exposition) -> Void
    /// One object for each plugin instance, in the order of the configuration.
    package var plugins: @Sendable () -> [JSON]
    /// Reloads; a sentence says what was begun.
    package var reload: @Sendable () -> String
    /// Begins to drain the host; a sentence says whether it does so now.
    package var drain: @Sendable () -> String

    package init(
        readiness: @escaping @Sendable () -> HostReadiness,
        configuration: @escaping @Sendable () -> ConfigurationReport,
        metrics: @escaping @Sendable (inout Exposition) -> Void,
        plugins: @escaping @Sendable () -> [JSON],
        reload: @escaping @Sendable () -> String,
        drain: @escaping @Sendable () -> String
    ) {
        self.readiness = readiness
        self.configuration = configuration
        self.metrics = metrics
        self.plugins = plugins
        self.reload = reload
        self.drain = drain
    }
}

/// Whether the host should get traffic.
package struct HostReadiness: Sendable, Equatable {
    /// Why not, one sentence each; empty means ready.
    package var reasons: [String]
    /// What is wrong without keeping traffic away.
    package var warnings: [String]

    package init(reasons: [String] = [], warnings: [String] = []) {
        self.reasons = reasons
        self.warnings = warnings
    }

    package var isReady: Bool { reasons.isEmpty }
}

/// Everything that routes are made of, at one generation.
package struct ConfigurationReport: Sendable {
    package var generation: UInt64
    /// Instances in the order of the configuration, with or without documents.
    package var instances: [String]
    package var documents: [Document]
    package var problems: [Problem]
    /// Further problems that were only counted.
    package var problemsLeftOut: Int
    /// What each source says of itself, as JSON text.
    package var sources: [(instance: String, text: [UInt8])]

    package init(
        generation: UInt64 = 0,
        instances: [String] = [],
        documents: [Document] = [],
        problems: [Problem] = [],
        problemsLeftOut: Int = 0,
        sources: [(instance: String, text: [UInt8])] = []
    ) {
        self.generation = generation
        self.instances = instances
        self.documents = documents
        self.problems = problems
        self.problemsLeftOut = problemsLeftOut
        self.sources = sources
    }
}
