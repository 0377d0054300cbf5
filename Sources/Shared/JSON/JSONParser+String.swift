extension JSONParser {
    /// Reads a string and answers where its decoded bytes stand: in the text when nothing was
    /// escaped, else behind it.
    mutating func string() throws(ParseFailure) -> Range<Int> {
        at += 1
        let start = at
        try skipPlain()
        if next == UInt8(ascii: "\"") && at < end {
            at += 1
            return start..<at - 1
        }
        let decoded = builder.bytesCount
        builder.append(copyOf: start..<at)
        while next != UInt8(ascii: "\"") {
            try escape()
            let plain = at
            try skipPlain()
            builder.append(copyOf: plain..<at)
        }
        at += 1
        return decoded..<builder.bytesCount
    }

    /// Moves on to the closing quote or an escape.
    private mutating func skipPlain() throws(ParseFailure) {
        while at < end {
            let byte = builder.byte(at)
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            if byte < 0x20 {
                throw failure("a control character in a text; write it as an escape like \\n")
            }
            if byte < 0x80 {
                at += 1
            } else {
                let length = scalarLength(at)
                if length == 0 { throw failure("not UTF-8; save the file as UTF-8") }
                at += length
                lineStart += length - 1
            }
        }
        throw failure("the text ends inside a string; close it with a double quote")
    }

    private mutating func escape() throws(ParseFailure) {
        let mark = mark
        at += 1
        let letter = next
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): builder.append(letter)
        case UInt8(ascii: "b"): builder.append(0x08)
        case UInt8(ascii: "f"): builder.append(0x0C)
        case UInt8(ascii: "n"): builder.append(0x0A)
        case UInt8(ascii: "r"): builder.append(0x0D)
        case UInt8(ascii: "t"): builder.append(0x09)
        case UInt8(ascii: "u"): try escapedScalar(mark)
        default:
            throw builder.failure(
                mark,
                "an unknown escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX"
            )
        }
    }

    /// Reads the digits of one `\u` escape, or of the two that make a surrogate pair.
    private mutating func escapedScalar(_ mark: Mark) throws(ParseFailure) {
        var code = try codeUnit(mark)
        if code & 0xFC00 == 0xD800 {
            guard at + 1 < end, builder.byte(at) == UInt8(ascii: "\\"),
                builder.byte(at + 1) == UInt8(ascii: "u")
            else { throw loneSurrogate(mark) }
            at += 2
            let low = try codeUnit(mark)
            guard low & 0xFC00 == 0xDC00 else { throw loneSurrogate(mark) }
            code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else { throw loneSurrogate(mark) }
        builder.append(scalar.utf8)
    }

    private func loneSurrogate(_ mark: Mark) -> ParseFailure {
        builder.failure(mark, "half of a surrogate pair; write both halves or the character itself")
    }

    private mutating func codeUnit(_ mark: Mark) throws(ParseFailure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard at < end, let digit = hexadecimalDigit(builder.byte(at)) else {
                throw builder.failure(mark, "expected four hexadecimal digits behind \\u")
            }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }

    /// Bytes of the UTF-8 scalar at `offset`; 0 when it is not well-formed (RFC 3629).
    private func scalarLength(_ offset: Int) -> Int {
        let first = builder.byte(offset)
        func continues(_ distance: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            guard offset + distance < end else { return false }
            let byte = builder.byte(offset + distance)
            return byte >= low && byte <= high
        }
        switch first {
        case 0xC2...0xDF: return continues(1) ? 2 : 0
        case 0xE0: return continues(1, 0xA0) && continues(2) ? 3 : 0
        case 0xED: return continues(1, 0x80, 0x9F) && continues(2) ? 3 : 0
        case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
        case 0xF0: return continues(1, 0x90) && continues(2) && continues(3) ? 4 : 0
        case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
        case 0xF4: return continues(1, 0x80, 0x8F) && continues(2) && continues(3) ? 4 : 0
        default: return 0
        }
    }
}

/// The value of a hexadecimal digit, or nil.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 0x30
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
