package import SluiceBase

/// What the head of a request says: ranges within its bytes, and facts; plain data.
///
/// The ranges are variables so that an owner may point `path` at a canonical copy.
package struct RequestFacts: BitwiseCopyable, Sendable {
    package var method: Method = .other
    package var methodStart = 0
    package var methodLength = 0
    /// Where the path lies; for absolute-form what follows the authority, perhaps nothing.
    package var pathStart = 0
    package var pathLength = 0
    /// The query without its question mark; -1 when there is none.
    package var queryStart = -1
    package var queryLength = 0
    /// Where the effective host lies: the target's authority, else the Host field.
    package var hostStart = 0
    package var hostLength = 0
    /// Whether the target was absolute-form, so that the Host field must be replaced.
    package var isAbsolute = false
    /// OPTIONS for the server as a whole in absolute-form, which names no path and is forwarded
    /// as `*` (RFC 9112 3.2.4).
    package var asksForServer = false
    package var isTrace = false
    /// 10 or 11.
    package var version: UInt8 = 11
    /// Where the first field line begins.
    package var fieldsStart = 0
    /// The length of the whole head.
    package var length = 0
    package var fields = FieldFacts()

    /// Of no request yet.
    package init() {}

    /// Whether the connection may carry another exchange (RFC 9112 9.3).
    package var keepsAlive: Bool { fields.keepsAlive(version: version) }

    /// Whether content follows the head.
    package var hasBody: Bool { fields.isChunked || fields.contentLength > 0 }

    /// How the body is framed (RFC 9112 6.3).
    package var bodyFraming: BodyFraming {
        if fields.isChunked { return .chunked }
        return fields.contentLength > 0 ? .length(fields.contentLength) : .none
    }

    /// Whether it requests another protocol, whichever (RFC 9110 7.8), and has no body.
    package var isUpgrade: Bool {
        version == 11 && fields.saysUpgrade && fields.upgradeIndex >= 0 && !hasBody
    }

    /// Whether it requests a WebSocket (RFC 6455 4.1).
    package var isWebSocketUpgrade: Bool {
        method == .get && version == 11 && fields.saysUpgrade && fields.namesWebSocket
            && !fields.isChunked && fields.contentLength <= 0
    }
}

/// A request's head: its facts, and borrowed views of its bytes and fields.
///
/// The views are valid as long as the memory of whoever made them.
package struct RequestView: BitwiseCopyable, Sendable {
    package var facts: RequestFacts
    /// What all ranges refer to.
    package var text: Bytes
    package var fields: TableView<Field>

    /// Views of a head that was copied: `fields` are its records, `text` its bytes.
    package init(facts: RequestFacts, text: Bytes, fields: TableView<Field>) {
        self.facts = facts
        self.text = text
        self.fields = fields
    }

    /// The method's name.
    package var method: Bytes { text.slice(facts.methodStart, facts.methodLength) }

    package var path: Bytes { text.slice(facts.pathStart, facts.pathLength) }

    /// The query without its question mark; empty also when there is none.
    package var query: Bytes {
        facts.queryStart < 0 ? .empty : text.slice(facts.queryStart, facts.queryLength)
    }

    /// The effective host with its port; empty when HTTP/1.0 named none.
    package var host: Bytes { text.slice(facts.hostStart, facts.hostLength) }

    /// The value of the field at `index`.
    package func value(at index: Int) -> Bytes { fields[index].value(in: text) }

    /// The traceparent that came; empty when there is none.
    package var traceParent: Bytes {
        guard facts.fields.has(.traceparent) else { return .empty }
        for index in 0..<facts.fields.count where fields[index].name == .traceparent {
            return value(at: index)
        }
        return .empty
    }

    /// The X-Request-Id that came, if it is passed on: one alone, of 1 to 128 letters, digits,
    /// dots, colons, hyphens and underscores; else empty.
    package var requestID: Bytes {
        guard facts.fields.requestIDIndex >= 0 else { return .empty }
        let value = value(at: facts.fields.requestIDIndex)
        return value.count <= 128 && OctetTable().isIdentifier(value) ? value : .empty
    }
}

/// The head of one HTTP/1 request, parsed in place: ranges into the receive buffer and facts.
///
/// Scratch of one worker. `parse` reads bytes and overwrites everything; the ranges are good as
/// long as those bytes stay (RFC 9112 sections 2 to 3).
package struct RequestHead: ~Copyable {
    private let inPlace = InPlace()
    private var section: FieldSection
    private let lineMax: Int
    private let octets = OctetTable()
    package private(set) var facts = RequestFacts()

    /// Room for `fieldsMax` fields and request lines of `lineMax` bytes, their CRLF not counted.
    package init(fieldsMax: Int, lineMax: Int) {
        section = FieldSection(fieldsMax: fieldsMax)
        self.lineMax = lineMax
    }

    /// Parses the head at the start of `bytes`; one empty line before it is skipped (2.2).
    package mutating func parse(_ bytes: Bytes) -> HeadOutcome {
        facts = RequestFacts()
        let start = bytes.hasPrefix("\r\n") ? 2 : 0
        let end = bytes.index(of: 0x0a, from: start)
        guard end >= 0 else {
            return bytes.count &- start > lineMax &+ 1 ? .faulty(.lineTooLong) : .incomplete
        }
        // Checked first, so that a line is judged the same before its end has come.
        guard end &- start <= lineMax &+ 1 else { return .faulty(.lineTooLong) }
        guard end > start, bytes[end &- 1] == 0x0d else { return .faulty(.lineEnd) }
        if let fault = requestLine(bytes, start, end &- 1) { return .faulty(fault) }
        facts.fieldsStart = end &+ 1
        let outcome = section.parse(bytes, from: facts.fieldsStart)
        guard case .complete(let total) = outcome else { return outcome }
        facts.length = total
        if facts.version == 10 { section.ignoreExpectation() }
        facts.fields = section.facts
        if let fault = checkVersion() ?? resolveHost(bytes) { return .faulty(fault) }
        return outcome
    }

    /// The parsed head over `bytes`, which `parse` has read; valid until the next `parse`.
    package func view(of bytes: Bytes) -> RequestView {
        RequestView(facts: facts, text: bytes.prefix(facts.length), fields: section.view)
    }
}

