internal import SluiceABI
internal import SluiceBase
internal import Synchronization

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
