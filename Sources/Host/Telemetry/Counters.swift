public import SluiceBase

/// One cell of a worker's block, in the order of the exposition.
public enum Counter: Int, CaseIterable, Sendable {
    case requests
    case responses1xx
    case responses2xx
    case responses3xx
    case responses4xx
    case responses5xx
    case connectionsAccepted
    case connectionsClosed
    case connectionsActive
    case handshakes
    case handshakesResumed
    case handshakesFailed
    case acceptPauses
    case shedConnections
    case shedMemory
    case shedDescriptors
    case shedClient
    case clientsGone
    case tunnels
    case tunnelsActive
    case upstreamOpened
    case upstreamReused
    case upstreamFailed
    case upstreamActive
    case upstreamIdle
    case upstreamRetries
    case evictedIdle
    case downstreamBytesReceived
    case downstreamBytesSent
    case upstreamBytesReceived
    case upstreamBytesSent
    case headerTimeouts
    case keepAliveTimeouts
    case bodyTimeouts
    case writeTimeouts
    case connectTimeouts
    case requestTimeouts
    case firstByteTimeouts
    case replyIdleTimeouts
    case halfClosedTimeouts
    case tunnelIdleTimeouts
    case dataRateTimeouts
    case proxyHeaderTimeouts
    case handshakeTimeouts
    case lingerTimeouts
    case faultsClient
    case faultsOrigin
    case faultsHost
    case faultsPlugin
    case brokenRepliesClient
    case brokenRepliesOrigin
    case brokenRepliesHost
    case brokenRepliesPlugin
    case serviceCalls
    case serviceActive
    case bufferShortages
    case memoryHeld
    case turns
    case generation

    /// The family it belongs to.
    package var family: MetricFamily {
        switch self {
        case .requests: .requests
        case .responses1xx, .responses2xx, .responses3xx, .responses4xx, .responses5xx:
            .responses
        case .connectionsAccepted: .connections
        case .connectionsClosed: .connectionsClosed
        case .connectionsActive: .connectionsActive
        case .handshakes, .handshakesResumed, .handshakesFailed: .handshakes
        case .acceptPauses: .acceptPauses
        case .shedConnections, .shedMemory, .shedDescriptors, .shedClient: .shed
        case .clientsGone: .clientsGone
        case .tunnels: .tunnels
        case .tunnelsActive: .tunnelsActive
        case .upstreamOpened, .upstreamReused, .upstreamFailed: .upstream
        case .upstreamActive: .upstreamActive
        case .upstreamIdle: .upstreamIdle
        case .upstreamRetries: .upstreamRetries
        case .evictedIdle: .evictedIdle
        case .downstreamBytesReceived, .downstreamBytesSent, .upstreamBytesReceived,
            .upstreamBytesSent:
            .bytes
        case .headerTimeouts, .keepAliveTimeouts, .bodyTimeouts, .writeTimeouts,
            .connectTimeouts, .requestTimeouts, .firstByteTimeouts, .replyIdleTimeouts,
            .halfClosedTimeouts, .tunnelIdleTimeouts, .dataRateTimeouts, .proxyHeaderTimeouts,
            .handshakeTimeouts, .lingerTimeouts:
            .timeouts
        case .faultsClient, .faultsOrigin, .faultsHost, .faultsPlugin: .faults
        case .brokenRepliesClient, .brokenRepliesOrigin, .brokenRepliesHost,
            .brokenRepliesPlugin:
            .brokenReplies
        case .serviceCalls: .serviceCalls
        case .serviceActive: .serviceActive
        case .bufferShortages: .bufferShortages
        case .memoryHeld: .memoryHeld
        case .turns: .turns
        case .generation: .generation
        }
    }

