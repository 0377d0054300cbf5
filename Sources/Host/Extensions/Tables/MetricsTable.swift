internal import SluiceABI
internal import SluiceBase
internal import SluiceOutbound
internal import Synchronization

/// `sluice.metrics`, BOUND: series that plugins update in place.
enum MetricsTable {
    private typealias Table = UnsafePointer<sluice_metrics_api>?
    private typealias Definition = UnsafePointer<sluice_metric_def>?
    private typealias Number = UnsafeMutablePointer<UInt32>?
    private typealias Failure = UnsafeMutablePointer<sluice_error>?
    private typealias Values = UnsafePointer<sluice_span>?
    private typealias Series = UnsafeMutablePointer<sluice_cell>?
    private typealias Out = UnsafeMutablePointer<UnsafeMutablePointer<sluice_cell>?>?

    static var table: sluice_metrics_api {
        unsafe sluice_metrics_api(define: define, cell: cell, observe: observe)
    }

    private static let define:
        @convention(c) (Table, Definition, Number, Failure) -> sluice_status =
            { table, definition, number, failure in
                guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
                guard let definition = unsafe definition, let number = unsafe number else {
                    return unsafe PluginError.fill(
                        failure,
                        SLUICE_E_INVALID,
                        "expected a definition, and a place for its number"
                    )
                }
                guard instance.lane.isCurrent else {
                    return unsafe PluginError.fill(
                        failure,
                        SLUICE_E_THREAD,
                        "metrics are defined on the lane"
                    )
                }
                let wanted = unsafe definition.sized(empty: sluice_metric_def())
                do throws(MetricRefusal) {
                    unsafe number.pointee = try instance.metrics.define(wanted)
                    return SLUICE_OK
                } catch {
                    return unsafe PluginError.fill(failure, error.status, error.text)
                }
            }

    private static let cell: @convention(c) (Table, UInt32, Values, Int, Out) -> sluice_status = {
        table,
        id,
        values,
        count,
        out in
        guard let out = unsafe out, unsafe count == 0 || values != nil,
            (0...PluginMetrics.labelsMax).contains(count)
        else { return SLUICE_E_INVALID }
        guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
        var labels: [String] = []
        for index in 0..<count {
            if let values = unsafe values { labels.append(unsafe values[index].text) }
        }
        do throws(MetricRefusal) {
            unsafe out.pointee = try instance.metrics.series(id, labels).cell
            return SLUICE_OK
        } catch {
            return error.status
        }
    }

    private static let observe: @convention(c) (Table, Series, Double) -> Void = {
        table,
        cell,
        value in
        guard let cell = unsafe cell else { return }
        unsafe caller(table)?.metrics.observe(cell, value)
    }
}

/// Why a metric or a series was refused.
struct MetricRefusal: Error {
    let status: sluice_status
    let text: String
}

/// The metrics of one instance, for any thread.
final class PluginMetrics: Sendable {
    /// Metrics of one instance.
    static let metricsMax = 256
    static let labelsMax = 8
    static let bucketsMax = 64

    /// One series: the plugin's cell, and for a histogram the words behind it.
    ///
    /// Layout behind the cell: the number of bounds, each bound with its count, the sum.
    @safe
    struct Series: @unchecked Sendable {
        let labels: [String]
        let cell: UnsafeMutablePointer<sluice_cell>
        let words: Int
    }

    struct Metric: Sendable {
        let name: String
        let help: String
        let kind: Int32
        let labels: [String]
        let bounds: [Double]
        let seriesMax: Int
        var series: [String: Series] = [:]
    }

    let instance: String
    private let seriesMax: Int
    private let metrics = Mutex<[Metric]>([])
    private let histograms = Mutex<[UInt: (metric: Int, bounds: Int)]>([:])

    init(instance: String, seriesMax: Int) {
        self.instance = instance
        self.seriesMax = seriesMax
    }

