/// The rows of `limits:`, in the order of the reference.
package enum LimitTable {
    package static let rows: [LimitRow] =
        connections + memory + messages + downstream + upstream + documents + plugins + admin

    static let hour = 3_600 * second
    static let day = 24 * hour

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
            "Upstream connections one worker holds; beyond it the one that is idle for longest is"
                + " closed, and without an idle one a request is answered 503."
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
        LimitRow(
            "connectionsPerClientMax",
            \.connectionsPerClientMax,
            .count,
            0...1_000_000,
            "Downstream connections of one client address at one worker; beyond it a new one is"
                + " closed; 0 is no limit."
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
            2 * kibibyte...128 * kibibyte,
            "Size of one receive buffer."
        ),
        LimitRow(
            "smallBuffersPerWorker",
            \.smallBuffersPerWorker,
            .count,
            64...1_048_576,
            "Pieces of 4 KiB that a worker has for heads and small messages; beyond it: 503."
        ),
        LimitRow(
            "largeBuffersPerWorker",
            \.largeBuffersPerWorker,
            .count,
            16...65_536,
            "Pieces of 64 KiB that a worker has for bodies and long heads; when they run short,"
                + " nothing is read ahead of slow readers, then those who hold most are cut off."
        ),
        LimitRow(
            "answerBytesPerWorkerMax",
            \.answerBytesPerWorkerMax,
            .bytes,
            mebibyte...64 * 1_024 * mebibyte,
            "Bytes of plugins' answers that wait for slow readers; beyond it those who hold most"
                + " are cut off, then 503."
        ),
        LimitRow(
            "pendingWriteBytesMax",
            \.pendingWriteBytesMax,
            .bytes,
            16 * kibibyte...64 * mebibyte,
            "Memory that waits for one slow reader before the other side is paused; less while"
                + " memory is short."
        ),
        LimitRow(
            "retryBodyBytesMax",
            \.retryBodyBytesMax,
            .bytes,
            0...mebibyte,
            "Length of a request body that is kept, to be sent again when a reused connection ends"
                + " without a reply; a longer one is sent once."
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
            "proxyHeaderTimeout",
            \.proxyHeaderTimeoutNanoseconds,
            .nanoseconds,
            100 * millisecond...hour,
            "Time for the PROXY protocol header of a connection; after it: close."
        ),
        LimitRow(
            "handshakeTimeout",
            \.handshakeTimeoutNanoseconds,
            .nanoseconds,
            100 * millisecond...hour,
            "Time for the TLS handshake of a client; after it: close."
        ),
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
            mayBeNever: true,
            "Time a downstream connection may wait for its next request; after it: close."
        ),
        LimitRow(
            "bodyIdle",
            \.bodyIdleNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            "Time between two pieces of a request body; after it: 408 and close."
        ),
        LimitRow(
            "writeStall",
            \.writeStallNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            "Time a write may make no progress; after it: close."
        ),
        LimitRow(
            "dataRateMin",
            \.dataRateMin,
            .bytes,
            0...mebibyte,
            "Bytes a second that a peer we wait for moves at least, averaged over bodyIdle or"
                + " writeStall; below it: 408 or close; 0 is no minimum; tunnels have none."
        ),
        LimitRow(
            "halfClosed",
            \.halfClosedNanoseconds,
            .nanoseconds,
            0...day,
            mayBeNever: true,
            "Time without progress of the reply that a client has which shut its sending side;"
                + " after it: close; 0s ends the exchange at once."
        ),
        LimitRow(
            "linger",
            \.lingerNanoseconds,
            .nanoseconds,
            0...60 * second,
            "Time late bytes are read and dropped after a last reply, so that they do not reset it."
        ),
        LimitRow(
            "drainNotice",
            \.drainNoticeNanoseconds,
            .nanoseconds,
            0...hour,
            "Time after SIGTERM in which answers say Connection: close and new connections are"
                + " still served; 0s: none."
        ),
        LimitRow(
            "drain",
            \.drainNanoseconds,
            .nanoseconds,
            0...hour,
            "Time that running requests have to finish after the notice; after it: close."
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
            "attemptsMax",
            \.attemptsMax,
            .count,
            1...8,
            "Endpoints that one exchange tries to reach; when all failed: 502, 503 or 504."
        ),
        LimitRow(
            "firstByteTimeout",
            \.firstByteTimeoutNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            mayBeNever: true,
            "Time for the first byte of a reply after the request was sent; after it: 504."
        ),
        LimitRow(
            "replyIdle",
            \.replyIdleNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            mayBeNever: true,
            "Time between two pieces of a reply; after it the reply is broken off."
        ),
        LimitRow(
            "tunnelIdle",
            \.tunnelIdleNanoseconds,
            .nanoseconds,
            second...day,
            mayBeNever: true,
            "Time a tunnel (an upgraded connection) may be without a byte either way; after it:"
                + " close."
        ),
        LimitRow(
            "upstreamIdle",
            \.upstreamIdleNanoseconds,
            .nanoseconds,
            100 * millisecond...day,
            mayBeNever: true,
            "Time an idle upstream connection is kept; after it: close."
        ),
        LimitRow(
            "requestTimeout",
            \.requestTimeoutNanoseconds,
            .nanoseconds,
            millisecond...day,
            mayBeNever: true,
            "Time for a whole exchange where its route names none; after it: 504."
        ),
        LimitRow(
            "serviceTimeout",
            \.serviceTimeoutNanoseconds,
            .nanoseconds,
            10 * millisecond...day,
            mayBeNever: true,
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
            "commitsWaitingMax",
            \.commitsWaitingMax,
            .count,
            1...1_024,
            "Commits of one source that wait for their answers; beyond it a commit is answered"
                + " busy, and the source tries again after the next answer."
        ),
        LimitRow(
            "problemsKeptMax",
            \.problemsKeptMax,
            .count,
            1...100_000,
            "Problems that /config lists; further ones are only counted."
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
        LimitRow(
            "faultLinesPerSecond",
            \.faultLinesPerSecondMax,
            .count,
            1...10_000,
            "Log lines about failed exchanges in a second; further ones are counted by cause in"
                + " one line."
        ),
    ]
}

/// One tunable bound: its key in the configuration, where it is kept, its range and sentence.
package struct LimitRow: Sendable {
    /// What the number counts, and so how it is written.
    package enum Unit: Sendable {
        case count
        case bytes
        case nanoseconds
    }

    /// The key below `limits:`.
    package let key: String
    /// The field of `Limits` that holds it.
    package let field: any WritableKeyPath<Limits, Int> & Sendable
    package let unit: Unit
    package let range: ClosedRange<Int>
    /// Whether the duration may be `never`.
    package let mayBeNever: Bool
    /// What exceeding it does, in one sentence.
    package let sentence: String

    init(
        _ key: String,
        _ field: any WritableKeyPath<Limits, Int> & Sendable,
        _ unit: Unit,
        _ range: ClosedRange<Int>,
        mayBeNever: Bool = false,
        _ sentence: String
    ) {
        self.key = key
        self.field = field
        self.unit = unit
        self.range = range
        self.mayBeNever = mayBeNever
        self.sentence = sentence
    }

    /// The default, written as the configuration would.
    package var fallback: String {
        text(Limits()[keyPath: field])
    }

    /// A value of this bound, written as the configuration would.
    package func text(_ value: Int) -> String {
        switch unit {
        case .count: String(value)
        case .bytes: ByteSize.text(value)
        case .nanoseconds: TimeSpan.text(value)
        }
    }
}
