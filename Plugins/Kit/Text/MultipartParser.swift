/// Reads `multipart/form-data` (RFC 7578, RFC 2046) in whatever pieces it arrives.
///
/// At most one delimiter or one line of a header is held back. What is ambiguous is refused: bare
/// CR or LF in a header, folded lines, a field said twice, a transfer encoding.
///
/// Any thread, one at a time.
public struct MultipartParser: Sendable {
    private enum State {
        case preamble, delimiter, header, body, epilogue
    }

    /// A line break, and what begins every delimiter.
    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state = State.preamble
    /// What was fed and not taken yet.
    ///
    /// A form may begin with a delimiter, which gets its line break here.
    private var held: ArraySlice<UInt8> = [0x0D, 0x0A]
    /// Bytes before `held`; the line break in front is none of them.
    private var offset = -2
    private var partsCount = 0
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0

    /// Begins with the value of the request's Content-Type.
    public init(
        contentType: String,
        limits: MultipartLimits = MultipartLimits()
    ) throws(MultipartError) {
        guard let value = FieldValue(contentType), value.text == "multipart/form-data" else {
            throw MultipartError(
                reason: .contentType,
                offset: 0,
                text: "expected the content type multipart/form-data"
            )
        }
        try self.init(boundary: value.parameters["boundary"] ?? "", limits: limits)
    }

    /// Begins with a boundary: 1 to 70 of the characters of RFC 2046, section 5.1.1.
    public init(
        boundary: String,
        limits: MultipartLimits = MultipartLimits()
    ) throws(MultipartError) {
        delimiter = Array("\r\n--".utf8) + (try MultipartBoundary.check(boundary))
        self.limits = limits
    }

    /// Takes the next bytes; answers what they complete.
    ///
    /// After an error the parser is of no further use.
    public mutating func feed(
        _ bytes: some Collection<UInt8>
    ) throws(MultipartError) -> [MultipartEvent] {
        guard offset + held.count + bytes.count <= limits.bytesMax else {
            throw failure(.limit, "the form has more than the \(limits.bytesMax) bytes allowed")
        }
        held += bytes
        var events: [MultipartEvent] = []
        while try step(&events) {}
        return events
    }

    /// The body has ended: throws `.truncated` unless the form has, too.
    public func finish() throws(MultipartError) {
        if !isWhole { throw failure(.truncated, "the form ends before its last delimiter") }
    }

    /// Whether the last delimiter was read.
    public var isWhole: Bool { state == .epilogue }

    /// Takes what stands next in the grammar; false: more bytes are needed.
    private mutating func step(_ events: inout [MultipartEvent]) throws(MultipartError) -> Bool {
        switch state {
        case .preamble, .body: return findDelimiter(&events)
        case .delimiter: return try takeDelimiterLine()
        case .header: return try takeHeaderLine(&events)
        case .epilogue:
            take(held.count)
            return false
        }
    }

    private mutating func take(_ count: Int) {
        held.removeFirst(count)
        offset += count
    }

    private func failure(_ reason: MultipartError.Reason, _ text: String) -> MultipartError {
        MultipartError(reason: reason, offset: max(offset, 0), text: text)
    }
}

extension MultipartParser {
    /// Hands on what stands before the next delimiter, but for what may be the beginning of one.
    private mutating func findDelimiter(_ events: inout [MultipartEvent]) -> Bool {
        var end = held.endIndex
        var isWhole = false
        var from = held.startIndex
        while let start = held[from...].firstIndex(of: 0x0D) {
            let candidate = held[start...].prefix(delimiter.count)
            if delimiter.starts(with: candidate) {
                end = start
                isWhole = candidate.count == delimiter.count
                break
            }
            from = start + 1
        }
        let piece = held[..<end]
        take(piece.count + (isWhole ? delimiter.count : 0))
        if state == .body {
            if !piece.isEmpty { events.append(.piece(piece)) }
            if isWhole { events.append(.end) }
        }
        if isWhole { state = .delimiter }
        return isWhole
    }

    /// Behind the boundary stand two hyphens, or white space and the end of the line.
    private mutating func takeDelimiterLine() throws(MultipartError) -> Bool {
        let hyphens = Array("--".utf8)
        if hyphens.starts(with: held.prefix(2)) {
            guard held.count >= 2 else { return false }
            state = .epilogue
            return true
        }
        let padding = held.prefix { $0 == 0x20 || $0 == 0x09 }.count
        guard padding <= limits.headerBytesMax else {
            throw failure(.limit, "a delimiter has more than \(limits.headerBytesMax) spaces")
        }
        let lineEnd = held.dropFirst(padding).prefix(2)
        guard [0x0D, 0x0A].starts(with: lineEnd) else {
            throw failure(.delimiter, "expected the end of the line behind a delimiter")
        }
        guard lineEnd.count == 2 else { return false }
        guard partsCount < limits.partsMax else {
            throw failure(.limit, "the form has more than the \(limits.partsMax) parts allowed")
        }
        take(padding + 2)
        partsCount += 1
        headers = []
        headerBytes = 0
        state = .header
        return true
    }

    private mutating func takeHeaderLine(
        _ events: inout [MultipartEvent]
    ) throws(MultipartError) -> Bool {
        let end = held.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? held.endIndex
        let line = held[..<end]
        guard headerBytes + line.count + 2 <= limits.headerBytesMax else {
            throw failure(
                .limit,
                "the header of a part has more than the \(limits.headerBytesMax) bytes allowed"
            )
        }
        let lineEnd = held[end...].prefix(2)
        guard [0x0D, 0x0A].starts(with: lineEnd) else {
            throw failure(.header, "a header line ends with half of a line break")
        }
        guard lineEnd.count == 2 else { return false }
        if line.isEmpty { return try endHeader(&events) }
        guard let field = Self.field(line) else {
            throw failure(.header, "expected a header field: a name, a colon and a value")
        }
        headers.append(field)
        headerBytes += line.count + 2
        take(line.count + 2)
        return true
    }

    /// The line break of the empty line belongs to the delimiter when that follows at once (RFC
    /// 2046, section 5.1.1: a part may have no body at all).
    private mutating func endHeader(
        _ events: inout [MultipartEvent]
    ) throws(MultipartError) -> Bool {
        let candidate = held.prefix(delimiter.count)
        let isDelimiter = delimiter.starts(with: candidate)
        if isDelimiter, candidate.count < delimiter.count { return false }
        do throws(MultipartFault) {
            events.append(.begin(try MultipartPart(headers)))
        } catch {
            throw failure(.header, error.text)
        }
        if !isDelimiter { take(2) }
        state = .body
        return true
    }

    /// A line as name and value; nil when it is none: no colon, a bad name, a folded line, a
    /// control character, no UTF-8.
    private static func field(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(FieldValue.isTokenCharacter),
            line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
            let text = String(validating: line[(colon + 1)...], as: UTF8.self)
        else { return nil }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        return (name, FieldValue.trim(text[...]))
    }
}