    /// Adds a metric; the same definition again gives the same number.
    func define(_ wanted: sluice_metric_def) throws(MetricRefusal) -> UInt32 {
        let name = unsafe wanted.name.text
        let labels = try unsafe Self.labels(of: wanted, name)
        let bounds = try unsafe Self.bounds(of: wanted, name)
        guard MetricName.isValid(name) else {
            throw Self.invalid(
                "\"\(name)\" is no name of a metric, expected [a-zA-Z_][a-zA-Z0-9_]*"
            )
        }
        guard (SLUICE_METRIC_COUNTER...SLUICE_METRIC_HISTOGRAM).contains(unsafe wanted.kind) else {
            throw Self.invalid(unsafe "\(name): \(wanted.kind) is no kind of a metric")
        }
        let asked = unsafe Int(wanted.max_series)
        return try add(
            Metric(
                name: name,
                help: unsafe wanted.help.text,
                kind: unsafe wanted.kind,
                labels: labels,
                bounds: bounds,
                seriesMax: asked == 0 ? seriesMax : min(asked, seriesMax)
            )
        )
    }

    private static func labels(
        of wanted: sluice_metric_def,
        _ name: String
    ) throws(MetricRefusal) -> [String] {
        let count = unsafe Int(wanted.nlabels)
        guard count <= labelsMax else {
            throw limit("\(name) has \(count) labels, expected at most \(labelsMax)")
        }
        var labels: [String] = []
        for index in 0..<count {
            guard let items = unsafe wanted.labels else { throw invalid("\(name): no labels") }
            labels.append(unsafe items[index].text)
        }
        if let wrong = labels.first(where: { !MetricName.isValid($0) }) {
            throw invalid("\(name): \"\(wrong)\" is no name of a label")
        }
        return labels
    }

    private static func bounds(
        of wanted: sluice_metric_def,
        _ name: String
    ) throws(MetricRefusal) -> [Double] {
        let count = unsafe Int(wanted.nbuckets)
        guard count <= bucketsMax else {
            throw limit("\(name) has \(count) buckets, expected at most \(bucketsMax)")
        }
        var bounds: [Double] = []
        for index in 0..<count {
            guard let items = unsafe wanted.buckets else { throw invalid("\(name): no buckets") }
            bounds.append(unsafe items[index])
        }
        guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw invalid("\(name): its buckets are not in ascending order")
        }
        return bounds
    }

    private func add(_ metric: Metric) throws(MetricRefusal) -> UInt32 {
        try metrics.withLock { metrics throws(MetricRefusal) in
            if let index = metrics.firstIndex(where: { $0.name == metric.name }) {
                let known = metrics[index]
                guard known.kind == metric.kind, known.labels == metric.labels else {
                    throw MetricRefusal(
                        status: SLUICE_E_EXISTS,
                        text: "\(metric.name) is defined already, with another kind or labels"
                    )
                }
                return UInt32(index)
            }
            guard metrics.count < Self.metricsMax else {
                throw Self.limit("an instance has \(Self.metricsMax) metrics at most")
            }
            metrics.append(metric)
            return UInt32(metrics.count - 1)
        }
    }

    /// Finds or makes a series; above the limit every new one is "other".
    func series(_ id: UInt32, _ values: [String]) throws(MetricRefusal) -> Series {
        try metrics.withLock { metrics throws(MetricRefusal) in
            guard Int(id) < metrics.count else {
                throw MetricRefusal(status: SLUICE_E_NOTFOUND, text: "there is no metric \(id)")
            }
            let metric = metrics[Int(id)]
            guard values.count == metric.labels.count else {
                throw Self.invalid("\(metric.name) has \(metric.labels.count) labels")
            }
            if let known = metric.series[Self.key(values)] { return known }
            let isFull = metric.series.count >= metric.seriesMax
            let labels = isFull ? metric.labels.map { _ in "other" } : values
            if let known = metric.series[Self.key(labels)] { return known }
            let made = make(Int(id), metric, labels)
            metrics[Int(id)].series[Self.key(labels)] = made
            return made
        }
    }

    private func make(_ id: Int, _ metric: Metric, _ labels: [String]) -> Series {
        let isHistogram = metric.kind == SLUICE_METRIC_HISTOGRAM
        let words = isHistogram ? 2 + 2 * metric.bounds.count : 1
        let memory = UnsafeMutablePointer<sluice_cell>.allocate(capacity: words)
        unsafe memory.initialize(repeating: sluice_cell(value: 0), count: words)
        if isHistogram {
            for (index, bound) in metric.bounds.enumerated() {
                unsafe memory[1 + 2 * index].value = bound.bitPattern
            }
            let address = UInt(bitPattern: memory)
            histograms.withLock { $0[address] = (id, metric.bounds.count) }
        }
        return unsafe Series(labels: labels, cell: memory, words: words)
    }

    /// Adds one value to a histogram's series; anything else is ignored.
    func observe(_ cell: UnsafeMutablePointer<sluice_cell>, _ value: Double) {
        let address = UInt(bitPattern: cell)
        guard let found = histograms.withLock({ $0[address] }) else { return }
        let word = { (index: Int) in
            unsafe Cell(UnsafeMutableRawPointer(cell + index).assumingMemoryBound(to: UInt64.self))
        }
        word(0).add(1)
        for index in 0..<found.bounds
        where value <= Double(bitPattern: word(1 + 2 * index).value) {
            word(2 + 2 * index).add(1)
        }
        let sum = word(1 + 2 * found.bounds)
        while true {
            let seen = sum.value
            let next = (Double(bitPattern: seen) + value).bitPattern
            if sum.exchange(next, ifEqual: seen) { return }
        }
    }

    /// All metrics as they are now.
    var snapshot: [Metric] { metrics.withLock { $0 } }

    private static func key(_ values: [String]) -> String { values.joined(separator: "\u{0}") }

    private static func invalid(_ text: String) -> MetricRefusal {
        MetricRefusal(status: SLUICE_E_INVALID, text: text)
    }

    private static func limit(_ text: String) -> MetricRefusal {
        MetricRefusal(status: SLUICE_E_LIMIT, text: text)
    }
}

