/// One cell of a worker's block, in the order of the exposition.
package enum Counter: Int, CaseIterable, Sendable {
    case requests
    case responses1xx
    case responses2xx
    case responses3xx
    case responses4xx
    case responses5xx
    case connectionsAccepted
    case connectionsClosed
    case connectionsActive
    case acceptPauses
    case upstreamOpened
    case upstreamReused
    case upstreamFailed
    case upstreamActive
    case upstreamIdle
    case upstreamRetries
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
    case serviceCalls
    case serviceActive
    case bufferShortages
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
        case .acceptPauses: .acceptPauses
        case .upstreamOpened, .upstreamReused, .upstreamFailed: .upstream
        case .upstreamActive: .upstreamActive
        case .upstreamIdle: .upstreamIdle
        case .upstreamRetries: .upstreamRetries
        case .downstreamBytesReceived, .downstreamBytesSent, .upstreamBytesReceived,
            .upstreamBytesSent:
            .bytes
        case .headerTimeouts, .keepAliveTimeouts, .bodyTimeouts, .writeTimeouts,
            .connectTimeouts, .requestTimeouts:
            .timeouts
        case .serviceCalls: .serviceCalls
        case .serviceActive: .serviceActive
        case .bufferShortages: .bufferShortages
        case .turns: .turns
        case .generation: .generation
        }
    }

    /// What tells it from the others of its family.
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
        case .requests, .connectionsAccepted, .connectionsClosed, .connectionsActive,
            .acceptPauses, .upstreamActive, .upstreamIdle, .upstreamRetries, .serviceCalls,
            .serviceActive, .bufferShortages, .turns, .generation:
            []
        }
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
