package import SluiceBase

/// How the body of a reply is framed for the client.
package enum ReplyFraming: BitwiseCopyable, Sendable {
    /// As it came: Content-Length and Transfer-Encoding are passed on.
    case same
    /// In chunks, for a body that the origin ends by closing.
    case chunked
    /// By the end of the connection, for a client of HTTP/1.0.
    case untilClose
}

/// What the host adds to a reply; plain data.
package struct ResponseForwarding: BitwiseCopyable, Sendable {
    /// Whether the client's connection closes after this reply.
    package var closing: Bool
    package var framing: ReplyFraming
    /// The value of Date for a reply that has none.
    package var date: Bytes
    package var addsVia: Bool
    /// Whether it is the 101 of a granted WebSocket.
    package var isUpgrade: Bool
    /// Whether an HTTP/1.0 client is told that its connection stays open.
    package var keepsAliveFor10: Bool

    /// The terms of one reply.
    package init(
        closing: Bool,
        framing: ReplyFraming,
        date: Bytes,
        addsVia: Bool,
        isUpgrade: Bool,
        keepsAliveFor10: Bool
    ) {
        self.closing = closing
        self.framing = framing
        self.date = date
        self.addsVia = addsVia
        self.isUpgrade = isUpgrade
        self.keepsAliveFor10 = keepsAliveFor10
    }
}

extension Forward {
    /// Writes the response for the client: always HTTP/1.1, with a Date (RFC 9110 6.6.1).
    ///
    /// What frames a body is dropped where there can be none (RFC 9110 8.6, RFC 9112 6.1).
    package static func response(
        _ view: ResponseView,
        _ terms: ResponseForwarding,
        to output: inout ByteWriter
    ) {
        let facts = view.facts
        output.append("HTTP/1.1")
        output.append(view.text.slice(facts.statusStart, facts.statusLength))
        // The space before the reason stands even when there is no reason (RFC 9112 4).
        output.append(facts.statusLength == 4 ? " \r\n" : "\r\n")
        let isBare = facts.status < 200 || facts.status == 204
        fields(
            view.fields,
            facts.fields,
            view.text,
            from: facts.fieldsStart,
            to: facts.length &- 2,
            dropping: dropped(terms.framing, isBare: isBare) & facts.fields.names,
            &output
        )
        if terms.framing == .chunked, !isBare { output.append("Transfer-Encoding: chunked\r\n") }
        if !facts.fields.hasDate, facts.status >= 200 {
            output.append("Date: ")
            output.append(terms.date)
            output.append("\r\n")
        }
        if terms.addsVia { addVia(facts.version, &output) }
        if terms.isUpgrade { return output.append(upgradeEnd) }
        if terms.closing {
            output.append("Connection: close\r\n\r\n")
        } else {
            output.append(terms.keepsAliveFor10 ? "Connection: keep-alive\r\n\r\n" : "\r\n")
        }
    }

    private static func dropped(_ framing: ReplyFraming, isBare: Bool) -> UInt32 {
        if isBare { return FieldName.contentLength.bit | FieldName.transferEncoding.bit }
        return switch framing {
        case .same: 0
        case .chunked: FieldName.contentLength.bit | FieldName.transferEncoding.bit
        case .untilClose: FieldName.transferEncoding.bit
        }
    }
}
