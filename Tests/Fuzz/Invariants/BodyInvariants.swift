package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// A chunked body: the first byte says how the rest is cut and whether it is a reply's; cuts
    /// change nothing, and a plain decoder that sees the whole agrees.
    package static func chunks(_ bytes: Bytes) -> String? {
        guard bytes.count > 1 else { return nil }
        let step = 1 + Int(bytes[0]) % 16
        let isReply = bytes[0] & 0x10 != 0
        let body = bytes.from(1)
        let whole = Decoded(body, isReply: isReply, step: body.count)
        let parts = Decoded(body, isReply: isReply, step: step)
        guard parts == whole else {
            return "fragments of \(step) gave \(parts), the whole \(whole)"
        }
        guard let reference = ReferenceChunks(body.array, isReply: isReply) else {
            return whole.isAtTrailers ? "a body was taken that is none" : nil
        }
        guard whole.isAtTrailers, reference.length == whole.taken else {
            return "a body was not taken"
        }
        return reference.content == whole.content ? nil : "the content differs"
    }

    /// A trailer section: the same verdict however it arrives; what is written of it parses, and
    /// is what a plain list of names leaves.
    package static func trailers(_ bytes: Bytes) -> String? {
        var section = FieldSection(fieldsMax: fieldsMax)
        let whole = Verdict(Trailers.parse(bytes, into: &section))
        for cut in cuts(bytes.count) {
            let part = Verdict(Trailers.parse(bytes.prefix(cut), into: &section))
            guard part.mayPrecede(whole) else {
                return "\(part) after \(cut) bytes became \(whole)"
            }
        }
        guard case .complete(let length) = whole else { return nil }
        guard Verdict(Trailers.parse(bytes, into: &section)) == whole, length <= bytes.count else {
            return "the length"
        }
        let memory = Table<UInt8>(repeating: 0, count: length)
        var output = memory.writer()
        Trailers.write(section, bytes, to: &output)
        let came = FieldText.all(section.view, bytes) { _ in true }
        guard Verdict(Trailers.parse(output.bytes, into: &section)) == .complete(output.count)
        else { return "what was written does not parse" }
        let went = FieldText.all(section.view, output.bytes) { _ in true }
        let kept = came.filter { !isForbiddenInTrailer($0.key) }
        return went == kept ? nil : "the fields \(came) became \(went)"
    }

    private static func isForbiddenInTrailer(_ name: String) -> Bool {
        let starts = ["content-", "proxy-", "if-", "sec-"]
        let names = [
            "host", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
            "authorization", "cookie", "set-cookie", "www-authenticate", "cache-control", "pragma",
            "expect", "range", "max-forwards", "age", "date", "expires", "location", "retry-after",
            "vary", "warning", "forwarded", "via", "x-request-id", "traceparent", "tracestate",
        ]
        return names.contains(name) || isForwarding(name) || starts.contains { name.hasPrefix($0) }
    }
}

/// What a decoder makes of a body that comes in pieces.
private struct Decoded: Equatable {
    private(set) var content: [UInt8] = []
    private(set) var taken = 0
    let isAtTrailers: Bool
    private let isBroken: Bool

    init(_ body: Bytes, isReply: Bool, step: Int) {
        var decoder = ChunkDecoder(isReply: isReply)
        while taken < body.count, !decoder.isAtTrailers, !decoder.isBroken {
            let end = min(body.count, (taken / step + 1) * step)
            let piece = body.slice(taken, end - taken)
            let found = decoder.next(piece)
            content += piece.slice(found.offset, found.length).array
            taken += found.taken
        }
        isAtTrailers = decoder.isAtTrailers
        isBroken = decoder.isBroken
    }
}

/// A chunked body decoded the plain way, from the whole of it; nil when it is not all there or
/// not right (RFC 9112 7.1).
private struct ReferenceChunks {
    private(set) var content: [UInt8] = []
    /// The bytes up to the trailer section.
    private(set) var length = 0

    init?(_ bytes: [UInt8], isReply: Bool) {
        var extensionBytes = 0
        while true {
            guard let line = Self.line(bytes, from: length),
                let (size, rest) = Self.size(line, isReply: isReply)
            else { return nil }
            extensionBytes += rest
            guard rest <= 4_096, extensionBytes <= 16_384 + content.count else { return nil }
            length += line.count + 2
            if size == 0 { return }
            guard size <= bytes.count - length - 2 else { return nil }
            content += bytes[length..<length + size]
            length += size + 2
            guard bytes[length - 2..<length].elementsEqual("\r\n".utf8) else { return nil }
        }
    }

    /// The size, and the number of bytes behind its digits.
    private static func size(_ line: ArraySlice<UInt8>, isReply: Bool) -> (Int, Int)? {
        let before = line.prefix { $0 != UInt8(ascii: ";") }
        var digits = before
        if isReply, before.count < line.count {
            while digits.last == 0x20 || digits.last == 0x09 { digits = digits.dropLast() }
        }
        guard let size = HTTPInvariants.hexadecimal(digits) else { return nil }
        return (size, line.count - digits.count)
    }

    /// The line at `start` without its CRLF; nil when it is not whole or holds a control.
    private static func line(_ bytes: [UInt8], from start: Int) -> ArraySlice<UInt8>? {
        guard let end = bytes[start...].firstIndex(of: HTTPInvariants.linefeed), end > start,
            bytes[end - 1] == UInt8(ascii: "\r")
        else { return nil }
        let line = bytes[start..<end - 1]
        let isText = line.allSatisfy { ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7f }
        return isText ? line : nil
    }
}
