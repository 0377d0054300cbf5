internal import SluiceTelemetry

/// What can go wrong with an exchange: whose fault it is, what the client is told, and whether a
/// fresh connection may help.
///
/// One table for all of it.
enum Fault: UInt8 {
    case noRoute, noBackend, routeStatus
    case noEndpoint, connectFailed, connectTimeout
    case upstreamClosed, upstreamInvalid, upstreamTimeout, requestTimeout
    case bodyInvalid, bodyTooLarge, headerTimeout
    case overload
    case serviceNotFound, methodNotAllowed, serviceUnavailable, serviceFull, serviceFailed
    case serviceTimeout
    case draining

    var status: UInt16 {
        switch self {
        case .noRoute, .serviceNotFound: 404
        case .methodNotAllowed: 405
        case .headerTimeout: 408
        case .bodyInvalid: 400
        case .bodyTooLarge: 413
        case .noBackend, .routeStatus, .serviceFailed: 500
        case .connectFailed, .upstreamClosed, .upstreamInvalid: 502
        case .noEndpoint, .overload, .serviceUnavailable, .serviceFull, .draining: 503
        case .connectTimeout, .upstreamTimeout, .requestTimeout, .serviceTimeout: 504
        }
    }

    /// What may help where it is safe.
    enum Remedy {
        case none
        /// Another endpoint of the pool.
        case elsewhere
        /// A fresh connection to the same endpoint.
        case afresh
    }

    /// Interim replies that one exchange may have; an origin that sends more says nothing.
    static let interimsMax: UInt8 = 16
    /// Endpoints that one exchange tries to reach.
    static let attemptsMax = 3

    /// What may help against this fault.
    var remedy: Remedy {
        switch self {
        case .connectFailed, .connectTimeout: .elsewhere
        case .upstreamClosed: .afresh
        case .noRoute, .noBackend, .routeStatus, .noEndpoint, .upstreamInvalid, .upstreamTimeout,
            .requestTimeout, .bodyInvalid, .bodyTooLarge, .headerTimeout, .overload,
            .serviceNotFound, .methodNotAllowed, .serviceUnavailable, .serviceFull,
            .serviceFailed, .serviceTimeout, .draining:
            .none
        }
    }

    var reason: LocalReason {
        switch self {
        case .noRoute, .serviceNotFound: .noRoute
        case .methodNotAllowed: .methodNotAllowed
        case .headerTimeout: .headerTimeout
        case .bodyInvalid: .badRequest
        case .bodyTooLarge: .bodyTooLarge
        case .noBackend, .routeStatus: .routeStatus
        case .noEndpoint: .noEndpoint
        case .connectFailed, .connectTimeout: .connectFailed
        case .upstreamClosed: .upstreamClosed
        case .upstreamInvalid: .upstreamInvalid
        case .upstreamTimeout, .requestTimeout: .upstreamTimeout
        case .overload: .overload
        case .serviceUnavailable: .serviceUnavailable
        case .serviceFull: .serviceFull
        case .serviceFailed: .serviceFailed
        case .serviceTimeout: .serviceTimeout
        case .draining: .draining
        }
    }

    /// What the client reads.
    var text: StaticString {
        switch self {
        case .noRoute: "no route matches this host and path"
        case .noBackend: "the route names a backend that does not exist"
        case .routeStatus: "the route answers with this status"
        case .noEndpoint: "no endpoint of the backend is ready"
        case .connectFailed: "the backend refused the connection"
        case .connectTimeout: "the backend did not accept the connection in time"
        case .upstreamClosed: "the backend closed the connection before it answered"
        case .upstreamInvalid: "the backend's answer is not valid HTTP/1.1"
        case .upstreamTimeout: "the backend did not answer in time"
        case .requestTimeout: "the request took longer than the route allows"
        case .bodyInvalid: "the chunked request body is malformed (RFC 9112 section 7.1)"
        case .bodyTooLarge: "the request body is larger than the limit allows"
        case .headerTimeout: "the request head did not arrive in time"
        case .overload: "the proxy has no room for this request now; try again"
        case .serviceNotFound: "the plugin serves no such path"
        case .methodNotAllowed: "the plugin does not take this method here"
        case .serviceUnavailable: "the plugin is not serving"
        case .serviceFull: "the plugin has too many requests waiting; try again"
        case .serviceFailed: "the plugin failed to answer"
        case .serviceTimeout: "the plugin did not answer in time"
        case .draining: "the proxy is shutting down"
        }
    }
}
