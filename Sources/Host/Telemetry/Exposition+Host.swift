internal import SluiceBase

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
    }
}

/// What this build is.
package enum BuildInfo {
    /// Semantic version of the host.
    package static let version = "0.1.0"
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
