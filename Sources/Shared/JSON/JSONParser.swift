/// Reads one JSON text (RFC 8259) into a tree, without recursion.
struct JSONParser {
    var builder: TreeBuilder
    /// The text's end; the builder's bytes behind it are decoded strings.
    let end: Int
    var at = 0
    private var line = 1
    /// Offset of the line's first byte, moved on by each byte that continues a scalar, so that
    /// `at - lineStart` counts Unicode scalars.
    var lineStart = 0

    init(_ bytes: [UInt8], source: String, limits: ParseLimits) throws(ParseFailure) {
        builder = TreeBuilder(source: source, limits: limits, bytes: bytes)
        end = bytes.count
        // Decoded strings are shorter than their text, so twice the text bounds every position.
        let bytesMax = min(limits.bytesMax, ParseLimits.positionMax / 2)
        if bytes.count > bytesMax {
            throw failure("the text has \(bytes.count) bytes, more than the \(bytesMax) allowed")
        }
    }

    var mark: Mark { Mark(line: line, column: at - lineStart + 1) }

    /// The byte at the reading position; 0 behind the end, which no token starts with.
    var next: UInt8 { at < end ? builder.byte(at) : 0 }

    func failure(_ text: String) -> ParseFailure { builder.failure(mark, text) }

    mutating func parse() throws(ParseFailure) -> Tree {
        if end >= 3, builder.byte(0) == 0xEF, builder.byte(1) == 0xBB, builder.byte(2) == 0xBF {
            throw failure("a byte order mark; save the file as UTF-8 without one")
        }
        skipSpace()
        try value()
        while !builder.isComplete {
            skipSpace()
            try step()
        }
        skipSpace()
        if at < end { throw failure("\(found) behind the end of the document; remove it") }
        return builder.tree
    }

    /// Reads what may stand next in the innermost container.
    private mutating func step() throws(ParseFailure) {
        let isObject = builder.container == .object
        let closing = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        let isFirst = builder.containerCount == 0
        if next == closing {
            at += 1
            return try builder.close()
        }
        if !isFirst {
            guard next == UInt8(ascii: ",") else {
                throw failure("expected , or \(Character(Unicode.Scalar(closing))), found \(found)")
            }
            at += 1
            skipSpace()
            if next == closing { throw failure("a comma before the end; remove it") }
        }
        if isObject { try key() }
        try value()
    }

    private mutating func key() throws(ParseFailure) {
        guard next == UInt8(ascii: "\"") else {
            throw failure("expected a key in double quotes, found \(found)")
        }
        let mark = mark
        let text = try string()
        try builder.key(start: text.lowerBound, length: text.count, mark: mark)
        skipSpace()
        guard next == UInt8(ascii: ":") else {
            throw failure("expected : behind the key, found \(found)")
        }
        at += 1
        skipSpace()
    }

    private mutating func value() throws(ParseFailure) {
        let mark = mark
        switch next {
        case UInt8(ascii: "{"):
            try builder.open(.object, mark: mark)
            at += 1
        case UInt8(ascii: "["):
            try builder.open(.array, mark: mark)
            at += 1
        case UInt8(ascii: "\""):
            let text = try string()
            try builder.scalar(.string, start: text.lowerBound, length: text.count, mark: mark)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number()
        case UInt8(ascii: "t"): try word("true", .bool, length: 1)
        case UInt8(ascii: "f"): try word("false", .bool, length: 0)
        case UInt8(ascii: "n"): try word("null", .null, length: 0)
        default: throw failure("expected a value, found \(found)")
        }
    }

    private mutating func number() throws(ParseFailure) {
        let start = at
        switch ExactNumber.scan(builder.tree.bytes, from: at, to: end) {
        case .end(let stop):
            try builder.scalar(.number, start: start, length: stop - start, mark: mark)
            at = stop
        case .fault(let place, let text):
            at = place
            throw failure(at < end ? text : "\(text), found \(found)")
        }
    }

    private mutating func word(
        _ word: StaticString,
        _ kind: JSONValue.Kind,
        length: Int
    ) throws(ParseFailure) {
        let mark = mark
        let text = "\(word)"
        var stop = at
        while stop < end, isLetter(builder.byte(stop)) { stop += 1 }
        guard builder.tree.bytes[at..<stop].elementsEqual(text.utf8) else {
            throw failure("expected true, false, null or a text in double quotes, found \(found)")
        }
        at = stop
        try builder.scalar(kind, length: length, mark: mark)
    }

    private mutating func skipSpace() {
        while at < end {
            switch builder.byte(at) {
            case 0x20, 0x09, 0x0D: at += 1
            case 0x0A:
                at += 1
                line += 1
                lineStart = at
            default: return
            }
        }
    }

    /// The character or word at the reading position, for a message.
    var found: String {
        guard at < end else { return "the end of the text" }
        var stop = at
        while stop < end, isLetter(builder.byte(stop)) { stop += 1 }
        while stop == at || (stop < end && builder.byte(stop) & 0xC0 == 0x80) { stop += 1 }
        return quoted(String(decoding: builder.tree.bytes[at..<stop], as: UTF8.self))
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }
}
