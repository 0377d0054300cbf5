package import SluiceBase

/// The fields behind a chunked body (RFC 9112 7.1.2).
package enum Trailers {
    /// Parses the trailer section at the start of `bytes`, its empty line included.
    ///
    /// It begins right behind the line of the last chunk: `\r\n` is a whole section. The fields
    /// are then in `section`.
    package static func parse(_ bytes: Bytes, into section: inout FieldSection) -> HeadOutcome {
        section.parse(bytes, from: 0, isTrailer: true)
    }

    /// Writes the section with its empty line, without the fields that a recipient could merge
    /// into a head and act upon (RFC 9110 6.5.1).
    package static func write(
        _ section: borrowing FieldSection,
        _ bytes: Bytes,
        to output: inout ByteWriter
    ) {
        let fields = section.view
        for index in 0..<fields.count {
            let field = fields[index]
            guard field.name == .other, passes(field.nameBytes(in: bytes)) else { continue }
            let start = Int(field.lineStart)
            output.append(bytes.slice(start, Int(field.lineEnd) &- start))
        }
        output.append("\r\n")
    }

    /// Whether a field may be in a trailer; names that framing, routing and forwarding know
    /// (`FieldName`) may not.
    private static func passes(_ name: Bytes) -> Bool {
        switch name[0] | 0x20 {
        case UInt8(ascii: "a"):
            !name.equalsIgnoringCase("age") && !name.equalsIgnoringCase("authorization")
        case UInt8(ascii: "c"):
            !begins(name, "content-") && !name.equalsIgnoringCase("cookie")
                && !name.equalsIgnoringCase("cache-control")
        case UInt8(ascii: "e"): !name.equalsIgnoringCase("expires")
        case UInt8(ascii: "i"): !begins(name, "if-")
        case UInt8(ascii: "l"): !name.equalsIgnoringCase("location")
        case UInt8(ascii: "p"): !begins(name, "proxy-") && !name.equalsIgnoringCase("pragma")
        case UInt8(ascii: "r"):
            !name.equalsIgnoringCase("range") && !name.equalsIgnoringCase("retry-after")
        case UInt8(ascii: "s"): !begins(name, "sec-") && !name.equalsIgnoringCase("set-cookie")
        case UInt8(ascii: "v"): !name.equalsIgnoringCase("vary")
        case UInt8(ascii: "w"):
            !name.equalsIgnoringCase("warning") && !name.equalsIgnoringCase("www-authenticate")
        default: true
        }
    }

    private static func begins(_ name: Bytes, _ start: Bytes) -> Bool {
        name.count >= start.count && name.prefix(start.count).equalsIgnoringCase(start)
    }
}
