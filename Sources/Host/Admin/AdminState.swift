package import SluiceConfig
package import SluiceExtensions
package import SluiceRouting
package import SluiceShared
package import SluiceTelemetry

/// What the pages show and may ask for: functions that the executable fills in.
///
/// They run on the control thread, must not wait, and see the host from outside: the admin API
/// imports no worker. What takes a while answers later, on a thread of its own.
package struct AdminState: Sendable {
    package var limits: Limits
    /// Whether the host should get traffic, and why not.
    package var readiness: @Sendable () -> HostReadiness
    /// Everything that routes are made of.
    package var configuration: @Sendable () -> ConfigurationReport
    /// Writes every metric of the host and its plugins.
    package var metrics: @Sendable (inout Exposition) -> Void
    /// One object for each plugin instance, in the order of the configuration.
    package var plugins: @Sendable () -> [JSON]
    /// The operations of the plugins, in the order of the configuration.
    package var operations: @Sendable () -> [InstanceOperations]
    /// Calls an operation of a plugin.
    package var perform:
        @Sendable (OperationRequest, @escaping @Sendable (OperationOutcome) -> Void) -> Void
    /// Asks the plugins for their state.
    package var dumps: @Sendable () -> Dumps
    /// Reloads, and tells what came of it.
    package var reload: @Sendable (@escaping @Sendable (ReloadReport) -> Void) -> Void
    /// Begins to drain the host; a sentence says whether it does so now.
    package var drain: @Sendable () -> String

    package init(
        limits: Limits,
        readiness: @escaping @Sendable () -> HostReadiness,
        configuration: @escaping @Sendable () -> ConfigurationReport,
        metrics: @escaping @Sendable (inout Exposition) -> Void,
        plugins: @escaping @Sendable () -> [JSON],
        operations: @escaping @Sendable () -> [InstanceOperations],
        perform:
            @escaping @Sendable (
                OperationRequest, @escaping @Sendable (OperationOutcome) -> Void
            ) -> Void,
        dumps: @escaping @Sendable () -> Dumps,
        reload: @escaping @Sendable (@escaping @Sendable (ReloadReport) -> Void) -> Void,
        drain: @escaping @Sendable () -> String
    ) {
        self.limits = limits
        self.readiness = readiness
        self.configuration = configuration
        self.metrics = metrics
        self.plugins = plugins
        self.operations = operations
        self.perform = perform
        self.dumps = dumps
        self.reload = reload
        self.drain = drain
    }
}

/// What came of a reload.
package struct ReloadReport: Sendable, Equatable {
    /// A sentence.
    package var summary: String
    /// By instance, what became of each whose configuration or library has changed.
    package var plugins: [String: String]
    /// The settings that have changed and are in force only after a restart.
    package var restart: [String]
    /// What is wrong, `file:line` first, one sentence each.
    package var problems: [String]

    package init(
        summary: String,
        plugins: [String: String] = [:],
        restart: [String] = [],
        problems: [String] = []
    ) {
        self.summary = summary
        self.plugins = plugins
        self.restart = restart
        self.problems = problems
    }

    /// Whether all that was changed is in force, or will be after a restart.
    package var isWhole: Bool { problems.isEmpty }
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
