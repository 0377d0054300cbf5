package import SluiceBase

/// What the head of a response says; plain data.
package struct ResponseFacts: BitwiseCopyable, Sendable {
    package var status: UInt16 = 0
    /// 10 or 11.
    package var version: UInt8 = 11
    /// Where SP code SP reason begins: what follows "HTTP/1.x".
    package var statusStart = 8
    /// Without the CRLF.
    package var statusLength = 0
    /// Where the first field line begins.
    package var fieldsStart = 0
    /// The length of the whole head.
    package var length = 0
    package var fields = FieldFacts()

    /// Of no response yet.
    package init() {}

    /// Whether the origin's connection may carry another exchange.
    package var keepsAlive: Bool { fields.keepsAlive(version: version) }

    /// Whether it switches the connection to WebSocket (RFC 6455 4.2.2).
    package var isWebSocketUpgrade: Bool {
        status == 101 && version == 11 && fields.saysUpgrade && fields.namesWebSocket
    }

    /// How the body is framed, in answer to `method` (RFC 9112 6.3).
    package func framing(answering method: Method) -> BodyFraming {
        if method == .head || status < 200 || status == 204 || status == 304 { return .none }
        if fields.isChunked { return .chunked }
        if fields.contentLength >= 0 { return .length(fields.contentLength) }
        return .untilClose
    }
}

/// A response's head: its facts, and borrowed views of its bytes and fields.
///
/// The views are valid as long as the memory of whoever made them.
package struct ResponseView: BitwiseCopyable, Sendable {
    package var facts: ResponseFacts
    /// What all ranges refer to.
    package var text: Bytes
    package var fields: TableView<Field>

    /// Views of a head that was copied: `fields` are its records, `text` its bytes.
    package init(facts: ResponseFacts, text: Bytes, fields: TableView<Field>) {
        self.facts = facts
        self.text = text
        self.fields = fields
    }
}

/// The head of one HTTP/1 response, parsed in place (RFC 9112 section 4); scratch of one worker.
package struct ResponseHead: ~Copyable {
    private let inPlace = InPlace()
    private var section: FieldSection
    package private(set) var facts = ResponseFacts()

    /// Room for `fieldsMax` fields.
    package init(fieldsMax: Int) {
        section = FieldSection(fieldsMax: fieldsMax)
    }

    /// Parses the head at the start of `bytes`.
    package mutating func parse(_ bytes: Bytes) -> HeadOutcome {
        facts = ResponseFacts()
        let end = bytes.index(of: 0x0a)
        guard end >= 0 else { return .incomplete }
        guard end >= 13, bytes[end &- 1] == 0x0d else { return .faulty(.statusLine) }
        guard bytes.hasPrefix("HTTP/1."), bytes[8] == 0x20 else { return .faulty(.statusLine) }
        let minor = bytes[7] &- 0x30
        guard minor < 10, let code = bytes.slice(9, 3).decimal(), code >= 100 else {
            return .faulty(.statusLine)
        }
        guard end == 13 || bytes[12] == 0x20 else { return .faulty(.statusLine) }
        guard bytes.slice(12, end &- 13).isFieldValue() else { return .faulty(.statusLine) }
        facts.version = minor == 0 ? 10 : 11
        facts.status = UInt16(truncatingIfNeeded: code)
        facts.statusLength = end &- 1 &- facts.statusStart
        facts.fieldsStart = end &+ 1
        let outcome = section.parse(bytes, from: facts.fieldsStart)
        guard case .complete(let total) = outcome else { return outcome }
        facts.length = total
        facts.fields = section.facts
        // HTTP/1.0 has no transfer codings: whoever sends one frames wrongly (RFC 9112 6.1).
        let isWrong = facts.version == 10 && facts.fields.hasTransferEncoding
        return isWrong ? .faulty(.transferEncoding) : outcome
    }

    /// The parsed head over `bytes`, which `parse` has read; valid until the next `parse`.
    package func view(of bytes: Bytes) -> ResponseView {
        ResponseView(facts: facts, text: bytes.prefix(facts.length), fields: section.view)
    }
}

/// How the end of a body is found.
package enum BodyFraming: Sendable, BitwiseCopyable {
    case none
    case length(Int64)
    case chunked
    case untilClose
}