    /// What distinguishes it from the others of its family.
    package var labels: [MetricLabel] {
        switch self {
        case .responses1xx: [MetricLabel("class", "1xx")]
        case .responses2xx: [MetricLabel("class", "2xx")]
        case .responses3xx: [MetricLabel("class", "3xx")]
        case .responses4xx: [MetricLabel("class", "4xx")]
        case .responses5xx: [MetricLabel("class", "5xx")]
        case .upstreamOpened: [MetricLabel("result", "opened")]
        case .upstreamReused: [MetricLabel("result", "reused")]
        case .upstreamFailed: [MetricLabel("result", "failed")]
        case .downstreamBytesReceived: Self.bytes("downstream", "received")
        case .downstreamBytesSent: Self.bytes("downstream", "sent")
        case .upstreamBytesReceived: Self.bytes("upstream", "received")
        case .upstreamBytesSent: Self.bytes("upstream", "sent")
        case .headerTimeouts: [MetricLabel("wait", "header")]
        case .keepAliveTimeouts: [MetricLabel("wait", "keep_alive")]
        case .bodyTimeouts: [MetricLabel("wait", "body")]
        case .writeTimeouts: [MetricLabel("wait", "write")]
        case .connectTimeouts: [MetricLabel("wait", "connect")]
        case .requestTimeouts: [MetricLabel("wait", "request")]
        case .firstByteTimeouts: [MetricLabel("wait", "first_byte")]
        case .replyIdleTimeouts: [MetricLabel("wait", "reply_idle")]
        case .halfClosedTimeouts: [MetricLabel("wait", "half_closed")]
        case .tunnelIdleTimeouts: [MetricLabel("wait", "tunnel_idle")]
        case .dataRateTimeouts: [MetricLabel("wait", "data_rate")]
        case .proxyHeaderTimeouts: [MetricLabel("wait", "proxy_header")]
        case .handshakeTimeouts: [MetricLabel("wait", "handshake")]
        case .handshakes: [MetricLabel("result", "full")]
        case .handshakesResumed: [MetricLabel("result", "resumed")]
        case .handshakesFailed: [MetricLabel("result", "failed")]
        case .lingerTimeouts: [MetricLabel("wait", "linger")]
        case .shedConnections: [MetricLabel("cause", "connections")]
        case .shedMemory: [MetricLabel("cause", "memory")]
        case .shedDescriptors: [MetricLabel("cause", "descriptors")]
        case .shedClient: [MetricLabel("cause", "client")]
        case .faultsClient, .brokenRepliesClient: Self.source(.client)
        case .faultsOrigin, .brokenRepliesOrigin: Self.source(.origin)
        case .faultsHost, .brokenRepliesHost: Self.source(.host)
        case .faultsPlugin, .brokenRepliesPlugin: Self.source(.plugin)
        case .requests, .connectionsAccepted, .connectionsClosed, .connectionsActive,
            .acceptPauses, .clientsGone, .tunnels, .tunnelsActive, .upstreamActive,
            .upstreamIdle, .upstreamRetries, .evictedIdle, .serviceCalls, .serviceActive,
            .bufferShortages, .memoryHeld, .turns, .generation:
            []
        }
    }

    private static func source(_ source: FaultSource) -> [MetricLabel] {
        [MetricLabel("source", source.word)]
    }

    private static func bytes(_ side: String, _ direction: String) -> [MetricLabel] {
        [MetricLabel("side", side), MetricLabel("direction", direction)]
    }
}

/// A label of a sample.
package struct MetricLabel: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Why the host answered a request itself or broke off a reply; the label of
/// `sluice_local_replies_total` and the cause in the log.
public enum LocalReason: Int, CaseIterable, Sendable, BitwiseCopyable {
    case badRequest
    case headerTimeout
    case noRoute
    case methodNotAllowed
    case bodyTooLarge
    case requestLineTooLong
    case headTooLarge
    case notSupported
    case routeStatus
    case noEndpoint
    case connectFailed
    case upstreamClosed
    case upstreamInvalid
    case upstreamTimeout
    case overload
    case serviceUnavailable
    case serviceFull
    case serviceFailed
    case serviceTimeout
    case draining
    case upstreamBroken
    case bodyTimeout
    case writeTimeout
    case halfClosed
    case dataRate
    case maxForwards
    case expectation
    case proxyHeader
    case misdirected
    case plainRequest
    case clientHandshake
    case clientUntrusted
    case clientExpired
    case handshakeFailed
    case originUntrusted
    case originExpired
    case originMisnamed

