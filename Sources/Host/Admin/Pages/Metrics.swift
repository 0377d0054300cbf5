internal import SluiceTelemetry

/// `/metrics`: everything that is counted, for Prometheus.
enum Metrics {
    static let page = Router.Page(
        method: "GET",
        path: "/metrics",
        sentence: "every metric, as Prometheus text"
    ) { state in
        var exposition = Exposition()
        state.metrics(&exposition)
        return AdminAnswer(
            status: 200,
            mediaType: Exposition.mediaType,
            body: Array(exposition.text.utf8)
        )
    }
}
