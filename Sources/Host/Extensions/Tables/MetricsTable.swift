internal import SluiceABI
internal import SluiceBase
internal import Synchronization

/// `sluice.metrics/1`, BOUND: series that plugins update in place.
enum MetricsTable {
    private typealias Context = UnsafeMutableRawPointer?
    private typealias Definition = UnsafePointer<sluice_metric_def>?
    private typealias Number = UnsafeMutablePointer<UInt32>?
    private typealias Values = UnsafePointer<sluice_span>?
    private typealias Out = UnsafeMutablePointer<UnsafeMutablePointer<sluice_cell>?>?
    private typealias Define = @convention(c) (Definition, Number) -> sluice_status
    private typealias Find = @convention(c) (UInt32, Values, Int, Out) -> sluice_status
    private typealias Observe = @convention(c) (UnsafeMutablePointer<sluice_cell>?, Double) -> Void

    static func make(_ bridge: Bridge) -> sluice_metrics_api {
        unsafe sluice_metrics_api(
            define: bridge.mint("i(pp)", define, as: Define.self),
            cell: bridge.mint("i(upUp)", cell, as: Find.self),
            observe: bridge.mint("v(pd)", observe, as: Observe.self)
        )
    }

    private static let define: @convention(c) (Context, Definition, Number) -> sluice_status = {
        context,
        definition,
        number in
        guard let instance = unsafe context.instance, let definition = unsafe definition,
            let number = unsafe number
        else { return SLUICE_E_INVALID }
        guard instance.lane.isCurrent else { return SLUICE_E_THREAD }
        let wanted = unsafe definition.sized(empty: sluice_metric_def())
        switch unsafe instance.metrics.define(wanted) {
        case .success(let id):
            unsafe number.pointee = id
            return SLUICE_OK
        case .failure(let refusal):
            return refusal.status
        }
    }

    private static let cell: @convention(c) (Context, UInt32, Values, Int, Out) -> sluice_status =
        { context, id, values, count, out in
            guard let instance = unsafe context.instance, let out = unsafe out else {
                return SLUICE_E_INVALID
            }
            var labels: [String] = []
            for index in 0..<count {
                guard let values = unsafe values else { return SLUICE_E_INVALID }
                labels.append(unsafe values[index].text)
            }
            switch instance.metrics.series(id, labels) {
            case .success(let series):
                unsafe out.pointee = series.cell
                return SLUICE_OK
            case .failure(let refusal):
                return refusal.status
            }
        }

    private static let observe:
        @convention(c) (Context, UnsafeMutablePointer<sluice_cell>?, Double) -> Void = {
            context,
            cell,
            value in
            guard let cell = unsafe cell else { return }
            unsafe context.instance?.metrics.observe(cell, value)
        }
}

/// Why a metric or a series was refused.
struct MetricRefusal: Error {
    let status: sluice_status
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
    func define(_ wanted: sluice_metric_def) -> Result<UInt32, MetricRefusal> {
        let name = unsafe wanted.name.text
        var labels: [String] = []
        var bounds: [Double] = []
        for index in 0..<min(Int(unsafe wanted.nlabels), Self.labelsMax + 1) {
            guard let items = unsafe wanted.labels else { return Self.refuse(SLUICE_E_INVALID) }
            labels.append(unsafe items[index].text)
        }
        for index in 0..<min(Int(unsafe wanted.nbuckets), Self.bucketsMax + 1) {
            guard let items = unsafe wanted.buckets else { return Self.refuse(SLUICE_E_INVALID) }
            bounds.append(unsafe items[index])
        }
        guard MetricName.isValid(name), labels.allSatisfy(MetricName.isValid),
            (SLUICE_METRIC_COUNTER...SLUICE_METRIC_HISTOGRAM).contains(unsafe wanted.kind),
            zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 })
        else { return Self.refuse(SLUICE_E_INVALID) }
        guard labels.count <= Self.labelsMax, bounds.count <= Self.bucketsMax else {
            return Self.refuse(SLUICE_E_LIMIT)
        }
        let asked = unsafe Int(wanted.max_series)
        return add(
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

    private func add(_ metric: Metric) -> Result<UInt32, MetricRefusal> {
        metrics.withLock { metrics in
            if let index = metrics.firstIndex(where: { $0.name == metric.name }) {
                let known = metrics[index]
                let isSame = known.kind == metric.kind && known.labels == metric.labels
                return isSame ? .success(UInt32(index)) : Self.refuse(SLUICE_E_EXISTS)
            }
            guard metrics.count < Self.metricsMax else { return Self.refuse(SLUICE_E_LIMIT) }
            metrics.append(metric)
            return .success(UInt32(metrics.count - 1))
        }
    }

    /// Finds or makes a series; above the limit every new one is "other".
    func series(_ id: UInt32, _ values: [String]) -> Result<Series, MetricRefusal> {
        metrics.withLock { metrics in
            guard Int(id) < metrics.count else { return Self.refuse(SLUICE_E_NOTFOUND) }
            let metric = metrics[Int(id)]
            guard values.count == metric.labels.count else { return Self.refuse(SLUICE_E_INVALID) }
            if let known = metric.series[Self.key(values)] { return .success(known) }
            let isFull = metric.series.count >= metric.seriesMax
            let labels = isFull ? metric.labels.map { _ in "other" } : values
            if let known = metric.series[Self.key(labels)] { return .success(known) }
            let made = make(Int(id), metric, labels)
            metrics[Int(id)].series[Self.key(labels)] = made
            return .success(made)
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

    private static func refuse<Success>(_ status: sluice_status) -> Result<Success, MetricRefusal> {
        .failure(MetricRefusal(status: status))
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
