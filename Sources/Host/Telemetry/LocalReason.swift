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
        }
    }
}
