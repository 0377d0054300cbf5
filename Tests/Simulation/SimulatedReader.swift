/// Reads one HTTP/1 message after another from bytes that were sent.
///
/// It is strict: whatever is not a message as the host must write it is a fault.
struct SimulatedReader {
    struct Message {
        let start: String
        let fields: [String: String]
        var body: [UInt8] = []
        var trailers: [String: String] = [:]
        /// Only the end of the connection has ended it.
        var endedByClose = false

        /// The status of a reply.
        var status: Int { Int(start.dropFirst(9).prefix(3)) ?? 0 }
    }

    struct Fault: Error { let text: String }

    private(set) var bytes: [UInt8] = []
    /// Bytes in front of this place were looked at, and hold no end of a head.
    private var scanned = 0
    /// The head at the front and its length, once it is whole.
    private var parsed: (message: Message, end: Int)?

    mutating func feed(_ more: [UInt8]) { bytes += more }

    /// Takes everything that is left.
    mutating func takeAll() -> [UInt8] {
        defer { reset() }
        return bytes
    }

    mutating func reset() {
        bytes = []
        scanned = 0
        parsed = nil
    }

    /// The head at the front, when it is whole; it stays there.
    mutating func head() throws -> Message? { try front()?.message }

    private mutating func front() throws -> (message: Message, end: Int)? {
        if let parsed { return parsed }
        guard let end = headEnd() else { return nil }
        parsed = (try parse(end), end)
        return parsed
    }

    /// The next whole request.
    mutating func request() throws -> Message? {
        guard let (message, end) = try front() else { return nil }
        let fields = message.fields
        if fields["transfer-encoding"] == "chunked" { return try chunked(message, end) }
        return take(message, end, Int(fields["content-length"] ?? "0") ?? 0)
    }

    /// The next whole reply; with `isEnded` nothing follows what is there.
    mutating func reply(isHead: Bool, isEnded: Bool) throws -> Message? {
        guard let (message, end) = try front() else {
            if bytes.count >= 5, !bytes.starts(with: "HTTP/".utf8) {
                throw Fault(text: "\(String(decoding: bytes.prefix(40), as: UTF8.self)): no reply")
            }
            return nil
        }
        let fields = message.fields
        guard message.start.hasPrefix("HTTP/1.1 "), message.status > 99 else {
            throw Fault(text: "\(message.start): no line of a status")
        }
        if message.status < 200 || message.status == 204 || message.status == 304 || isHead {
            return take(message, end, 0)
        }
        if fields["transfer-encoding"] == "chunked" { return try chunked(message, end) }
        if let length = fields["content-length"] {
            guard let count = Int(length) else { throw Fault(text: "a length of \(length)") }
            return take(message, end, count)
        }
        guard isEnded else { return nil }
        var whole = message
        whole.endedByClose = true
        return take(whole, end, bytes.count - end)
    }

    /// What has come of the body of a reply that is not whole.
    func rest() -> [UInt8] {
        guard let end = Self.end(of: bytes, from: 0) else { return [] }
        return Array(bytes[end...])
    }

    private mutating func take(_ message: Message, _ start: Int, _ count: Int) -> Message? {
        guard bytes.count >= start + count else { return nil }
        var message = message
        message.body = Array(bytes[start..<(start + count)])
        drop(start + count)
        return message
    }

    private mutating func drop(_ count: Int) {
        bytes.removeFirst(count)
        scanned = 0
        parsed = nil
    }

    private mutating func headEnd() -> Int? {
        let end = Self.end(of: bytes, from: max(0, scanned - 3))
        if end == nil { scanned = bytes.count }
        return end
    }

    private static func end(of bytes: [UInt8], from start: Int) -> Int? {
        var index = start + 3
        while index < bytes.count {
            if bytes[index] == 0x0a, bytes[index - 1] == 0x0d, bytes[index - 2] == 0x0a,
                bytes[index - 3] == 0x0d
            {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    private func parse(_ end: Int) throws -> Message {
        let lines = String(decoding: bytes[..<(end - 4)], as: UTF8.self).split(
            separator: "\r\n",
            omittingEmptySubsequences: false
        )
        let fields = try Self.fields(lines.dropFirst())
        guard let start = lines.first, !start.isEmpty else { throw Fault(text: "an empty line") }
        return Message(start: String(start), fields: fields)
    }

    private static func fields(_ lines: some Sequence<Substring>) throws -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else {
                throw Fault(text: "a field line without colon: \(line)")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        return fields
    }

    private mutating func chunked(_ message: Message, _ head: Int) throws -> Message? {
        var message = message
        var at = head
        while let line = bytes[at...].firstIndex(of: 0x0a) {
            let text = String(decoding: bytes[at..<(line - 1)], as: UTF8.self)
            guard let count = Int(text.prefix { $0 != ";" }, radix: 16) else {
                throw Fault(text: "a chunk of \(text) bytes")
            }
            if count == 0 { return try trailers(message, line + 1) }
            let end = line + 1 + count
            guard bytes.count >= end + 2 else { return nil }
            guard bytes[end] == 0x0d, bytes[end + 1] == 0x0a else {
                throw Fault(text: "a chunk without its end")
            }
            message.body += bytes[(line + 1)..<end]
            at = end + 2
        }
        return nil
    }

    private mutating func trailers(_ message: Message, _ start: Int) throws -> Message? {
        var message = message
        if bytes[start...].starts(with: [0x0d, 0x0a]) {
            drop(start + 2)
            return message
        }
        guard let end = Self.end(of: bytes, from: start) else { return nil }
        let text = String(decoding: bytes[start..<(end - 4)], as: UTF8.self)
        message.trailers = try Self.fields(text.split(separator: "\r\n"))
        drop(end)
        return message
    }
}
