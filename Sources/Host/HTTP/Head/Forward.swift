package import SluiceBase

/// What the host adds to a request and what it believes of it; plain data.
package struct RequestForwarding: BitwiseCopyable, Sendable {
    /// The other end of the client's connection.
    package var peer: PeerAddress
    /// Whether the peer is a proxy whose forwarded fields are believed.
    package var isTrusted: Bool
    /// `http` or `https`: how the request came.
    package var scheme: Bytes
    /// The port it came to; 0 when there is none.
    package var localPort: UInt16
    /// Whether `Forwarded` (RFC 7239) is written too.
    package var addsForwarded: Bool
    package var addsVia: Bool
    /// Whether `traceparent` and `tracestate` are dropped.
    package var restartsTrace: Bool
    /// The X-Request-Id of a request that has no valid one.
    package var requestID: (UInt64, UInt64)
    /// Whether the request is for a WebSocket and the host allows the attempt.
    package var isUpgrade: Bool
    /// Whether `X-Forwarded-Client-Cert` is this hop's to say: what came of it is dropped.
    package var replacesIdentity = false
    /// Its value; empty when the client has no verified certificate.
    package var identity = Bytes.empty

    /// The terms of one request.
    package init(
        peer: PeerAddress,
        isTrusted: Bool,
        scheme: Bytes,
        localPort: UInt16,
        addsForwarded: Bool,
        addsVia: Bool,
        restartsTrace: Bool,
        requestID: (UInt64, UInt64),
        isUpgrade: Bool
    ) {
        self.peer = peer
        self.isTrusted = isTrusted
        self.scheme = scheme
        self.localPort = localPort
        self.addsForwarded = addsForwarded
        self.addsVia = addsVia
        self.restartsTrace = restartsTrace
        self.requestID = requestID
        self.isUpgrade = isUpgrade
    }
}

/// Writes heads for the next hop: what passes is copied in whole runs, what ends here is skipped.
package enum Forward {
    /// Bytes that forwarding may add to a request beyond its own, its joined lists included, and
    /// beyond the identity of the client.
    package static let growthMax = 1_280

    /// Writes the request for the origin (RFC 9110 7.6).
    ///
    /// `view.path` is the canonical form. A Host is always there: the target's authority if it has
    /// one, else the field that came, else an empty one (RFC 9112 3.2).
    package static func request(
        _ view: RequestView,
        _ terms: RequestForwarding,
        to output: inout ByteWriter
    ) {
        let keepsID = !view.requestID.isEmpty
        requestLine(view, &output)
        fields(
            view.fields,
            view.facts.fields,
            view.text,
            from: view.facts.fieldsStart,
            to: view.facts.length &- 2,
            dropping: dropped(view, terms, keepsID: keepsID),
            &output
        )
        addForwarded(view, terms, &output)
        if terms.addsForwarded { addStandardForwarded(view, terms, &output) }
        if countsHops(view) {
            output.append("Max-Forwards: ")
            output.append(decimal: Int(view.facts.fields.maxForwards &- 1))
            output.append("\r\n")
        }
        if !keepsID {
            output.append("X-Request-Id: ")
            output.append(hex: terms.requestID.0)
            output.append(hex: terms.requestID.1)
            output.append("\r\n")
        }
        if terms.addsVia { addVia(view.facts.version, &output) }
        output.append(terms.isUpgrade ? upgradeEnd : "\r\n")
    }

    /// The lines of an upgrade to WebSocket, and the empty line.
    static var upgradeEnd: Bytes { "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n" }

    /// RFC 9110 7.6.3: the version is that of the message that came.
    static func addVia(_ version: UInt8, _ output: inout ByteWriter) {
        output.append(version == 11 ? "Via: 1.1 sluice\r\n" : "Via: 1.0 sluice\r\n")
    }

    private static func requestLine(_ view: RequestView, _ output: inout ByteWriter) {
        output.append(view.method)
        output.append(0x20)
        output.append(view.facts.asksForServer ? "*" : view.path)
        if view.facts.queryStart >= 0 {
            output.append(0x3f)
            output.append(view.query)
        }
        output.append(" HTTP/1.1\r\n")
        if view.facts.isAbsolute {
            output.append("Host: ")
            output.append(view.host)
            output.append("\r\n")
        } else if view.facts.fields.hostIndex < 0 {
            output.append("Host:\r\n")
        }
    }

    /// The mask of the names of fields that came and are dropped or replaced.
    private static func dropped(
        _ view: RequestView,
        _ terms: RequestForwarding,
        keepsID: Bool
    ) -> UInt32 {
        var mask: UInt32 = 0
        if view.facts.isAbsolute { mask |= FieldName.host.bit }
        if !terms.isTrusted {
            mask |= FieldName.forwardingMask
        } else {
            if !terms.peer.isNone { mask |= FieldName.xForwardedFor.bit }
            if terms.addsForwarded { mask |= FieldName.forwarded.bit }
            if terms.replacesIdentity {
                // The others too: one may be its name with an underscore.
                mask |= FieldName.xForwardedClientCert.bit | FieldName.xForwardedOther.bit
            }
        }
        if terms.restartsTrace { mask |= FieldName.traceparent.bit | FieldName.tracestate.bit }
        if !keepsID { mask |= FieldName.xRequestID.bit }
        if countsHops(view) { mask |= FieldName.maxForwards.bit }
        return mask & view.facts.fields.names
    }

    /// RFC 9110 7.6.2: Max-Forwards means something for two methods alone.
    private static func countsHops(_ view: RequestView) -> Bool {
        view.facts.fields.maxForwards > 0
            && (view.facts.isTrace || view.facts.method == .options)
    }

    /// Copies the field lines in runs between those that do not pass; `names` are dropped too.
    static func fields(
        _ records: TableView<Field>,
        _ facts: FieldFacts,
        _ text: Bytes,
        from start: Int,
        to end: Int,
        dropping names: UInt32,
        _ output: inout ByteWriter
    ) {
        guard facts.hopByHopCount > 0 || names != 0 else {
            output.append(text.slice(start, end &- start))
            return
        }
        var run = start
        for index in 0..<facts.count {
            let field = records[index]
            guard field.isHopByHop || field.name.bit & names != 0 else { continue }
            output.append(text.slice(run, Int(field.lineStart) &- run))
            run = Int(field.lineEnd)
        }
        output.append(text.slice(run, end &- run))
    }
}

