internal import SluiceBase

/// Every tunable bound of the host, with its unit in its name and its default as its value.
///
/// A number of 0 whose row in the settings table says so means "no limit". Times are nanoseconds:
/// 0 is at once, and only `never` is no limit. Sizes are bytes. `LimitTable` gives each one its key
/// in the configuration, its range and its sentence.
package struct Limits: Sendable, Equatable {
    /// The time that never ends; written `never` in the configuration.
    package static let never = Int.max

    // Connections of one worker.
    package var connectionsPerWorkerMax = 16_384
    package var upstreamConnectionsPerWorkerMax = 16_384
    package var upstreamIdlePerEndpointMax = 256
    package var acceptBacklog = 4_096
    package var requestsPerConnectionMax = 0
    package var connectionsPerClientMax = 0

    // Memory of one worker.
    package var ringEntries = 4_096
    package var receiveBuffersPerWorker = 256
    /// A body of 64 KiB and its head come in one piece.
    package var receiveBufferBytes = 68 * kibibyte
    package var smallBuffersPerWorker = 16_384
    package var largeBuffersPerWorker = 2_048
    package var answerBytesPerWorkerMax = 256 * mebibyte
    package var pendingWriteBytesMax = 256 * kibibyte
    package var retryBodyBytesMax = 64 * kibibyte

    // What a message may be.
    package var requestLineBytesMax = 16 * kibibyte
    package var headerBytesMax = 60 * kibibyte
    package var headerCountMax = 100

    // Waiting for downstream.
    package var proxyHeaderTimeoutNanoseconds = 5 * second
    package var handshakeTimeoutNanoseconds = 10 * second
    package var headerReadTimeoutNanoseconds = 10 * second
    package var keepAliveIdleNanoseconds = 75 * second
    package var bodyIdleNanoseconds = 30 * second
    package var writeStallNanoseconds = 30 * second
    package var dataRateMin = 500
    package var halfClosedNanoseconds = 10 * second
    package var lingerNanoseconds = 2 * second
    package var drainNoticeNanoseconds = 2 * second
    package var drainNanoseconds = 30 * second

    // Waiting for upstream.
    package var connectTimeoutNanoseconds = 5 * second
    package var attemptsMax = 8
    package var firstByteTimeoutNanoseconds = 60 * second
    package var replyIdleNanoseconds = 60 * second
    package var tunnelIdleNanoseconds = 300 * second
    package var upstreamIdleNanoseconds = 60 * second
    package var requestTimeoutNanoseconds = Limits.never
    package var serviceTimeoutNanoseconds = 30 * second

    // Configuration by plugins.
    package var endpointsMax = 65_536
    package var documentBytesMax = 1 * mebibyte
    package var commitsWaitingMax = 16
    package var problemsKeptMax = 1_000

    // Plugins.
    package var serviceAnswerBufferBytesMax = 16 * mebibyte
    package var stuckWorkerNanoseconds = 5 * second
    package var laneBudgetNanoseconds = 10 * second
    package var pluginLogLinesMax = 1_000
    package var laneQueueMax = 1_024
    package var serviceBodyBytesMax = 1 * mebibyte
    package var serviceInflightMax = 1_024
    package var pluginCheckTimeoutNanoseconds = 10 * second
    package var pluginStartTimeoutNanoseconds = 30 * second
    package var pluginStopTimeoutNanoseconds = 10 * second
    package var pluginTimersMax = 4_096
    package var pluginLogLineBytesMax = 8 * kibibyte
    package var pluginMetricSeriesMax = 1_000
    package var handlerBudgetNanoseconds = 1 * millisecond
    package var filterHeldBytesMax = 1 * mebibyte
    package var filterHoldNanoseconds = 30 * second
    package var filterConfigNanoseconds = 2 * second
    package var poolThreads = 4
    package var poolQueueMax = 256
    package var operationTimeoutNanoseconds = 30 * second
    package var operationsWaitingMax = 8
    package var operationReplyBytesMax = 1 * mebibyte
    package var dumpTimeoutNanoseconds = 2 * second

    // Admin and log.
    package var adminConnectionsMax = 64
    package var adminRequestBytesMax = 16 * kibibyte
    package var adminIdleNanoseconds = 10 * second
    package var faultLinesPerSecondMax = 10

    /// The defaults.
    package init() {}

    /// A duration of a limit for the clock: `never` becomes `Clock.never`.
    package static func span(_ nanoseconds: Int) -> UInt64 {
        nanoseconds == never ? Clock.never : UInt64(max(0, nanoseconds))
    }
}

extension Limits {
    /// Pairs of bounds that contradict each other: the key to look at and a sentence.
    package func contradictions() -> [(key: String, text: String)] {
        var found: [(key: String, text: String)] = []
        func require(_ holds: Bool, _ key: String, _ text: String) {
            if !holds { found.append((key, text)) }
        }
        require(
            requestLineBytesMax <= headerBytesMax,
            "requestLineBytesMax",
            "requestLineBytesMax must not exceed headerBytesMax: the line is part of the head"
        )
        require(
            isPowerOfTwo(ringEntries),
            "ringEntries",
            "expected a power of two, as io_uring rings are; \(ringEntries) is none"
        )
        require(
            isPowerOfTwo(receiveBuffersPerWorker),
            "receiveBuffersPerWorker",
            "expected a power of two, as buffer rings are; \(receiveBuffersPerWorker) is none"
        )
        require(
            pendingWriteBytesMax >= receiveBufferBytes,
            "pendingWriteBytesMax",
            "pendingWriteBytesMax must hold at least one receive buffer (receiveBufferBytes)"
        )
        return found
    }

    private func isPowerOfTwo(_ number: Int) -> Bool {
        number > 0 && number & (number - 1) == 0
    }
}

/// Nanoseconds in a millisecond.
package let millisecond = 1_000_000
/// Nanoseconds in a second.
package let second = 1_000 * millisecond
/// Bytes in a KiB.
@inlinable package var kibibyte: Int { 1_024 }
/// Bytes in a MiB.
@inlinable package var mebibyte: Int { 1_024 * kibibyte }

/// The bounds that the host is built with: no setting moves them, a request identity
/// has only so many bits.
package enum FixedLimits {
    /// Workers of one process; a request identity spends 8 bits on its worker.
    package static let workersMax = 255
    /// Plugin instances of one process.
    package static let pluginsMax = 64
    /// Host listeners of one process.
    package static let listenersMax = 256
    /// Bytes of the host's configuration file.
    package static let configurationBytesMax = 4 * mebibyte
}
