package import SluiceBase

/// Whether a sink takes more of a response.
package enum OutboundFlow: Sendable {
    case take
    /// The piece is taken, and no other comes until `resume`.
    case pause
}

/// Where the events of a call go; all four run on the thread `outbound`, which they must not hold
/// up.
///
/// The order is `head`, any number of `body`, `end`; `writable` comes between. After `cancel` has
/// returned nothing but `end` comes, and what was under way.
package protocol OutboundEvents: AnyObject, Sendable {
    /// The final head of the response, or 101 of an upgrade; interim ones are not told.
    func head(_ call: UInt64, status: Int, fields: HeadFields)

    /// The next bytes of the body, valid during the call, at most `OutboundLimits.pieceBytesMax`.
    func body(_ call: UInt64, _ piece: Bytes) -> OutboundFlow

    /// After `write` has answered `again`: half of the room is free.
    func writable(_ call: UInt64)

    /// The end, exactly once, last.
    func end(_ call: UInt64, _ end: OutboundEnd)
}

/// What ended a call that did not come to the end of its response.
package enum OutboundFailure: Int, Sendable, CaseIterable {
    /// The name has no address.
    case resolve
    /// No connection: refused, unreachable.
    case connect
    case tls
    /// The connection, or the stream of HTTP/2, was lost.
    case reset
    /// The peer broke the rules of HTTP.
    case `protocol`
    case connectTimeout
    case headTimeout
    case idleTimeout
    case totalTimeout
    /// A bound of the client or the call was reached.
    case limit
    case cancelled
    /// The address policy of the client does not allow it.
    case refused

    /// As metrics and the sentences write it.
    package var word: String {
        switch self {
        case .connectTimeout: "timeout_connect"
        case .headTimeout: "timeout_head"
        case .idleTimeout: "timeout_idle"
        case .totalTimeout: "timeout_total"
        default: String(describing: self)
        }
    }
}

/// How a call ended.
package struct OutboundEnd: Sendable {
    /// nil: a whole response arrived, whatever its status.
    package var failed: OutboundFailure?
    /// One sentence on the failure; empty when there is none.
    package var detail = ""
    /// False only when certainly no byte of the request was sent: it can be sent again.
    package var mayHaveReceived = false
    /// The status of the response; 0 when no head came.
    package var status = 0
    /// How often the request was sent: more than one when a kept connection was found dead.
    package var attempts = 0
    /// Nanoseconds from `send` until a connection was ready; 0 when none was.
    package var connectNanoseconds: UInt64 = 0
    /// Nanoseconds from `send` until the head; 0 when none came.
    package var headNanoseconds: UInt64 = 0
    package var totalNanoseconds: UInt64 = 0
    /// Bytes of heads and body received, redirects included.
    package var receivedBytes = 0
    /// Bytes of head and body sent.
    package var sentBytes = 0
    package var trailers = HeadFields()
}
