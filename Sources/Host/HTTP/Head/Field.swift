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
    case host
    case date
    case expect
    case upgrade
    case trailer
    case connection
    case keepAlive
    case contentLength
    case proxyConnection
    case transferEncoding

    /// Recognises a name by its length first, so most names cost one comparison of lengths.
    static func of(_ name: Bytes) -> FieldName {
        switch name.count {
        case 2: name.equalsIgnoringCase("te") ? .te : .other
        case 4:
            name.equalsIgnoringCase("host")
                ? .host : name.equalsIgnoringCase("date") ? .date : .other
        case 6: name.equalsIgnoringCase("expect") ? .expect : .other
        case 7:
            name.equalsIgnoringCase("upgrade")
                ? .upgrade : name.equalsIgnoringCase("trailer") ? .trailer : .other
        case 10:
            name.equalsIgnoringCase("connection")
                ? .connection : name.equalsIgnoringCase("keep-alive") ? .keepAlive : .other
        case 14: name.equalsIgnoringCase("content-length") ? .contentLength : .other
        case 16: name.equalsIgnoringCase("proxy-connection") ? .proxyConnection : .other
        case 17: name.equalsIgnoringCase("transfer-encoding") ? .transferEncoding : .other
        default: .other
        }
    }

    /// A mask with this name alone.
    var bit: UInt32 { 1 << UInt32(rawValue) }

    /// Whether a field of this name never passes this hop as it came.
    ///
    /// Transfer-Encoding does pass: chunked bodies are forwarded chunk by chunk as they are.
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .te, .upgrade, .expect: true
        case .other, .host, .date, .trailer, .contentLength, .transferEncoding: false
        }
    }

    /// Whether a Connection field may take it out: not what frames or routes the message.
    var canBeNominated: Bool {
        switch self {
        case .other, .date, .trailer: true
        case .te, .host, .expect, .upgrade, .connection, .keepAlive, .contentLength,
            .proxyConnection, .transferEncoding:
            false
        }
    }
}
