package import SluiceBase

/// Takes chunked framing off a body, piece by piece, up to its trailer section.
///
/// Strict (RFC 9112 7.1): CRLF only, sizes of at most fifteen hex digits, extensions bounded, so
/// that nothing ambiguous is forwarded. In a reply white space before `;` is accepted, as the
/// grammar of old recipients allows it.
package struct ChunkDecoder: BitwiseCopyable, Sendable {
    /// Bytes of the extensions of one chunk, white space included.
    package static let extensionBytesMax = 4_096
    /// Bytes of extensions in a message beyond one for each byte of content, so that framing cannot
    /// be most of what is read (CVE-2023-39326).
    package static let extensionBytesAllowance = 16_384

    private enum State: UInt8, BitwiseCopyable {
        case sizeStart, size, space, extensions, sizeLF
        case data, dataCR, dataLF
        case trailers, broken
    }

    private var state = State.sizeStart
    private var digits: UInt8 = 0
    private let isReply: Bool
    private var extensionBytes: UInt16 = 0
    /// Bytes of content that are left of this chunk.
    private var left: UInt64 = 0
    /// How many bytes of extensions the message may still have.
    private var allowance = UInt64(extensionBytesAllowance)

    package init(isReply: Bool) { self.isReply = isReply }

    /// The framing is wrong, or there are too many bytes of extensions.
    package var isBroken: Bool { state == .broken }

    /// The line of the last chunk has been taken; what follows is the trailer section.
    package var isAtTrailers: Bool { state == .trailers }

    /// Advances over framing and the run of content behind it: how many bytes were taken, and
    /// where among them the content lies.
    ///
    /// Takes nothing once broken or at the trailers.
    package mutating func next(_ bytes: Bytes) -> (taken: Int, offset: Int, length: Int) {
        var index = 0
        while index < bytes.count, state.rawValue < State.trailers.rawValue, state != .data {
            step(bytes[index])
            index &+= 1
        }
        guard state == .data else { return (index, index, 0) }
        let length = Int(min(left, UInt64(bytes.count &- index)))
        left &-= UInt64(length)
        allowance &+= UInt64(length)
        if left == 0 { state = .dataCR }
        return (index &+ length, index, length)
    }

    private mutating func step(_ byte: UInt8) {
        switch state {
        case .sizeStart, .size: stepSize(byte)
        case .space:
            if byte == 0x3b { state = .extensions }
            spend(state == .extensions || byte == 0x20 || byte == 0x09)
        case .extensions:
            guard byte != 0x0d else {
                state = .sizeLF
                return
            }
            spend(byte == 0x09 || byte >= 0x20 && byte != 0x7f)
        case .sizeLF: state = byte != 0x0a ? .broken : left == 0 ? .trailers : .data
        case .dataCR: state = byte == 0x0d ? .dataLF : .broken
        case .dataLF:
            digits = 0
            extensionBytes = 0
            state = byte == 0x0a ? .sizeStart : .broken
        case .data, .trailers, .broken: break
        }
    }

    private mutating func stepSize(_ byte: UInt8) {
        let digit: UInt64
        switch byte {
        case 0x30...0x39: digit = UInt64(byte &- 0x30)
        case 0x41...0x46: digit = UInt64(byte &- 0x37)
        case 0x61...0x66: digit = UInt64(byte &- 0x57)
        case 0x0d where state == .size:
            state = .sizeLF
            return
        case 0x3b where state == .size:
            state = .extensions
            return spend(true)
        case 0x20 where state == .size && isReply, 0x09 where state == .size && isReply:
            state = .space
            return spend(true)
        default:
            state = .broken
            return
        }
        digits &+= 1
        left = left << 4 | digit
        state = digits <= 15 ? .size : .broken
    }

    /// Counts a byte behind the size; broken when it is not one, or one too many.
    private mutating func spend(_ isRight: Bool) {
        extensionBytes &+= 1
        guard isRight, Int(extensionBytes) <= ChunkDecoder.extensionBytesMax, allowance > 0 else {
            state = .broken
            return
        }
        allowance &-= 1
    }
}

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
    /// (`FieldName`) may not, and are not looked for here.
    package static func passes(_ name: Bytes) -> Bool {
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
