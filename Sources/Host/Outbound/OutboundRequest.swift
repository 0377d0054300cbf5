/// One field of a request: a name and a value, as they are to be sent.
package struct OutboundField: Sendable, Equatable {
    package var name: String
    package var value: [UInt8]

    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ value: String) {
        self.init(name, Array(value.utf8))
    }
}

/// How a call speaks to its peer.
package enum OutboundProtocol: Sendable {
    /// HTTP/1.1.
    case http1
    /// HTTP/2 where TLS negotiates it (ALPN, RFC 7301), else HTTP/1.1.
    case http2
    /// HTTP/2 by prior knowledge, in the clear too (RFC 9113 3.3).
    case http2PriorKnowledge
    /// HTTP/1.1 that becomes raw bytes in both directions after a response 101 (RFC 9110 7.8).
    case upgrade
}

/// The four times a call may take, in nanoseconds; 0 is the client's default, `never` no bound.
package struct OutboundDeadlines: Sendable, Equatable {
    /// From `send` until a connection is ready, name resolution, TLS and the wait for a free
    /// connection included.
    package var connect: UInt64
    /// From a ready connection, or the last byte of the request, to the head of the response.
    package var head: UInt64
    /// Between two pieces, in either direction, once the head is there; a paused response does
    /// not count.
    package var idle: UInt64
    /// From `send` to the end.
    package var total: UInt64

    package static let never = UInt64.max

    package init(connect: UInt64 = 0, head: UInt64 = 0, idle: UInt64 = 0, total: UInt64 = 0) {
        self.connect = connect
        self.head = head
        self.idle = idle
        self.total = total
    }

    /// With every 0 replaced by the value of `defaults`.
    func filled(from defaults: OutboundDeadlines) -> OutboundDeadlines {
        OutboundDeadlines(
            connect: connect == 0 ? defaults.connect : connect,
            head: head == 0 ? defaults.head : head,
            idle: idle == 0 ? defaults.idle : idle,
            total: total == 0 ? defaults.total : total
        )
    }
}

/// What one call asks: a value, copied by `send`.
package struct OutboundRequest: Sendable {
    /// A token (RFC 9110 9.1).
    package var method = "GET"
    /// `http`, `https` or `http+unix://<percent-encoded path of the socket>/...`; no credentials.
    package var url: String
    /// Fields of the request; those of the connection, such as `connection`, are the client's own.
    package var fields: [OutboundField] = []
    /// The body, or its beginning when `streamsBody`.
    package var body: [UInt8] = []
    /// Whether more of the body comes by `write`, up to a last piece.
    package var streamsBody = false
    package var speaks = OutboundProtocol.http1
    /// Follows redirects of GET and HEAD, at most `OutboundLimits.redirectsMax`.
    ///
    /// `authorization` and `cookie` are not sent to another scheme, host or port.
    package var followsRedirects = false
    /// The name of a TLS profile of the client; nil: the certificates of the system.
    package var profile: String?
    /// A file whose content is sent as `authorization: Bearer`, read again when it changes.
    package var bearerFile: String?
    package var deadlines = OutboundDeadlines()
    /// Bytes of the response body, beyond which the call ends with `limit`; nil: any number.
    package var responseBytesMax: Int?

    package init(_ url: String) {
        self.url = url
    }
}

/// Why `send` did not accept a call, or `setProfile` a profile: no event follows.
package enum OutboundRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The request is wrong: a sentence.
    case invalid(String)
    /// A bound of the client is reached: a sentence.
    case limit(String)
    /// The client is closed.
    case closed

    package var description: String {
        switch self {
        case .invalid(let sentence), .limit(let sentence): sentence
        case .closed: "the client is closed"
        }
    }
}

/// The bounds of one client, each a setting.
package struct OutboundLimits: Sendable, Equatable {
    /// Calls under way; beyond them `send` is refused.
    package var callsMax = 4_096
    /// Connections, idle ones included; calls wait for one.
    ///
    /// Those of HTTP/2 by prior knowledge are counted apart.
    package var connectionsMax = 1_024
    /// Connections to one scheme, host and port.
    package var connectionsPerHostMax = 256
    /// Bytes of response heads and trailers of one call, interim ones included.
    package var headBytesMax = 65_536
    package var deadlines = OutboundDeadlines(
        connect: 10_000_000_000,
        head: 30_000_000_000,
        idle: 60_000_000_000,
        total: 3_600_000_000_000
    )

    /// Bytes of a request body that wait; beyond them `write` answers `again`.
    package static let bodyBytesHigh = 256 << 10
    /// Beyond these it answers `limit` and takes nothing.
    package static let bodyBytesMax = 16 << 20
    /// The longest piece of a response body.
    package static let pieceBytesMax = 16 << 10
    package static let redirectsMax = 5
    /// Fields of a request.
    package static let fieldsMax = 256
    /// Bytes of the fields of a request, and of its URL.
    package static let requestHeadBytesMax = 65_536

    package init() {}
}
