internal import SluiceABI

/// Defines the instance's metrics.
///
/// Lane only; the series it leads to may go anywhere.
@safe
public struct Metrics {
    private let table: UnsafePointer<sluice_metrics_api>

    init(_ table: UnsafePointer<sluice_metrics_api>) {
        unsafe self.table = unsafe table
    }

    /// Defines numbers that only grow.
    public func counter(
        _ name: String,
        help: String,
        unit: String = "",
        labels: [String] = []
    ) throws(PluginError) -> MetricFamily {
        try define(SLUICE_METRIC_COUNTER, name, help, unit, labels, buckets: [])
    }

    /// Defines numbers that go up and down.
    public func gauge(
        _ name: String,
        help: String,
        unit: String = "",
        labels: [String] = []
    ) throws(PluginError) -> MetricFamily {
        try define(SLUICE_METRIC_GAUGE, name, help, unit, labels, buckets: [])
    }

    /// Defines counts of observations by size; `buckets` are upper bounds, ascending.
    public func histogram(
        _ name: String,
        help: String,
        unit: String = "",
        labels: [String] = [],
        buckets: [Double]
    ) throws(PluginError) -> MetricFamily {
        try define(SLUICE_METRIC_HISTOGRAM, name, help, unit, labels, buckets: buckets)
    }

    private func define(
        _ kind: Int32,
        _ name: String,
        _ help: String,
        _ unit: String,
        _ labels: [String],
        buckets: [Double]
    ) throws(PluginError) -> MetricFamily {
        guard let define = unsafe table.pointee.define else { throw missing("define") }
        var id: UInt32 = 0
        try unsafe withErrorReport { report in
            withArena { arena in
                var definition = unsafe sluice_metric_def()
                unsafe definition.size = UInt32(MemoryLayout<sluice_metric_def>.size)
                unsafe definition.kind = kind
                unsafe definition.name = arena.span(name)
                unsafe definition.help = arena.span(help)
                unsafe definition.unit = arena.span(unit)
                unsafe definition.nlabels = UInt32(labels.count)
                unsafe definition.nbuckets = UInt32(buckets.count)
                let words = unsafe labels.map { label in unsafe arena.span(label) }
                return unsafe words.withUnsafeBufferPointer { words in
                    unsafe buckets.withUnsafeBufferPointer { bounds in
                        unsafe definition.labels = words.baseAddress
                        unsafe definition.buckets = bounds.baseAddress
                        return unsafe define(table, &definition, &id, report)
                    }
                }
            }
        }
        return unsafe MetricFamily(table, id)
    }
}

/// One metric; its series differ in the values of its labels.
///
/// Any thread.
@safe
public struct MetricFamily: @unchecked Sendable {
    private let table: UnsafePointer<sluice_metrics_api>
    private let id: UInt32

    fileprivate init(_ table: UnsafePointer<sluice_metrics_api>, _ id: UInt32) {
        unsafe self.table = unsafe table
        self.id = id
    }

    /// The series of these label values, in the order of the definition; keep the result.
    public func series(_ values: String...) throws(PluginError) -> MetricSeries {
        guard let find = unsafe table.pointee.cell else { throw missing("cell") }
        var cell: UnsafeMutablePointer<sluice_cell>?
        let status = withArena { arena in
            let words = unsafe values.map { value in unsafe arena.span(value) }
            return unsafe words.withUnsafeBufferPointer { words in
                unsafe find(table, id, words.baseAddress, words.count, &cell)
            }
        }
        guard status >= 0, let cell = unsafe cell else {
            throw refused(status, "finding a series of metric \(id)")
        }
        return unsafe MetricSeries(table, cell)
    }
}

/// One number (or histogram), changed in place without a call to the host.
///
/// Any thread, until the instance is destroyed.
@safe
public struct MetricSeries: @unchecked Sendable {
    private let table: UnsafePointer<sluice_metrics_api>
    private let cell: UnsafeMutablePointer<sluice_cell>

    fileprivate init(
        _ table: UnsafePointer<sluice_metrics_api>,
        _ cell: UnsafeMutablePointer<sluice_cell>
    ) {
        unsafe self.table = unsafe table
        unsafe self.cell = unsafe cell
    }

    /// Adds to a counter or gauge.
    public func add(_ count: UInt64 = 1) {
        unsafe sluice_cell_add(cell, count)
    }

    /// Sets a gauge.
    public func set(_ value: UInt64) {
        unsafe sluice_cell_set(cell, value)
    }

    /// Adds one observation to a histogram.
    public func observe(_ value: Double) {
        if let observe = unsafe table.pointee.observe { unsafe observe(table, cell, value) }
    }
}
