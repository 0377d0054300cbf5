/// The rows of `limits:`, in the order of the reference.
package enum LimitTable {
    package static let rows: [LimitRow] =
        connections + memory + messages + downstream + upstream + documents + plugins + admin

    private static let hour = 3_600 * second
    private static let day = 24 * hour

    private static let connections: [LimitRow] = [
        LimitRow(
            "connectionsPerWorkerMax",
            \.connectionsPerWorkerMax,
            .count,
            16...1_000_000,
            "Downstream connections one worker holds; beyond it new ones are closed at once."
        ),
        LimitRow(
            "upstreamConnectionsPerWorkerMax",
            \.upstreamConnectionsPerWorkerMax,
            .count,
            16...1_000_000,
            "Upstream connections one worker holds; beyond it a request is answered 503."
        ),
        LimitRow(
            "upstreamIdlePerEndpointMax",
            \.upstreamIdlePerEndpointMax,
            .count,
            0...65_536,
            "Idle upstream connections one worker keeps for one endpoint; the rest close."
        ),
        LimitRow(
            "acceptBacklog",
            \.acceptBacklog,
            .count,
            1...65_535,
            "Connections the kernel queues on a listening socket before it drops new ones."
        ),
        LimitRow(
            "requestsPerConnectionMax",
            \.requestsPerConnectionMax,
            .count,
            0...1_000_000_000,
            "Requests on one downstream connection before it closes; 0 is no limit."
        ),
    ]

    private static let memory: [LimitRow] = [
        LimitRow(
            "ringEntries",
            \.ringEntries,
            .count,
            64...32_768,
            "Submission entries of a worker's io_uring, a quarter of its completions; a power"
                + " of two."
        ),
        LimitRow(
            "receiveBuffersPerWorker",
            \.receiveBuffersPerWorker,
            .count,
            16...32_768,
            "Receive buffers a worker lends to the kernel; a power of two; none left pauses reads."
        ),
        LimitRow(
            "receiveBufferBytes",
            \.receiveBufferBytes,
            .bytes,
            2 * kibibyte...64 * kibibyte,
            "Size of one receive buffer."
        ),
        LimitRow(
            "headBuffersPerWorker",
            \.headBuffersPerWorker,
            .count,
            16...65_536,
            "Heads one worker collects that came in several pieces; beyond it: 503."
        ),
        LimitRow(
            "pendingWriteBytesMax",
            \.pendingWriteBytesMax,
            .bytes,
            16 * kibibyte...64 * mebibyte,
            "Bytes that wait for one slow reader before the other side is paused."
        ),
    ]

    private static let messages: [LimitRow] = [
        LimitRow(
            "requestLineBytesMax",
            \.requestLineBytesMax,
            .bytes,
            256...60 * kibibyte,
            "Length of a request line; beyond it: 414."
        ),
        LimitRow(
            "headerBytesMax",
            \.headerBytesMax,
            .bytes,
            kibibyte...60 * kibibyte,
            "Length of a head, its first line included; beyond it: 431, or 502 from upstream."
        ),
        LimitRow(
            "headerCountMax",
            \.headerCountMax,
            .count,
            8...100,
            "Header lines of a head; beyond it: 431, or 502 from upstream."
        ),
    ]

    private static let downstream: [LimitRow] = [
        LimitRow(
            "headerReadTimeout",
            \.headerReadTimeoutNanoseconds,
            .nanoseconds,
            100 * millisecond...hour,
            "Time for a request head from its first byte; after it: 408 and close."
        ),
        LimitRow(
            "keepAliveIdle",
            \.keepAliveIdleNanoseconds,
            .nanoseconds,
            second...day,
            "Time a downstream connection may wait for its next request; after it: close."
        ),
        LimitRow(
            "bodyIdle",
            \.bodyIdleNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            "Time between two pieces of a body; after it: 408, or 504 from upstream."
        ),
        LimitRow(
            "writeStall",
            \.writeStallNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            "Time a write may make no progress; after it: close."
        ),
        LimitRow(
            "linger",
            \.lingerNanoseconds,
            .nanoseconds,
            0...60 * second,
            "Time late bytes are read and dropped after a refusal, so that it is seen."
        ),
        LimitRow(
            "drain",
            \.drainNanoseconds,
            .nanoseconds,
            0...hour,
            "Time that running requests have to finish after SIGTERM; after it: close."
        ),
    ]

    private static let upstream: [LimitRow] = [
        LimitRow(
            "connectTimeout",
            \.connectTimeoutNanoseconds,
            .nanoseconds,
            10 * millisecond...5 * 60 * second,
            "Time to connect to an endpoint; after it: another of its pool, or 504."
        ),
        LimitRow(
            "upstreamIdle",
            \.upstreamIdleNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            "Time an idle upstream connection is kept; after it: close."
        ),
        LimitRow(
            "requestTimeout",
            \.requestTimeoutNanoseconds,
            .nanoseconds,
            0...day,
            "Time for a whole exchange where its route names none; after it: 504; 0 is none."
        ),
        LimitRow(
            "serviceTimeout",
            \.serviceTimeoutNanoseconds,
            .nanoseconds,
            10 * millisecond...day,
            "Time a plugin has for an answer where its mount names none; after it: 504."
        ),
    ]

    private static let documents: [LimitRow] = [
        LimitRow(
            "endpointsMax",
            \.endpointsMax,
            .count,
            64...1_000_000,
            "Different endpoints known at once; beyond it the pool is reported and left out."
        ),
        LimitRow(
            "documentBytesMax",
            \.documentBytesMax,
            .bytes,
            kibibyte...64 * mebibyte,
            "Length of one routing document; beyond it the document is refused."
        ),
        LimitRow(
            "problemsKeptMax",
            \.problemsKeptMax,
            .count,
            1...100_000,
            "Problems that /config lists; further ones are only counted."
        ),
    ]

    private static let plugins: [LimitRow] = [
        LimitRow(
            "laneQueueMax",
            \.laneQueueMax,
            .count,
            16...1_000_000,
            "Calls that wait for one plugin; beyond it: 503 with Retry-After."
        ),
        LimitRow(
            "serviceBodyBytesMax",
            \.serviceBodyBytesMax,
            .bytes,
            0...256 * mebibyte,
            "Buffered request body for a plugin where its mount names none; beyond it: 413."
        ),
        LimitRow(
            "serviceInflightMax",
            \.serviceInflightMax,
            .count,
            1...1_000_000,
            "Calls one mount has at a time where it names none; beyond it: 503."
        ),
        LimitRow(
            "pluginCheckTimeout",
            \.pluginCheckTimeoutNanoseconds,
            .nanoseconds,
            100 * millisecond...10 * 60 * second,
            "Time the trial load of a plugin in a child process may take; after it: refused."
        ),
        LimitRow(
            "pluginStartTimeout",
            \.pluginStartTimeoutNanoseconds,
            .nanoseconds,
            100 * millisecond...hour,
            "Time a plugin's create and start may take before it is reported as stuck."
        ),
        LimitRow(
            "pluginStopTimeout",
            \.pluginStopTimeoutNanoseconds,
            .nanoseconds,
            100 * millisecond...hour,
            "Time a plugin's drain and stop may take; after it the process leaves without it."
        ),
        LimitRow(
            "pluginTimersMax",
            \.pluginTimersMax,
            .count,
            1...1_000_000,
            "Timers of one plugin; beyond it a new one is refused."
        ),
        LimitRow(
            "pluginLogLineBytesMax",
            \.pluginLogLineBytesMax,
            .bytes,
            256...mebibyte,
            "Length of a plugin's log line; the rest is cut off."
        ),
        LimitRow(
            "pluginMetricSeriesMax",
            \.pluginMetricSeriesMax,
            .count,
            1...100_000,
            "Series of one plugin metric; further label values share the series \"other\"."
        ),
        LimitRow(
            "handlerBudget",
            \.handlerBudgetNanoseconds,
            .nanoseconds,
            10_000...10 * second,
            "Time plugin code may hold a worker before it is reported by name."
        ),
        LimitRow(
            "poolThreads",
            \.poolThreads,
            .count,
            1...256,
            "Threads for blocking work of plugins."
        ),
        LimitRow(
            "poolQueueMax",
            \.poolQueueMax,
            .count,
            1...100_000,
            "Blocking work of one plugin that waits for a thread; beyond it: refused."
        ),
    ]

    private static let admin: [LimitRow] = [
        LimitRow(
            "adminConnectionsMax",
            \.adminConnectionsMax,
            .count,
            1...1_024,
            "Connections of the admin API; beyond it a new one is closed."
        ),
        LimitRow(
            "adminRequestBytesMax",
            \.adminRequestBytesMax,
            .bytes,
            kibibyte...mebibyte,
            "Length of an admin request, head and body; beyond it: 431 or 413."
        ),
        LimitRow(
            "adminIdle",
            \.adminIdleNanoseconds,
            .nanoseconds,
            100 * millisecond...hour,
            "Time an admin connection may make no progress; after it: close."
        ),
    ]
}
