internal import SluiceAdmin
internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceServe
internal import SluiceShared
internal import SluiceTelemetry

// What the admin API shows.
extension RunningHost {
    /// The functions behind the pages.
    var adminState: AdminState {
        AdminState(
            limits: configuration.limits,
            readiness: { self.readiness() },
            configuration: { self.report() },
            metrics: { self.write(metrics: &$0) },
            plugins: { self.plugins.reports.map(\.json) },
            operations: { self.plugins.operations },
            perform: { self.plugins.perform($0, then: $1) },
            dumps: { self.plugins.dumps() },
            reload: { self.reload(then: $0) },
            drain: {
                self.stop(withNotice: true) ? "the host drains" : "the host drains already"
            }
        )
    }

    private func readiness() -> HostReadiness {
        let plugins = plugins.readiness
        var reasons: [String] = []
        switch phase {
        case .starting: reasons.append("the host is starting")
        case .serving: reasons += routingObstacles()
        case .draining, .stopped: reasons.append("the host is draining")
        }
        if let failure { reasons.append(failure) }
        let state = serve.publisher.state
        // Ports that could not be had are among the reasons.
        let problems = state.problems.filter { !state.unbound.contains($0) }
        return HostReadiness(
            reasons: reasons + plugins.obstacles,
            warnings: source.warnings(problems) + plugins.warnings
        )
    }

    /// What keeps traffic away while the host serves: a listener that is not bound, workers
    /// without routes, or no listener at all where one is expected.
    private func routingObstacles() -> [String] {
        let state = serve.publisher.state
        let unbound = state.unbound.map { "listener \($0.name) is not bound: \($0.text)" }
        if !unbound.isEmpty { return unbound }
        if state.generation > 0, serve.publisher.adoptedGeneration == 0 {
            return ["not every worker has its first routes yet"]
        }
        guard state.bindings == 0 else { return [] }
        if !configuration.listeners.isEmpty { return ["the host's listeners are not open yet"] }
        guard !configuration.plugins.isEmpty else {
            return ["nothing is configured: there is neither a listener nor a plugin"]
        }
        // A host of tasks alone has nothing to listen for.
        let sources = plugins.reports.filter { $0.roles.contains(.source) }
        guard !sources.isEmpty else { return [] }
        return [
            "no listener is configured: \(sources.map(\.name).joined(separator: ", ")) has"
                + " published none"
        ]
    }

    private func report() -> ConfigurationReport {
        let state = serve.publisher.state
        let limit = configuration.limits.problemsKeptMax
        let own = source.isEmpty ? [] : [HostListeners.instance]
        return ConfigurationReport(
            generation: state.generation,
            instances: own + plugins.instanceOrder,
            documents: state.documents,
            problems: Array(state.problems.prefix(limit)),
            problemsLeftOut: max(0, state.problems.count - limit),
            sources: state.revisions.sorted { $0.key < $1.key }.map { instance, revision in
                (instance, (["revision": .string(revision)] as JSON).canonical())
            }
        )
    }

    private func write(metrics: inout Exposition) {
        metrics.append(counters)
        metrics.single(.configGeneration, serve.publisher.state.generation)
        metrics.single(.configProblems, UInt64(serve.publisher.state.problems.count))
        metrics.begin(.pluginUp)
        for report in plugins.reports {
            let labels = [MetricLabel("plugin", report.name)]
            metrics.sample(.pluginUp, labels, report.state == .started ? 1 : 0)
        }
        metrics.append(process)
        metrics.append(plugins.metricsText)
    }
}

extension MetricFamily {
    fileprivate static let configGeneration = MetricFamily(
        "sluice_config_generation",
        .gauge,
        "Generation of the routes that were compiled last."
    )
    fileprivate static let configProblems = MetricFamily(
        "sluice_config_problems",
        .gauge,
        "Problems in the documents of the last generation; /config lists them."
    )
    fileprivate static let pluginUp = MetricFamily(
        "sluice_plugin_up",
        .gauge,
        "1 while the plugin instance is started, else 0."
    )
}

extension InstanceReport {
    /// The instance as `/plugins` shows it.
    fileprivate var json: JSON {
        [
            "name": .string(name),
            "state": .string(state.rawValue),
            "required": .bool(isRequired),
            "library": .string(library),
            "path": .string(path),
            "id": .string(id),
            "version": .string(version),
            "summary": .string(summary),
            "roles": .array(roles.map { .string($0.rawValue) }),
            "mounts": .array(mounts.map(JSON.string)),
            "revision": .string(revision),
            "restarts": .integer(Int64(restarts)),
            "lastError": .string(lastError),
            "health": .array(
                health.map { report in
                    [
                        "component": .string(report.component),
                        "state": .string(report.state.word),
                        "message": .string(report.message),
                    ]
                }
            ),
        ]
    }
}
