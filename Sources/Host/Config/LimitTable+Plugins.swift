// The rows about plugins: what waits for them, how long they may take, how much they may have.
extension LimitTable {
    static let plugins: [LimitRow] = [
        LimitRow(
            "serviceAnswerBuffer",
            \.serviceAnswerBufferBytesMax,
            .bytes,
            64 * kibibyte...255 * mebibyte,
            "Bytes of one streamed answer that wait for its client; beyond it a plugin's write is"
                + " not taken."
        ),
        LimitRow(
            "stuckWorker",
            \.stuckWorkerNanoseconds,
            .nanoseconds,
            100 * millisecond...hour,
            mayBeNever: true,
            "Time an inline call of a plugin may hold its worker; after it the process ends, and"
                + " the plugin is named."
        ),
        LimitRow(
            "laneBudget",
            \.laneBudgetNanoseconds,
            .nanoseconds,
            10 * millisecond...hour,
            mayBeNever: true,
            "Time one call of a plugin may hold its own lane; after it the log names it."
        ),
        LimitRow(
            "pluginLogLines",
            \.pluginLogLinesMax,
            .count,
            1...1_000_000,
            "Log lines of one plugin a second; beyond it they are dropped and counted."
        ),
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
            "filterHeldBytesMax",
            \.filterHeldBytesMax,
            .bytes,
            0...8 * mebibyte,
            "Bytes of one message's body that filters hold; beyond it a request is answered 413,"
                + " and a response 502 or broken off."
        ),
        LimitRow(
            "filterHold",
            \.filterHoldNanoseconds,
            .nanoseconds,
            millisecond...hour,
            "Time filters may hold a message; beyond it the request is answered 504, or its"
                + " reply broken off."
        ),
        LimitRow(
            "filterConfig",
            \.filterConfigNanoseconds,
            .nanoseconds,
            millisecond...60 * second,
            "Time a publish waits for a plugin to take the configuration of a filter; beyond it"
                + " the rule answers 500 until the plugin has."
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
        LimitRow(
            "operationTimeout",
            \.operationTimeoutNanoseconds,
            .nanoseconds,
            10 * millisecond...hour,
            "Time an operation of a plugin has for its answer; after it: 504."
        ),
        LimitRow(
            "operationsWaitingMax",
            \.operationsWaitingMax,
            .count,
            1...1_024,
            "Operations of one plugin that wait or run at a time; beyond it: 429."
        ),
        LimitRow(
            "operationReplyBytesMax",
            \.operationReplyBytesMax,
            .bytes,
            kibibyte...64 * mebibyte,
            "Length of what an operation or a dump of a plugin answers; beyond it: 500."
        ),
        LimitRow(
            "dumpTimeout",
            \.dumpTimeoutNanoseconds,
            .nanoseconds,
            10 * millisecond...60 * second,
            "Time the plugins have to say their state for /config; after it, it is left out."
        ),
    ]
}