// The fields that say how a request came here.
extension Forward {
    private static func addForwarded(
        _ view: RequestView,
        _ terms: RequestForwarding,
        _ output: inout ByteWriter
    ) {
        let kept = terms.isTrusted ? view.facts.fields.names : 0
        if !terms.peer.isNone {
            output.append("X-Forwarded-For: ")
            if kept & FieldName.xForwardedFor.bit != 0 { join(.xForwardedFor, view, &output) }
            terms.peer.writeHost(to: &output)
            output.append("\r\n")
        }
        if kept & FieldName.xForwardedProto.bit == 0 {
            output.append("X-Forwarded-Proto: ")
            output.append(terms.scheme)
            output.append("\r\n")
        }
        if kept & FieldName.xForwardedHost.bit == 0, view.facts.hostLength > 0 {
            output.append("X-Forwarded-Host: ")
            output.append(view.host)
            output.append("\r\n")
        }
        if kept & FieldName.xForwardedPort.bit == 0, terms.localPort > 0 {
            output.append("X-Forwarded-Port: ")
            output.append(decimal: Int(terms.localPort))
            output.append("\r\n")
        }
        if !terms.identity.isEmpty {
            output.append("X-Forwarded-Client-Cert: ")
            output.append(terms.identity)
            output.append("\r\n")
        }
    }

    /// RFC 7239: one element for this hop, behind those of a trusted peer.
    private static func addStandardForwarded(
        _ view: RequestView,
        _ terms: RequestForwarding,
        _ output: inout ByteWriter
    ) {
        output.append("Forwarded: ")
        if terms.isTrusted, view.facts.fields.has(.forwarded) { join(.forwarded, view, &output) }
        if terms.peer.isNone {
            output.append("for=unknown")
        } else {
            output.append(terms.peer.isIPv6 ? "for=\"[" : "for=")
            terms.peer.writeHost(to: &output)
            if terms.peer.isIPv6 { output.append("]\"") }
        }
        output.append(";proto=")
        output.append(terms.scheme)
        if view.facts.hostLength > 0 {
            // Always quoted: no character of a valid host needs an escape, and a port needs quotes.
            output.append(";host=\"")
            output.append(view.host)
            output.append(UInt8(ascii: "\""))
        }
        output.append("\r\n")
    }

    /// Writes the values of all fields of this name, each with a comma and a space behind it.
    private static func join(_ name: FieldName, _ view: RequestView, _ output: inout ByteWriter) {
        for index in 0..<view.facts.fields.count
        where view.fields[index].name == name && view.fields[index].valueLength > 0 {
            output.append(view.value(at: index))
            output.append(", ")
        }
    }
}

extension Forward {
    /// Writes the body of an answer to TRACE (RFC 9110 9.3.8, type `message/http`): the head as it
    /// came, without credentials and without what other proxies said of the client.
    package static func trace(_ view: RequestView, to output: inout ByteWriter) {
        let facts = view.facts
        output.append(view.text.slice(facts.methodStart, facts.fieldsStart &- facts.methodStart))
        for index in 0..<facts.fields.count {
            let field = view.fields[index]
            guard field.name.bit & FieldName.forwardingMask == 0,
                !isCredential(field.nameBytes(in: view.text))
            else { continue }
            let start = Int(field.lineStart)
            output.append(view.text.slice(start, Int(field.lineEnd) &- start))
        }
        output.append("\r\n")
    }

    private static func isCredential(_ name: Bytes) -> Bool {
        name.equalsIgnoringCase("authorization") || name.equalsIgnoringCase("cookie")
            || name.equalsIgnoringCase("proxy-authorization")
    }
}

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
    /// Whether the reply says to an HTTP/1.0 client that its connection stays open.
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