extension RequestHead {
    private mutating func requestLine(_ bytes: Bytes, _ start: Int, _ end: Int) -> HeadFault? {
        let firstSpace = bytes.index(of: 0x20, from: start)
        guard firstSpace > start, firstSpace < end else { return .requestLine }
        facts.methodStart = start
        facts.methodLength = firstSpace &- start
        let name = bytes.slice(start, firstSpace &- start)
        guard octets.isToken(name) else { return .requestLine }
        facts.method = Method(name)
        facts.isTrace = name.equals("TRACE")
        let secondSpace = bytes.index(of: 0x20, from: firstSpace &+ 1)
        guard secondSpace > firstSpace &+ 1, secondSpace < end else { return .requestLine }
        let version = bytes.slice(secondSpace &+ 1, end &- secondSpace &- 1)
        if let fault = readVersion(version) { return fault }
        let target = bytes.slice(firstSpace &+ 1, secondSpace &- firstSpace &- 1)
        guard octets.isTarget(target) else { return .target }
        return readTarget(target, at: firstSpace &+ 1)
    }

    private mutating func readVersion(_ text: Bytes) -> HeadFault? {
        guard text.count == 8, text.hasPrefix("HTTP/"), text[6] == 0x2e else { return .version }
        let major = text[5] &- 0x30
        let minor = text[7] &- 0x30
        guard major < 10, minor < 10 else { return .version }
        guard major == 1, minor < 2 else { return .unsupportedVersion }
        facts.version = 10 &+ minor
        return nil
    }

    private mutating func readTarget(_ target: Bytes, at start: Int) -> HeadFault? {
        if target[0] == 0x2f {
            splitPath(target, at: start)
        } else if target.equals("*") {
            guard facts.method == .options else { return .target }
            splitPath(target, at: start)
        } else if facts.method == .connect {
            // The authority has a port, or it is no target of CONNECT (RFC 9112 3.2.3).
            let host = Authority.host(of: target)
            let hasPort = host.count &+ 1 < target.count
            return hasPort && Authority.isValid(target, octets) ? .connect : .target
        } else {
            return readAbsolute(target, at: start)
        }
        return facts.method == .connect ? .target : nil
    }

    private mutating func readAbsolute(_ target: Bytes, at start: Int) -> HeadFault? {
        var scheme = 0
        if target.count >= 7, target.prefix(7).equalsIgnoringCase("http://") { scheme = 7 }
        if target.count >= 8, target.prefix(8).equalsIgnoringCase("https://") { scheme = 8 }
        guard scheme > 0 else { return .target }
        var end = target.index(of: 0x2f, from: scheme)
        let question = target.index(of: 0x3f, from: scheme)
        if question >= 0, end < 0 || question < end { end = question }
        if end < 0 { end = target.count }
        guard end > scheme else { return .target }
        facts.isAbsolute = true
        facts.asksForServer = end == target.count && facts.method == .options
        facts.hostStart = start &+ scheme
        facts.hostLength = end &- scheme
        splitPath(target.from(end), at: start &+ end)
        return nil
    }

    private mutating func splitPath(_ path: Bytes, at start: Int) {
        facts.pathStart = start
        let question = path.index(of: 0x3f)
        facts.pathLength = question < 0 ? path.count : question
        facts.queryStart = question < 0 ? -1 : start &+ question &+ 1
        facts.queryLength = question < 0 ? 0 : path.count &- question &- 1
    }

    /// HTTP/1.0 has no transfer codings (RFC 9112 6.1).
    private func checkVersion() -> HeadFault? {
        facts.version == 10 && facts.fields.hasTransferEncoding ? .transferEncoding : nil
    }

    /// The Host field must be there once and valid, even when the target overrules it (3.2).
    private mutating func resolveHost(_ bytes: Bytes) -> HeadFault? {
        let target = bytes.slice(facts.hostStart, facts.hostLength)
        if facts.isAbsolute, !Authority.isValid(target, octets) { return .hostInvalid }
        let index = facts.fields.hostIndex
        guard index >= 0 else { return facts.version == 11 ? .hostMissing : nil }
        let field = section.view[index]
        guard Authority.isValid(field.value(in: bytes), octets) else { return .hostInvalid }
        guard !facts.isAbsolute else { return nil }
        facts.hostStart = Int(field.valueStart)
        facts.hostLength = Int(field.valueLength)
        return nil
    }
}
