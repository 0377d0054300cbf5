internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// What `/plugins`, `/readyz`, `/config` and `/metrics` show.
extension PluginHost {
    /// Every configured instance, in the order of the configuration.
    package var reports: [InstanceReport] {
        let now = Clock.now()
        return configured.map { configuration, instance, failure in
            let shown = instance?.shown.withLock { $0 }
            let lastError = shown?.lastError ?? ""
            return InstanceReport(
                name: configuration.name,
                id: shown?.description?.id ?? "",
                version: shown?.description?.version ?? "",
                summary: shown?.description?.summary ?? "",
                library: configuration.library,
                path: shown?.path ?? "",
                state: shown?.state ?? .failed,
                roles: shown?.roles ?? [],
                isRequired: configuration.isRequired,
                restarts: environment.recentCrashes[configuration.name] ?? 0,
                lastError: lastError.isEmpty ? failure?.text ?? "" : lastError,
                health: instance?.health.reports(at: now) ?? [],
                mounts: shown?.mounts ?? [],
                revision: instance?.routing.revision ?? ""
            )
        }
    }

    /// Whether the plugins let the host be ready.
    package var readiness: Readiness {
        let now = Clock.now()
        var obstacles: [String] = []
        var warnings: [String] = []
        for (configuration, instance, failure) in configured {
            let name = "plugin \(configuration.name)"
            var hindering: [String] = []
            if let failure {
                hindering.append("\(name): \(failure.step): \(failure.text)")
            } else if let instance {
                if instance.state != .started {
                    hindering.append("\(name) is \(instance.state.rawValue)")
                } else if instance.isPublishAwaited {
                    hindering.append("\(name) has not published yet")
                }
                for report in instance.health.reports(at: now) where report.state != .ready {
                    let text = "\(name): \(report.component) is \(report.state.word)"
                    let line = report.message.isEmpty ? text : "\(text): \(report.message)"
                    if report.state == .degraded {
                        warnings.append(line)
                    } else {
                        hindering.append(line)
                    }
                }
            }
            if configuration.isRequired {
                obstacles += hindering
            } else {
                warnings += hindering
            }
        }
        return Readiness(obstacles: obstacles, warnings: warnings)
    }

    /// The plugins' own metrics as Prometheus text.
    package var metricsText: String {
        var text = MetricsText()
        for (_, instance, _) in configured {
            if let instance { text.append(instance.metrics) }
        }
        return text.text
    }
}

/// How far an instance has come.
package enum InstanceState: String, Sendable {
    case configured
    case created
    case starting
    case started
    case draining
    case stopped
    case failed
}

/// The roles an instance may play; the raw value is its word in `/plugins`.
package enum PluginRole: String, CaseIterable, Sendable {
    case service, filter, source, admin

    /// The id in the header.
    var id: String {
        switch self {
        case .service: SLUICE_ROLE_SERVICE
        case .filter: SLUICE_ROLE_FILTER
        case .source: SLUICE_ROLE_SOURCE
        case .admin: SLUICE_ROLE_ADMIN
        }
    }
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
