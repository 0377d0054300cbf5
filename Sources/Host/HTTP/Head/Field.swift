package import SluiceBase

/// One header field as it lies in the receive buffer: offsets, and the name if it is known.
package struct Field: BitwiseCopyable, Sendable {
    /// Where the line begins, and where the next one does: what forwarding copies or skips.
    package var lineStart: UInt16
    package var lineEnd: UInt16
    package var nameLength: UInt16
    package var valueStart: UInt16
    package var valueLength: UInt16
    package var name: FieldName
    /// Whether the field ends at this hop and is not forwarded (RFC 9110 7.6.1).
    package var isHopByHop: Bool

    package static var none: Field {
        Field(
            lineStart: 0,
            lineEnd: 0,
            nameLength: 0,
            valueStart: 0,
            valueLength: 0,
            name: .other,
            isHopByHop: false
        )
    }

    /// The name's bytes within the head.
    @inlinable
    package func nameBytes(in head: Bytes) -> Bytes {
        head.slice(Int(lineStart), Int(nameLength))
    }

    /// Whether it says how the request came to this hop (RFC 7239, `X-Forwarded-*`).
    package var isForwarding: Bool { name.bit & FieldName.forwardingMask != 0 }

    /// Whether it carries the trace of the request (W3C Trace Context).
    package var isTrace: Bool { name == .traceparent || name == .tracestate }

    /// The value's bytes within the head, without surrounding white space.
    @inlinable
    package func value(in head: Bytes) -> Bytes {
        head.slice(Int(valueStart), Int(valueLength))
    }
}

/// Field names that framing, routing or forwarding look at; recognised once, while parsing.
package enum FieldName: UInt8, Sendable, BitwiseCopyable {
    case other
    case te
    case via
    case host
    case date
    case expect
    case upgrade
    case trailer
    case forwarded
    case keepAlive
    case connection
    case tracestate
    case traceparent
    case xRequestID
    case maxForwards
    case contentLength
    case xForwardedFor
    case xForwardedHost
    case xForwardedPort
    case xForwardedProto
    case xForwardedClientCert
    /// Any other name that begins with `X-Forwarded-`.
    case xForwardedOther
    case proxyConnection
    case transferEncoding

    /// Recognises a name by its length first, so most names cost one comparison of lengths.
    static func of(_ name: Bytes) -> FieldName {
        switch name.count {
        case 2: name.equalsIgnoringCase("te") ? .te : .other
        case 3: name.equalsIgnoringCase("via") ? .via : .other
        case 4:
            name.equalsIgnoringCase("host")
                ? .host : name.equalsIgnoringCase("date") ? .date : .other
        case 6: name.equalsIgnoringCase("expect") ? .expect : .other
        case 7:
            name.equalsIgnoringCase("upgrade")
                ? .upgrade : name.equalsIgnoringCase("trailer") ? .trailer : .other
        case 9: name.equalsIgnoringCase("forwarded") ? .forwarded : .other
        case 10: ofTen(name)
        case 11: name.equalsIgnoringCase("traceparent") ? .traceparent : .other
        case 12:
            name.equalsIgnoringCase("x-request-id")
                ? .xRequestID : name.equalsIgnoringCase("max-forwards") ? .maxForwards : .other
        case 13...: ofMany(name)
        default: .other
        }
    }

    private static func ofTen(_ name: Bytes) -> FieldName {
        if name.equalsIgnoringCase("connection") { return .connection }
        if name.equalsIgnoringCase("keep-alive") { return .keepAlive }
        return name.equalsIgnoringCase("tracestate") ? .tracestate : .other
    }

    /// Names of thirteen bytes and more.
    private static func ofMany(_ name: Bytes) -> FieldName {
        let first = name[0] | 0x20
        if first == UInt8(ascii: "x") {
            if name.prefix(12).equalsIgnoringCase("x-forwarded-") {
                return forwarding(name.from(12))
            }
            return isForwardingVariable(name) ? .xForwardedOther : .other
        }
        switch name.count {
        case 14 where first == UInt8(ascii: "c"):
            return name.equalsIgnoringCase("content-length") ? .contentLength : .other
        case 16 where first == UInt8(ascii: "p"):
            return name.equalsIgnoringCase("proxy-connection") ? .proxyConnection : .other
        case 17 where first == UInt8(ascii: "t"):
            return name.equalsIgnoringCase("transfer-encoding") ? .transferEncoding : .other
        default: return .other
        }
    }

    /// Whether applications that read fields as variables (RFC 3875 4.1.18) take it for one of the
    /// family: `_` is as good as `-` there.
    private static func isForwardingVariable(_ name: Bytes) -> Bool {
        name.prefix(12).equalsIgnoringCase("x_forwarded_")
            || name.prefix(12).equalsIgnoringCase("x-forwarded_")
            || name.prefix(12).equalsIgnoringCase("x_forwarded-")
    }

    private static func forwarding(_ kind: Bytes) -> FieldName {
        if kind.equalsIgnoringCase("for") { return .xForwardedFor }
        if kind.equalsIgnoringCase("host") { return .xForwardedHost }
        if kind.equalsIgnoringCase("port") { return .xForwardedPort }
        if kind.equalsIgnoringCase("proto") { return .xForwardedProto }
        return kind.equalsIgnoringCase("client-cert") ? .xForwardedClientCert : .xForwardedOther
    }

    /// A mask with this name alone.
    var bit: UInt32 { 1 << UInt32(rawValue) }

    /// The mask of the names that say how a request came to this hop: what a peer that is not
    /// trusted sent of them is not passed on.
    static let forwardingMask =
        FieldName.forwarded.bit | FieldName.xForwardedFor.bit | FieldName.xForwardedHost.bit
        | FieldName.xForwardedPort.bit | FieldName.xForwardedProto.bit
        | FieldName.xForwardedClientCert.bit | FieldName.xForwardedOther.bit

    /// Whether a field of this name never passes this hop as it came.
    ///
    /// Transfer-Encoding does pass: a chunked body is forwarded as one. So does Expect: the origin
    /// decides whether it wants the body (RFC 9110 10.1.1).
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .te, .upgrade: true
        case .other, .via, .host, .date, .expect, .trailer, .forwarded, .tracestate, .traceparent,
            .xRequestID, .maxForwards, .contentLength, .xForwardedFor, .xForwardedHost,
            .xForwardedPort, .xForwardedProto, .xForwardedClientCert, .xForwardedOther,
            .transferEncoding:
            false
        }
    }

    /// Whether a Connection field may take it out: not what frames, routes or traces the message.
    var canBeNominated: Bool {
        switch self {
        case .other, .date, .trailer: true
        case .te, .via, .host, .expect, .upgrade, .forwarded, .keepAlive, .connection,
            .tracestate, .traceparent, .xRequestID, .maxForwards, .contentLength, .xForwardedFor,
            .xForwardedHost, .xForwardedPort, .xForwardedProto, .xForwardedClientCert,
            .xForwardedOther, .proxyConnection, .transferEncoding:
            false
        }
    }
}
