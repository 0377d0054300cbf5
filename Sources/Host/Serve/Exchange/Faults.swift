internal import SluiceTelemetry

/// What can go wrong with an exchange: whose fault it is, what the client is sent, and whether
/// another attempt may help.
///
/// One table for all of it.
enum Fault: UInt8 {
    case noRoute, noBackend
    case noEndpoint, connectFailed, connectTimeout
    case upstreamClosed, upstreamInvalid, upstreamBroken, upstreamTimeout, replyIdle
    case requestTimeout
    case bodyInvalid, bodyTooLarge, bodyTimeout, headTimeout, headTooLarge
    case expectation, target, misdirected, plainRequest
    case handshakeFailed, originUntrusted, originExpired, originMisnamed
    case overload
    case serviceNotFound, methodNotAllowed, serviceUnavailable, serviceFull, serviceFailed
    case serviceTimeout, serviceBroken, serviceStopped
    case replyTooLarge

    /// What the client reads in the first line.
    var status: UInt16 {
        switch self {
        case .bodyInvalid, .target, .plainRequest: 400
        case .noRoute, .serviceNotFound: 404
        case .methodNotAllowed: 405
        case .bodyTimeout, .headTimeout: 408
        case .bodyTooLarge: 413
        case .expectation: 417
        case .misdirected: 421
        case .headTooLarge: 431
        case .noBackend, .serviceFailed: 500
        case .connectFailed, .upstreamClosed, .upstreamInvalid, .upstreamBroken, .serviceBroken,
            .replyTooLarge, .handshakeFailed, .originUntrusted, .originExpired, .originMisnamed:
            502
        case .noEndpoint, .overload, .serviceUnavailable, .serviceFull, .serviceStopped: 503
        case .connectTimeout, .upstreamTimeout, .replyIdle, .requestTimeout, .serviceTimeout: 504
        }
    }

    /// Whose fault it is.
    var source: FaultSource {
        switch self {
        case .noRoute, .bodyInvalid, .bodyTooLarge, .bodyTimeout, .headTimeout, .headTooLarge,
            .expectation, .target, .serviceNotFound, .methodNotAllowed, .misdirected,
            .plainRequest:
            .client
        case .connectFailed, .connectTimeout, .upstreamClosed, .upstreamInvalid, .upstreamBroken,
            .upstreamTimeout, .replyIdle, .requestTimeout, .handshakeFailed, .originUntrusted,
            .originExpired, .originMisnamed:
            .origin
        case .noBackend, .noEndpoint, .overload: .host
        case .serviceUnavailable, .serviceFull, .serviceFailed, .serviceTimeout, .serviceBroken,
            .serviceStopped, .replyTooLarge:
            .plugin
        }
    }

    /// Whether the log has a line about it: not what the routes themselves say.
    var isLogged: Bool {
        switch self {
        case .noRoute, .serviceNotFound, .methodNotAllowed, .expectation, .misdirected,
            .plainRequest:
            false
        case .noBackend, .noEndpoint, .connectFailed, .connectTimeout, .upstreamClosed,
            .upstreamInvalid, .upstreamBroken, .upstreamTimeout, .replyIdle, .requestTimeout,
            .bodyInvalid, .bodyTooLarge, .bodyTimeout, .headTimeout, .headTooLarge, .target,
            .overload, .serviceUnavailable, .serviceFull, .serviceFailed, .serviceTimeout,
            .serviceBroken, .serviceStopped, .replyTooLarge, .handshakeFailed, .originUntrusted,
            .originExpired,
            .originMisnamed:
            true
        }
    }

    /// Whether it counts against the endpoint: only what the origin did, or failed to do.
    var countsAgainstEndpoint: Bool { source == .origin && self != .requestTimeout }

    /// Whether an attempt that ended with it may be followed by one at another endpoint: nothing
    /// of the request was sent.
    var isBeforeRequest: Bool {
        switch self {
        case .connectFailed, .connectTimeout, .handshakeFailed, .originUntrusted, .originExpired,
            .originMisnamed:
            true
        default: false
        }
    }

    /// Interim replies that one exchange may have; an origin that sends more is invalid.
    static let interimsMax: UInt16 = 1_000

