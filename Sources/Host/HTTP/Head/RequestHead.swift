package import SluiceBase

/// The head of one HTTP/1 request, parsed in place: ranges into the receive buffer and facts.
///
/// Scratch of one worker. `parse` reads bytes and overwrites everything; the ranges are good as
/// long as those bytes stay (RFC 9112 sections 2 to 3).
package struct RequestHead: ~Copyable {
    package var section: FieldSection
    private let lineMax: Int
    private let octets = OctetTable()

    package private(set) var method: Method = .other
    package private(set) var methodStart = 0
    package private(set) var methodLength = 0
    /// Where path and query lie; for absolute-form what follows the authority, perhaps nothing.
    package private(set) var pathStart = 0
    package private(set) var pathLength = 0
    /// The query without its question mark; -1 when there is none.
    package private(set) var queryStart = -1
    package private(set) var queryLength = 0
    /// Where the effective host lies: the target's authority, else the Host field.
    package private(set) var hostStart = 0
    package private(set) var hostLength = 0
    /// Whether the target was absolute-form, so that the Host field must be replaced.
    package private(set) var isAbsolute = false
    /// 10 or 11.
    package private(set) var version: UInt8 = 11
    /// Where the first field line begins.
    package private(set) var fieldsStart = 0
    /// The length of the whole head.
    package private(set) var length = 0

    /// Room for `fieldsMax` fields and request lines of `lineMax` bytes, their CRLF not counted.
    package init(fieldsMax: Int, lineMax: Int) {
        section = FieldSection(fieldsMax: fieldsMax)
        self.lineMax = lineMax
    }

    /// Parses the head at the start of `bytes`; one empty line before it is skipped (2.2).
    package mutating func parse(_ bytes: Bytes) -> HeadOutcome {
        let start = bytes.hasPrefix("\r\n") ? 2 : 0
        let end = bytes.index(of: 0x0a, from: start)
        guard end >= 0 else {
            return bytes.count &- start > lineMax &+ 1 ? .faulty(.lineTooLong) : .incomplete
        }
        // Checked first, so that a line is judged the same before its end has come.
        guard end &- start <= lineMax &+ 1 else { return .faulty(.lineTooLong) }
        guard end > start, bytes[end &- 1] == 0x0d else { return .faulty(.lineEnd) }
        if let fault = requestLine(bytes, start, end &- 1) { return .faulty(fault) }
        fieldsStart = end &+ 1
        let outcome = section.parse(bytes, from: fieldsStart)
        guard case .complete(let total) = outcome else { return outcome }
        length = total
        if let fault = applyVersion() ?? resolveHost(bytes) { return .faulty(fault) }
        return outcome
    }

    /// Whether the connection may carry another exchange (RFC 9112 9.3).
    package var keepsAlive: Bool {
        version == 11 ? !section.saysClose : section.saysKeepAlive && !section.saysClose
    }

    /// Whether it is OPTIONS for the server as a whole in absolute-form, which names no path and
    /// is forwarded as `*` (RFC 9112 3.2.4).
    var asksForServer: Bool {
        isAbsolute && method == .options && pathLength == 0 && queryStart < 0
    }

    /// How the body is framed (RFC 9112 6.3).
    package var bodyFraming: BodyFraming {
        if section.isChunked { return .chunked }
        return section.contentLength > 0 ? .length(section.contentLength) : .none
    }
}

extension RequestHead {
    private mutating func requestLine(_ bytes: Bytes, _ start: Int, _ end: Int) -> HeadFault? {
        let firstSpace = bytes.index(of: 0x20, from: start)
        guard firstSpace > start, firstSpace < end else { return .requestLine }
        methodStart = start
        methodLength = firstSpace &- start
        let name = bytes.slice(methodStart, methodLength)
        guard octets.isToken(name) else { return .requestLine }
        method = Method(name)
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
        version = 10 &+ minor
        return nil
    }

    private mutating func readTarget(_ target: Bytes, at start: Int) -> HeadFault? {
        isAbsolute = false
        hostStart = 0
        hostLength = 0
        if target[0] == 0x2f {
            splitPath(target, at: start)
        } else if target.equals("*") {
            guard method == .options else { return .target }
            splitPath(target, at: start)
        } else if method == .connect {
            return .target
        } else {
            return readAbsolute(target, at: start)
        }
        return method == .connect ? .target : nil
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
        isAbsolute = true
        hostStart = start &+ scheme
        hostLength = end &- scheme
        splitPath(target.from(end), at: start &+ end)
        return nil
    }

    private mutating func splitPath(_ path: Bytes, at start: Int) {
        pathStart = start
        let question = path.index(of: 0x3f)
        pathLength = question < 0 ? path.count : question
        queryStart = question < 0 ? -1 : start &+ question &+ 1
        queryLength = question < 0 ? 0 : path.count &- question &- 1
    }

    /// HTTP/1.0 knows neither transfer codings nor expectations (RFC 9112 6.1, RFC 9110 10.1.1).
    private mutating func applyVersion() -> HeadFault? {
        guard version == 10 else { return nil }
        section.ignoreExpectation()
        return section.hasTransferEncoding ? .transferEncoding : nil
    }

    /// The Host field must be there once and valid, even when the target overrules it (3.2).
    private mutating func resolveHost(_ bytes: Bytes) -> HeadFault? {
        if isAbsolute, !Authority.isValid(bytes.slice(hostStart, hostLength), octets) {
            return .hostInvalid
        }
        guard section.hostIndex >= 0 else { return version == 11 ? .hostMissing : nil }
        let field = section.fields[section.hostIndex]
        guard Authority.isValid(field.value(in: bytes), octets) else { return .hostInvalid }
        guard !isAbsolute else { return nil }
        hostStart = Int(field.valueStart)
        hostLength = Int(field.valueLength)
        return nil
    }
}
