/// Requests and replies of the simulation: every byte of a body follows from the request's name,
/// so that an answer to another request cannot pass for the right one.
enum SimulatedMessage {
    static func pattern(_ name: String, _ count: Int) -> [UInt8] {
        let seed = Array(name.utf8)
        return (0..<count).map { 0x41 + (seed[$0 % seed.count] &+ UInt8($0 & 0x0f)) % 26 }
    }

    /// The length of the reply to a request, which both sides know.
    static func replyLength(_ name: String) -> Int {
        let sum = name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff }
        return sum % 5 == 0 ? 20_000 + sum % 30_000 : sum % 700
    }

    static func reply(_ name: String) -> [UInt8] { pattern("reply " + name, replyLength(name)) }

    static func chunked(_ body: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < body.count {
            let count = min(body.count - index, 1 + random.below(4_000))
            out += Array("\(String(count, radix: 16))\r\n".utf8)
            out += body[index..<(index + count)]
            out += [0x0d, 0x0a]
            index += count
        }
        return out + Array("0\r\n\r\n".utf8)
    }
}

/// Reads one HTTP/1 message after another from bytes that were sent; trusts their syntax.
struct SimulatedReader {
    struct Message {
        var start: String
        var fields: [String: String]
        var body: [UInt8]
    }

    private(set) var bytes: [UInt8] = []

    mutating func feed(_ more: [UInt8]) { bytes += more }

    var isEmpty: Bool { bytes.isEmpty }

    /// The next whole message; `hasBody` is false for replies that carry none; `isEnded` ends a
    /// body without length.
    mutating func next(isEnded: Bool) -> Message? {
        guard let end = headEnd() else { return nil }
        let lines = String(decoding: bytes[..<(end - 4)], as: UTF8.self).split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            fields[parts[0].lowercased()] = String(value)
        }
        let start = String(lines.first ?? "")
        if fields["transfer-encoding"] == "chunked" { return chunked(start, fields, end) }
        var count = Int(fields["content-length"] ?? "0") ?? 0
        let isInterim = start.hasPrefix("HTTP/1.1 1")
        if start.hasPrefix("HTTP/"), !isInterim, fields["content-length"] == nil {
            if !isEnded { return nil }
            count = bytes.count - end
        }
        guard bytes.count >= end + count else { return nil }
        let body = Array(bytes[end..<(end + count)])
        bytes.removeFirst(end + count)
        return Message(start: start, fields: fields, body: body)
    }

    private func headEnd() -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 0x0a && bytes[index - 1] == 0x0d && bytes[index - 2] == 0x0a {
            return index + 1
        }
        return nil
    }

    private mutating func chunked(
        _ start: String,
        _ fields: [String: String],
        _ head: Int
    ) -> Message? {
        var body: [UInt8] = []
        var at = head
        while let line = bytes[at...].firstIndex(of: 0x0a) {
            let text = String(decoding: bytes[at..<(line - 1)], as: UTF8.self)
            guard let count = Int(text, radix: 16) else { return nil }
            guard bytes.count >= line + 1 + count + 2 else { return nil }
            body += bytes[(line + 1)..<(line + 1 + count)]
            at = line + 1 + count + 2
            if count == 0 {
                bytes.removeFirst(at)
                return Message(start: start, fields: fields, body: body)
            }
        }
        return nil
    }
}
