internal import SluiceBase

/// Writes metrics as Prometheus text, format 0.0.4.
package struct Exposition {
    /// The media type of what is written.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    /// Starts a family; its samples follow and no other family's come between.
    package mutating func begin(_ family: MetricFamily) {
        text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    /// Writes a whole number.
    package mutating func sample(
        _ family: MetricFamily,
        _ labels: [MetricLabel] = [],
        _ value: UInt64
    ) {
        line(family, labels, String(value))
    }

    /// Writes a number with a fraction.
    package mutating func sample(
        _ family: MetricFamily,
        _ labels: [MetricLabel] = [],
        fraction value: Double
    ) {
        line(family, labels, String(value))
    }

    /// A family with a single sample.
    package mutating func single(_ family: MetricFamily, _ value: UInt64) {
        begin(family)
        sample(family, [], value)
    }

    /// Adds lines that are exposition text already, such as a plugin's metrics.
    package mutating func append(_ lines: String) {
        text += lines
        if !lines.isEmpty, !lines.hasSuffix("\n") { text += "\n" }
    }

    private mutating func line(_ family: MetricFamily, _ labels: [MetricLabel], _ value: String) {
        text += family.name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// The format's escapes: backslash and line feed, and the quote in label values.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Exposition {
    /// The counters of all workers; the number of lines depends on the number of workers alone.
    package mutating func append(_ workers: [WorkerCounters]) {
        var open: MetricFamily?
        for counter in Counter.allCases {
            if open != counter.family { begin(counter.family) }
            open = counter.family
            for (index, counters) in workers.enumerated() {
                let labels = [Self.worker(index)] + counter.labels
                sample(counter.family, labels, counters.value(counter))
            }
        }
        begin(.localReplies)
        for reason in LocalReason.allCases {
            for (index, counters) in workers.enumerated() {
                let labels = [Self.worker(index), MetricLabel("reason", reason.word)]
                sample(.localReplies, labels, counters.value(reason))
            }
        }
    }

    private static func worker(_ index: Int) -> MetricLabel {
        MetricLabel("worker", String(index))
    }

    /// The process itself, by the names that client libraries share.
    package mutating func append(_ process: ProcessMetrics) {
        begin(.buildInfo)
        sample(.buildInfo, [MetricLabel("version", BuildInfo.version)], 1)
        begin(.processStart)
        sample(.processStart, fraction: process.startSeconds)
        begin(.processorTime)
        sample(.processorTime, fraction: ProcessFacts.processorSeconds())
        single(.residentMemory, UInt64(ProcessFacts.residentBytes()))
        single(.descriptorsMax, UInt64(clamping: ProcessFacts.descriptorLimit().now))
    }
}

/// What the process knew when it started.
package struct ProcessMetrics: Sendable {
    /// Seconds since 1970.
    package let startSeconds: Double

    /// The process starts now.
    package init() {
        startSeconds = ProcessFacts.wallSeconds()
        _ = ProcessFacts.residentBytes()
    }
}

/// What this build is.
package enum BuildInfo {
    /// Semantic version of the host, as plugins and people see it.
    package static let literal: StaticString = "0.1.0"

    /// The same as text.
    package static var version: String { literal.description }
}

extension MetricFamily {
    static let buildInfo = MetricFamily(
        "sluice_build_info",
        .gauge,
        "Always 1; the label says which build runs."
    )
    static let processStart = MetricFamily(
        "process_start_time_seconds",
        .gauge,
        "When the process started, in seconds since 1970."
    )
    static let processorTime = MetricFamily(
        "process_cpu_seconds_total",
        .counter,
        "Processor time used, user and system."
    )
    static let residentMemory = MetricFamily(
        "process_resident_memory_bytes",
        .gauge,
        "Memory that is resident."
    )
    static let descriptorsMax = MetricFamily(
        "process_max_fds",
        .gauge,
        "How many descriptors the process may open."
    )
}