    /// The label value.
    package var word: String {
        switch self {
        case .badRequest: "bad_request"
        case .headerTimeout: "header_timeout"
        case .noRoute: "no_route"
        case .methodNotAllowed: "method_not_allowed"
        case .bodyTooLarge: "body_too_large"
        case .requestLineTooLong: "request_line_too_long"
        case .headTooLarge: "head_too_large"
        case .notSupported: "not_supported"
        case .routeStatus: "route_status"
        case .noEndpoint: "no_endpoint"
        case .connectFailed: "connect_failed"
        case .upstreamClosed: "upstream_closed"
        case .upstreamInvalid: "upstream_invalid"
        case .upstreamTimeout: "upstream_timeout"
        case .overload: "overload"
        case .serviceUnavailable: "service_unavailable"
        case .serviceFull: "service_full"
        case .serviceFailed: "service_failed"
        case .serviceTimeout: "service_timeout"
        case .draining: "draining"
        case .upstreamBroken: "upstream_broken"
        case .bodyTimeout: "body_timeout"
        case .writeTimeout: "write_timeout"
        case .halfClosed: "half_closed"
        case .dataRate: "data_rate"
        case .maxForwards: "max_forwards"
        case .expectation: "expectation"
        case .proxyHeader: "proxy_header"
        case .misdirected: "misdirected"
        case .plainRequest: "plain_request"
        case .clientHandshake: "client_handshake"
        case .clientUntrusted: "client_untrusted"
        case .clientExpired: "client_expired"
        case .handshakeFailed: "handshake_failed"
        case .originUntrusted: "origin_untrusted"
        case .originExpired: "origin_expired"
        case .originMisnamed: "origin_misnamed"
        }
    }
}

/// The counters of one worker: one block of pages that it alone writes and anybody reads.
///
/// Counting is a relaxed load and store of one word: no lock, no shared cache line, nothing
/// allocated. The block lives as long as the process.
public struct WorkerCounters: Sendable {
    @usableFromInline let block: CellBlock
    /// The reasons stand behind the last counter.
    @usableFromInline static var reasonsStart: Int { Counter.generation.rawValue + 1 }

    /// Maps the block; throws the error of mmap(2).
    public init() throws(Errno) {
        block = try CellBlock(count: Self.reasonsStart + LocalReason.allCases.count)
    }

    /// [worker] Counts one, or `amount`.
    @inlinable
    public func bump(_ counter: Counter, by amount: Int = 1) {
        block[counter.rawValue].bump(UInt64(truncatingIfNeeded: amount))
    }

    /// [worker] Takes one away from a gauge.
    @inlinable
    public func drop(_ counter: Counter) {
        block[counter.rawValue].bump(UInt64.max)
    }

    /// [worker] Sets a gauge.
    @inlinable
    public func set(_ counter: Counter, _ value: UInt64) {
        block[counter.rawValue].set(value)
    }

    /// [worker] Counts a response by the class of its status, 100 to 599.
    @inlinable
    public func bump(status: Int) {
        let index = Counter.responses1xx.rawValue + min(max(status / 100, 1), 5) - 1
        block[index].bump()
    }

    /// [worker] Counts a failed exchange by whose fault it is.
    @inlinable
    public func bump(fault source: FaultSource) {
        block[Counter.faultsClient.rawValue + source.rawValue].bump()
    }

    /// [worker] Counts a reply that was broken off by whose fault it is.
    @inlinable
    public func bump(brokenReply source: FaultSource) {
        block[Counter.brokenRepliesClient.rawValue + source.rawValue].bump()
    }

    /// [worker] Counts a reply the host made itself.
    @inlinable
    public func bump(_ reason: LocalReason) {
        block[Self.reasonsStart + reason.rawValue].bump()
    }

    /// [any] What a counter stands at.
    @inlinable
    public func value(_ counter: Counter) -> UInt64 {
        block[counter.rawValue].value
    }

    /// [any] How many replies the host made for a reason.
    @inlinable
    public func value(_ reason: LocalReason) -> UInt64 {
        block[Self.reasonsStart + reason.rawValue].value
    }
}
