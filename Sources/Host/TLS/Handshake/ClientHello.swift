package import SluiceBase

/// What the first bytes of a client are, as far as the host must know before OpenSSL sees them:
/// which name the client wants, so that the right context is taken from the start.
///
/// A connection that has not sent a whole ClientHello costs its bytes alone, and no state of
/// OpenSSL (RFC 8446 4.1.2, RFC 5246 7.4.1.2).
package enum ClientHello: Sendable, Equatable {
    /// More bytes are needed.
    case incomplete
    /// No TLS record: a client that speaks something else, most likely plain HTTP.
    case foreign
    /// A record that is no ClientHello, or a ClientHello that contradicts itself.
    case faulty
    /// The name of the client lies at `nameStart` of the assembled message; length 0: none.
    case whole(nameStart: Int, nameLength: Int)

    /// Bytes of a handshake record's header.
    private static var recordHeader: Int { 5 }
    /// Bytes of a handshake message's header.
    private static var messageHeader: Int { 4 }
    /// The longest record (RFC 8446 5.1).
    private static var recordMax: Int { 1 << 14 }
    /// The longest name of the DNS (RFC 1035 2.3.4).
    private static var nameMax: Int { 255 }

    /// Reads the bytes that a client has sent; the fragments of the message are assembled in
    /// `scratch`, which is empty and where its name then lies.
    ///
    /// A message that does not fit `scratch` stays incomplete.
    package static func read(_ bytes: Bytes, assembling scratch: inout ByteWriter) -> ClientHello {
        var at = 0
        while true {
            if at < bytes.count, bytes[at] != 22 { return at == 0 ? .foreign : .faulty }
            guard bytes.count &- at >= recordHeader else { return .incomplete }
            guard bytes[at &+ 1] == 3 else { return at == 0 ? .foreign : .faulty }
            let length = number(bytes, at &+ 3, 2)
            guard length > 0, length <= recordMax else { return .faulty }
            let start = at &+ recordHeader
            let count = min(length, bytes.count &- start)
            scratch.append(bytes.slice(start, count))
            if scratch.overflowed { return .incomplete }
            let message = scratch.bytes
            if message.count > 0, message[0] != 1 { return .faulty }
            if message.count >= messageHeader {
                let wanted = number(message, 1, 3) &+ messageHeader
                if message.count >= wanted { return whole(message.prefix(wanted)) }
            }
            guard count == length else { return .incomplete }
            at = start &+ length
        }
    }

    /// Reads a whole message down to its server_name extension.
    private static func whole(_ message: Bytes) -> ClientHello {
        // Version and random.
        var at = messageHeader &+ 2 &+ 32
        guard skip(message, &at, lengthBytes: 1), skip(message, &at, lengthBytes: 2),
            skip(message, &at, lengthBytes: 1)
        else { return .faulty }
        guard at < message.count else { return .whole(nameStart: 0, nameLength: 0) }
        guard message.count &- at >= 2, number(message, at, 2) == message.count &- at &- 2 else {
            return .faulty
        }
        at &+= 2
        while at < message.count {
            guard message.count &- at >= 4 else { return .faulty }
            let (type, length) = (number(message, at, 2), number(message, at &+ 2, 2))
            at &+= 4
            guard length <= message.count &- at else { return .faulty }
            if type == 0 { return name(message, at, length) }
            at &+= length
        }
        return .whole(nameStart: 0, nameLength: 0)
    }

    /// The list of names has one, of the type host_name (RFC 6066 section 3).
    private static func name(_ message: Bytes, _ start: Int, _ length: Int) -> ClientHello {
        guard length >= 5, number(message, start, 2) == length &- 2, message[start &+ 2] == 0
        else { return .faulty }
        let count = number(message, start &+ 3, 2)
        guard count == length &- 5, count > 0, count <= nameMax else { return .faulty }
        let name = message.slice(start &+ 5, count)
        // A zero byte would end the name for those who read it as a text of C.
        guard name.index(of: 0) < 0 else { return .faulty }
        return .whole(nameStart: start &+ 5, nameLength: count)
    }

    /// Goes over a vector whose length comes first; false when it ends too late.
    private static func skip(_ message: Bytes, _ at: inout Int, lengthBytes: Int) -> Bool {
        guard message.count &- at >= lengthBytes else { return false }
        let length = number(message, at, lengthBytes)
        at &+= lengthBytes
        guard length <= message.count &- at else { return false }
        at &+= length
        return true
    }

    private static func number(_ bytes: Bytes, _ start: Int, _ count: Int) -> Int {
        var value = 0
        for place in start..<(start &+ count) { value = value << 8 | Int(bytes[place]) }
        return value
    }
}

/// Alerts that the host sends where OpenSSL has no state yet (RFC 8446 section 6): whole records.
package enum PlainAlert {
    /// No listener has the name that the client wants.
    package static var unrecognizedName: Bytes { "\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{70}" }
    /// The ClientHello cannot be read.
    package static var decodeError: Bytes { "\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{32}" }
    /// There is no room for the connection.
    package static var internalError: Bytes { "\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{50}" }
}
