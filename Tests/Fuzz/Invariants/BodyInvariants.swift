package import SluiceBase
internal import SluiceHTTP

extension HTTPInvariants {
    /// A chunked body: the first byte says how the rest is cut; cuts change nothing, and a plain
    /// decoder that sees the whole agrees.
    package static func chunks(_ bytes: Bytes) -> String? {
        guard bytes.count > 1 else { return nil }
        let step = 1 + Int(bytes[0]) % 16
        let body = bytes.from(1)
        var whole = ChunkScanner(overheadMax: body.count)
        let taken = whole.scan(body)
        var parts = ChunkScanner(overheadMax: body.count)
        var total = 0
        for start in stride(from: 0, to: body.count, by: step) {
            total += parts.scan(body.slice(start, min(step, body.count - start)))
        }
        guard parts.isDone == whole.isDone, parts.isBroken == whole.isBroken, total == taken else {
            return "fragments of \(step) took \(total), the whole \(taken)"
        }
        let (content, consumed) = collected(body, step)
        guard consumed == taken else { return "content took \(consumed), the whole \(taken)" }
        guard let reference = ReferenceChunks(body.array) else {
            return whole.isDone ? "a body was taken that is none" : nil
        }
        guard whole.isDone, reference.length == taken else { return "a body was not taken" }
        return reference.content == content ? nil : "the content differs"
    }

    private static func collected(_ body: Bytes, _ step: Int) -> (content: [UInt8], count: Int) {
        var scanner = ChunkScanner(overheadMax: body.count)
        var content: [UInt8] = []
        var place = 0
        while place < body.count, !scanner.isDone, !scanner.isBroken {
            let piece = body.slice(place, min(step, body.count - place))
            let found = scanner.scanContent(piece)
            content += piece.slice(found.offset, found.length).array
            place += found.taken
        }
        return (content, place)
    }
}

/// A chunked body decoded the plain way, from the whole of it; nil when it is not all there or
/// not right (RFC 9112 7.1).
struct ReferenceChunks {
    private(set) var content: [UInt8] = []
    private(set) var length = 0

    init?(_ bytes: [UInt8]) {
        while true {
            guard let line = Self.line(bytes, from: length),
                let size = HTTPInvariants.hexadecimal(line.prefix { $0 != UInt8(ascii: ";") })
            else { return nil }
            length += line.count + 2
            if size == 0 { break }
            guard size <= bytes.count - length - 2 else { return nil }
            content += bytes[length..<length + size]
            length += size + 2
            guard bytes[length - 2..<length].elementsEqual("\r\n".utf8) else { return nil }
        }
        while let line = Self.line(bytes, from: length) {
            length += line.count + 2
            if line.isEmpty { return }
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            guard !name.isEmpty, name.count < line.count, name.allSatisfy(Self.isToken) else {
                return nil
            }
        }
        return nil
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

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