/// The names Prometheus takes.
enum MetricName {
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) }
    }

    /// The name of an instance as a part of a metric's name.
    static func part(_ name: String) -> String {
        String(decoding: name.utf8.map { isLetter($0) ? $0 : 0x5f }, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
        default: false
        }
    }
}

/// The metrics of one instance as Prometheus text, `sluice_<instance>_<name>`.
struct MetricsText {
    private(set) var text = ""

    mutating func append(_ metrics: PluginMetrics) {
        let prefix = "sluice_\(MetricName.part(metrics.instance))_"
        for metric in metrics.snapshot { append(metric, prefix + metric.name) }
    }

    /// What instances have called, one sample for each of them; nothing when none has.
    mutating func append(outbound counts: [(plugin: String, counts: OutboundCounts)]) {
        guard !counts.isEmpty else { return }
        func samples(_ value: (OutboundCounts) -> UInt64) -> [([String], UInt64)] {
            counts.map { (["plugin=\"\($0.plugin)\""], value($0.counts)) }
        }
        family("calls_total", "counter", "Calls to other servers.", samples(\.calls))
        family("calls_active", "gauge", "Calls that are under way.", samples(\.active))
        family("sent_bytes_total", "counter", "Bytes sent.", samples(\.sentBytes))
        family("received_bytes_total", "counter", "Bytes received.", samples(\.receivedBytes))
        family("connections_opened_total", "counter", "Connections.", samples(\.connectionsOpened))
        family("connections_open", "gauge", "Connections now.", samples(\.connectionsOpen))
        let failures = counts.flatMap { plugin, counts in
            zip(OutboundFailure.allCases, counts.failures).map { kind, count in
                (["plugin=\"\(plugin)\"", "failed=\"\(kind.word)\""], count)
            }
        }
        family("failures_total", "counter", "Calls that failed, by what failed.", failures)
    }

    private mutating func family(
        _ name: String,
        _ kind: String,
        _ help: String,
        _ samples: [([String], UInt64)]
    ) {
        let name = "sluice_outbound_\(name)"
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        for (labels, value) in samples { line(name, labels, String(value)) }
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