    var reason: LocalReason {
        switch self {
        case .noRoute, .serviceNotFound: .noRoute
        case .methodNotAllowed: .methodNotAllowed
        case .headTimeout: .headerTimeout
        case .bodyTimeout: .bodyTimeout
        case .bodyInvalid, .target: .badRequest
        case .misdirected: .misdirected
        case .plainRequest: .plainRequest
        case .handshakeFailed: .handshakeFailed
        case .originUntrusted: .originUntrusted
        case .originExpired: .originExpired
        case .originMisnamed: .originMisnamed
        case .bodyTooLarge: .bodyTooLarge
        case .headTooLarge: .headTooLarge
        case .expectation: .expectation
        case .noBackend: .routeStatus
        case .noEndpoint: .noEndpoint
        case .connectFailed, .connectTimeout: .connectFailed
        case .upstreamClosed: .upstreamClosed
        case .upstreamInvalid: .upstreamInvalid
        case .upstreamBroken: .upstreamBroken
        case .upstreamTimeout, .replyIdle, .requestTimeout: .upstreamTimeout
        case .overload: .overload
        case .serviceUnavailable, .serviceStopped: .serviceUnavailable
        case .serviceFull: .serviceFull
        case .serviceFailed, .serviceBroken, .replyTooLarge: .serviceFailed
        case .serviceTimeout: .serviceTimeout
        }
    }

    /// What the client reads in the body.
    var text: StaticString {
        switch self {
        case .noRoute: "no route matches this host and path"
        case .noBackend: "the route names a backend that does not exist"
        case .noEndpoint: "no endpoint of the backend is ready"
        case .connectFailed: "the backend refused the connection"
        case .connectTimeout: "the backend did not accept the connection in time"
        case .upstreamClosed: "the backend closed the connection before it answered"
        case .upstreamInvalid: "the backend's answer is not valid HTTP/1.1"
        case .upstreamBroken: "the backend broke its answer off"
        case .upstreamTimeout: "the backend did not answer in time"
        case .replyIdle: "the backend stopped in the middle of its answer"
        case .requestTimeout: "the request took longer than the route allows"
        case .bodyInvalid: "the chunked request body is malformed (RFC 9112 section 7.1)"
        case .bodyTooLarge: "the request body is larger than the limit allows"
        case .bodyTimeout: "the request body did not arrive in time"
        case .headTimeout: "the request head did not arrive in time"
        case .headTooLarge: "the head is larger than the limit allows"
        case .expectation: "the only expectation supported is 100-continue (RFC 9110 10.1.1)"
        case .misdirected: "this connection's server name belongs to another host; open a new one"
        case .plainRequest: "this port speaks TLS: use https"
        case .handshakeFailed: "the TLS handshake with the backend failed"
        case .originUntrusted: "the backend's certificate chains to no trusted authority"
        case .originExpired: "the backend's certificate is expired or not yet valid"
        case .originMisnamed: "the backend's certificate is for another name"
        case .target: "the path is malformed or climbs above the root (RFC 3986 section 5.2.4)"
        case .overload: "the proxy has no room for this request now; try again"
        case .serviceNotFound: "the plugin serves no such path"
        case .methodNotAllowed: "the plugin does not support this method here"
        case .serviceUnavailable: "the plugin is not serving"
        case .serviceFull: "the plugin has too many requests waiting; try again"
        case .serviceFailed: "the plugin failed to answer"
        case .serviceTimeout: "the plugin did not answer in time"
        case .serviceBroken: "the plugin broke the request off"
        case .replyTooLarge: "the answer is larger than what a filter may hold"
        case .serviceStopped: "the plugin was stopped before it had answered; try again"
        }
    }
}

/// Why an exchange is given up without an answer, or without a plugin's.
enum Abandonment: UInt8 {
    case client, upstream, overload, timeout, shutdown, plugin

    /// What a plugin is notified of when its call ends by a fault.
    init(_ fault: Fault) {
        switch fault.source {
        case .client: self = .client
        case .host: self = fault == .noBackend || fault == .noEndpoint ? .upstream : .overload
        case .origin: self = fault == .requestTimeout ? .timeout : .upstream
        case .plugin:
            self =
                switch fault {
                case .serviceTimeout: .timeout
                case .serviceStopped: .shutdown
                default: .plugin
                }
        }
    }
}
