internal import SluiceABI
internal import SluiceBase

/// The metrics of one instance as Prometheus text, `sluice_<instance>_<name>`.
struct MetricsText {
    private(set) var text = ""

    mutating func append(_ metrics: PluginMetrics) {
        let prefix = "sluice_\(MetricName.part(metrics.instance))_"
        for metric in metrics.snapshot { append(metric, prefix + metric.name) }
    }

    private mutating func append(_ metric: PluginMetrics.Metric, _ name: String) {
        let kind =
            switch metric.kind {
            case SLUICE_METRIC_GAUGE: "gauge"
            case SLUICE_METRIC_HISTOGRAM: "histogram"
            default: "counter"
            }
        let help = metric.help.split(separator: "\n").joined(separator: " ")
        text += "# HELP \(name) \(help.isEmpty ? metric.name : help)\n# TYPE \(name) \(kind)\n"
        for (_, series) in metric.series.sorted(by: { $0.key < $1.key }) {
            let labels = zip(metric.labels, series.labels).map { "\($0)=\"\(Self.escaped($1))\"" }
            if metric.kind == SLUICE_METRIC_HISTOGRAM {
                histogram(metric, series, name, labels)
            } else {
                line(name, labels, String(value(series, 0)))
            }
        }
    }

    private mutating func histogram(
        _ metric: PluginMetrics.Metric,
        _ series: PluginMetrics.Series,
        _ name: String,
        _ labels: [String]
    ) {
        for (index, bound) in metric.bounds.enumerated() {
            line("\(name)_bucket", labels + ["le=\"\(bound)\""], "\(value(series, 2 + 2 * index))")
        }
        let count = String(value(series, 0))
        line("\(name)_bucket", labels + ["le=\"+Inf\""], count)
        let sum = Double(bitPattern: value(series, 1 + 2 * metric.bounds.count))
        line("\(name)_sum", labels, String(sum))
        line("\(name)_count", labels, count)
    }

    private mutating func line(_ name: String, _ labels: [String], _ value: String) {
        text += labels.isEmpty ? name : "\(name){\(labels.joined(separator: ","))}"
        text += " \(value)\n"
    }

    private func value(_ series: PluginMetrics.Series, _ index: Int) -> UInt64 {
        precondition(index < series.words, "a word of the series")
        return unsafe Cell(
            UnsafeMutableRawPointer(series.cell + index).assumingMemoryBound(to: UInt64.self)
        ).value
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\"": "\\\""
            default: String(scalar)
            }
        }.joined()
    }
}
