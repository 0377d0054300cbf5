internal import SluiceBase
internal import SluiceConfig
internal import SluiceExtensions
internal import SluiceRouting
internal import SluiceShared
internal import SluiceTelemetry

/// A page of the admin API: what it is for, and what it answers.
struct Page: Sendable {
    let method: String
    let path: String
    let sentence: String
    /// The statuses it may answer with, and the type of what comes with them.
    let statuses: [UInt16]
    let mediaType: String
    let answer: @Sendable (AdminState) -> PageAnswer

    /// Every page, in the order of the start page; the operations of plugins come on top.
    static let all = [healthz, readyz, config, metrics, plugins, openapi, reload, drain]
}

extension Page {
    /// The process is alive and its control thread runs.
    private static let healthz = Page(
        method: "GET",
        path: "/healthz",
        sentence: "200 while the process is alive",
        statuses: [200],
        mediaType: "text/plain"
    ) { _ in
        .now(.text(200, "ok"))
    }

    /// Whether traffic should come here, and why not.
    private static let readyz = Page(
        method: "GET",
        path: "/readyz",
        sentence: "200 when traffic may come, else 503 with the reasons",
        statuses: [200, 503],
        mediaType: "application/json"
    ) { state in
        let readiness = state.readiness()
        return .now(
            .json(
                readiness.isReady ? 200 : 503,
                [
                    "ready": .bool(readiness.isReady),
                    "reasons": .array(readiness.reasons.map(JSON.string)),
                    "warnings": .array(readiness.warnings.map(JSON.string)),
                ]
            )
        )
    }

    /// The plugins are asked for their part; one that does not answer in time is left out.
    private static let config = Page(
        method: "GET",
        path: "/config",
        sentence: "the routing documents, their problems and the plugins' state, as JSON",
        statuses: [200],
        mediaType: "application/json"
    ) { state in
        let dumps = state.dumps()
        let answer: @Sendable () -> AdminAnswer = {
            .json(200, ConfigPage.text(of: state.configuration(), dumps: dumps.texts))
        }
        let late = LateAnswer(
            deadline: Clock.deadline(Clock.now(), after: state.limits.dumpTimeoutNanoseconds),
            whenLate: answer
        )
        dumps.whenComplete { late.give(answer()) }
        return .later(late)
    }

    /// Everything that is counted, for Prometheus.
    private static let metrics = Page(
        method: "GET",
        path: "/metrics",
        sentence: "every metric, as Prometheus text",
        statuses: [200],
        mediaType: "text/plain"
    ) { state in
        var exposition = Exposition()
        state.metrics(&exposition)
        return .now(
            AdminAnswer(
                status: 200,
                mediaType: Exposition.mediaType,
                body: Array(exposition.text.utf8)
            )
        )
    }

    private static let plugins = Page(
        method: "GET",
        path: "/plugins",
        sentence: "every plugin instance with its state, as JSON",
        statuses: [200],
        mediaType: "application/json"
    ) { state in
        .now(.json(200, ["plugins": .array(state.plugins())]))
    }

    private static let openapi = Page(
        method: "GET",
        path: "/openapi.json",
        sentence: "this API and the plugins' operations, as OpenAPI 3.1",
        statuses: [200],
        mediaType: "application/json"
    ) { state in
        .now(.json(200, OpenAPI.document(state.operations())))
    }

    private static let reload = Page(
        method: "POST",
        path: "/reload",
        sentence: "reloads the configuration and every source, as SIGHUP does",
        statuses: [200, 202, 422],
        mediaType: "application/json"
    ) { state in
        let timeout = state.limits.operationTimeoutNanoseconds
        let late = LateAnswer(deadline: Clock.deadline(Clock.now(), after: timeout)) {
            .json(202, ["reload": "it goes on; /plugins and the log will say what came of it"])
        }
        state.reload { report in late.give(.json(report.isWhole ? 200 : 422, report.json)) }
        return .later(late)
    }

    private static let drain = Page(
        method: "POST",
        path: "/drain",
        sentence: "drains and ends the host, as SIGTERM does",
        statuses: [202],
        mediaType: "application/json"
    ) { state in
        .now(.json(202, ["drain": .string(state.drain())]))
    }
}

extension ReloadReport {
    fileprivate var json: JSON {
        [
            "reload": .string(summary),
            "plugins": .object(plugins.mapValues(JSON.string)),
            "restart": .array(restart.map(JSON.string)),
            "problems": .array(problems.map(JSON.string)),
        ]
    }
}
