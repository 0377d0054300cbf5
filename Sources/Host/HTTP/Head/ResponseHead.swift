package import SluiceBase

/// The head of one HTTP/1 response, parsed in place (RFC 9112 section 4); scratch of one worker.
package struct ResponseHead: ~Copyable {
    package var section: FieldSection
    package private(set) var status: UInt16 = 0
    /// 10 or 11.
    package private(set) var version: UInt8 = 11
    /// Where SP code SP reason begins: what follows "HTTP/1.x".
    package let statusStart = 8
    /// Without the CRLF.
    package private(set) var statusLength = 0
    package private(set) var fieldsStart = 0
    package private(set) var length = 0

    package init(fieldsMax: Int) {
        section = FieldSection(fieldsMax: fieldsMax)
    }

    /// Parses the head at the start of `bytes`.
    package mutating func parse(_ bytes: Bytes) -> HeadOutcome {
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
        version = minor == 0 ? 10 : 11
        status = UInt16(truncatingIfNeeded: code)
        statusLength = end &- 1 &- statusStart
        fieldsStart = end &+ 1
        let outcome = section.parse(bytes, from: fieldsStart)
        guard case .complete(let total) = outcome else { return outcome }
        length = total
        // HTTP/1.0 knows no transfer codings: whoever sends one frames wrongly (RFC 9112 6.1).
        return version == 10 && section.hasTransferEncoding ? .faulty(.transferEncoding) : outcome
    }

    /// Whether the origin's connection may carry another exchange.
    package var keepsAlive: Bool {
        version == 11 ? !section.saysClose : section.saysKeepAlive && !section.saysClose
    }

    /// How the body is framed, in answer to `method` (RFC 9112 6.3).
    package func framing(answering method: Method) -> BodyFraming {
        if method == .head || status < 200 || status == 204 || status == 304 { return .none }
        if section.isChunked { return .chunked }
        if section.contentLength >= 0 { return .length(section.contentLength) }
        return .untilClose
    }
}

/// How the end of a body is found.
package enum BodyFraming: Sendable, BitwiseCopyable {
    case none
    case length(Int64)
    case chunked
    case untilClose
}
