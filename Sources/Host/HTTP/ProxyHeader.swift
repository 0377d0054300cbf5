package import SluiceBase

/// The PROXY protocol, versions 1 and 2 (haproxy.org, `proxy-protocol.txt`): the addresses of the
/// client's connection, in front of its bytes.
package enum ProxyHeader {
    /// The versions of the protocol that are accepted.
    package struct Versions: OptionSet, BitwiseCopyable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// One line of text.
        package static let one = Versions(rawValue: 1)
        /// Binary.
        package static let two = Versions(rawValue: 2)
    }

    /// What the first bytes of a connection are.
    package enum Outcome: BitwiseCopyable, Sendable {
        /// No header of an accepted version.
        case none
        /// The end has not arrived yet.
        case incomplete
        /// A header that is wrong.
        case faulty
        /// A header of `length` bytes. `isLocal`: it says nothing of a client, and the addresses
        /// of the connection count.
        case complete(
            length: Int,
            source: PeerAddress,
            destination: PeerAddress,
            isLocal: Bool
        )
    }

    /// The longest line of version 1, with its CRLF.
    private static let lineBytesMax = 107
    /// The longest header of version 2 behind its fixed part, TLVs included.
    private static let blockBytesMax = 4_096
    private static let fixedBytes = 16

    private static var lineStart: Bytes { "PROXY " }
    private static var signature: Bytes { "\r\n\r\n\0\r\nQUIT\n" }

    /// Reads the header at the start of `bytes`, if there is one.
    package static func parse(_ bytes: Bytes, versions: Versions) -> Outcome {
        if versions.contains(.one), agrees(bytes, lineStart) {
            return bytes.count < lineStart.count ? .incomplete : parseLine(bytes)
        }
        if versions.contains(.two), agrees(bytes, signature) {
            return bytes.count < fixedBytes ? .incomplete : parseBlock(bytes)
        }
        return .none
    }

    /// Whether one is the beginning of the other.
    private static func agrees(_ bytes: Bytes, _ start: Bytes) -> Bool {
        let count = min(bytes.count, start.count)
        return bytes.prefix(count).equals(start.prefix(count))
    }

    private static func parseLine(_ bytes: Bytes) -> Outcome {
        let line = bytes.prefix(min(bytes.count, lineBytesMax))
        let end = line.index(of: 0x0a)
        guard end >= 0 else { return line.count < lineBytesMax ? .incomplete : .faulty }
        guard line[end &- 1] == 0x0d else { return .faulty }
        var words = Words(line.slice(lineStart.count, end &- 1 &- lineStart.count))
        let family = words.next()
        if family.equals("UNKNOWN") {
            return .complete(length: end &+ 1, source: .none, destination: .none, isLocal: true)
        }
        let isIPv6 = family.equals("TCP6")
        guard isIPv6 || family.equals("TCP4") else { return .faulty }
        let hosts = (words.next(), words.next())
        guard let sourcePort = port(words.next()), let destinationPort = port(words.next()),
            words.isAtEnd, isWritten(hosts.0, isIPv6: isIPv6), isWritten(hosts.1, isIPv6: isIPv6),
            let source = PeerAddress(host: hosts.0, port: sourcePort),
            let destination = PeerAddress(host: hosts.1, port: destinationPort)
        else { return .faulty }
        return .complete(
            length: end &+ 1,
            source: source,
            destination: destination,
            isLocal: false
        )
    }

    /// Whether the text can only be an address of this family: colons make it IPv6.
    private static func isWritten(_ host: Bytes, isIPv6: Bool) -> Bool {
        (host.index(of: 0x3a) >= 0) == isIPv6
    }

    /// A decimal number without a leading zero.
    private static func port(_ text: Bytes) -> UInt16? {
        guard text.count <= 5, let number = text.decimal(), number <= UInt16.max else { return nil }
        return text[0] == 0x30 && text.count > 1 ? nil : UInt16(truncatingIfNeeded: number)
    }

    private static func parseBlock(_ bytes: Bytes) -> Outcome {
        let command = bytes[12] & 0x0f
        guard bytes[12] >> 4 == 2, command < 2 else { return .faulty }
        let count = Int(bytes[14]) << 8 | Int(bytes[15])
        let family = bytes[13] >> 4
        let transport = bytes[13] & 0x0f
        guard count <= blockBytesMax, family < 4, transport < 3 else { return .faulty }
        let addressBytes: Int
        switch family {
        case 1: addressBytes = 12
        case 2: addressBytes = 36
        // Two paths of Unix sockets.
        case 3: addressBytes = 216
        default: addressBytes = 0
        }
        let isLocal = command == 0
        guard isLocal || count >= addressBytes else { return .faulty }
        let length = fixedBytes &+ count
        guard bytes.count >= length else { return .incomplete }
        guard !isLocal, family == 1 || family == 2, transport > 0 else {
            return .complete(length: length, source: .none, destination: .none, isLocal: true)
        }
        let block = bytes.slice(fixedBytes, addressBytes)
        let width = family == 1 ? 4 : 16
        return .complete(
            length: length,
            source: address(block.prefix(width), port: block.slice(width &* 2, 2)),
            destination: address(block.slice(width, width), port: block.slice(width &* 2 &+ 2, 2)),
            isLocal: false
        )
    }

    private static func address(_ host: Bytes, port: Bytes) -> PeerAddress {
        let port = UInt16(port[0]) << 8 | UInt16(port[1])
        guard host.count == 16 else {
            return PeerAddress(v4: UInt32(truncatingIfNeeded: number(host)), port: port)
        }
        return PeerAddress(v6High: number(host.prefix(8)), low: number(host.from(8)), port: port)
    }

    private static func number(_ bytes: Bytes) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<bytes.count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}

extension ProxyHeader {
    /// Writes the header of `version`, 1 or 2, for a connection from `source` to `destination`.
    ///
    /// When one of them is none, the header says that nothing is known. Addresses of two families
    /// are both written as IPv6.
    package static func write(
        version: Int,
        source: PeerAddress,
        destination: PeerAddress,
        to output: inout ByteWriter
    ) {
        precondition(version == 1 || version == 2, "there are two versions of the PROXY protocol")
        let isKnown = !source.isNone && !destination.isNone
        let isIPv6 = source.isIPv6 || destination.isIPv6
        if version == 1 {
            guard isKnown else { return output.append("PROXY UNKNOWN\r\n") }
            return writeLine(source, destination, isIPv6: isIPv6, &output)
        }
        output.append(signature)
        output.append(isKnown ? 0x21 : 0x20)
        output.append(isKnown ? isIPv6 ? 0x21 : 0x11 : 0x00)
        output.append(bigEndian: isKnown ? isIPv6 ? 36 : 12 : 0, bytes: 2)
        guard isKnown else { return }
        writeHost(source, isIPv6: isIPv6, &output)
        writeHost(destination, isIPv6: isIPv6, &output)
        output.append(bigEndian: UInt64(source.port), bytes: 2)
        output.append(bigEndian: UInt64(destination.port), bytes: 2)
    }

    private static func writeLine(
        _ source: PeerAddress,
        _ destination: PeerAddress,
        isIPv6: Bool,
        _ output: inout ByteWriter
    ) {
        output.append(isIPv6 ? "PROXY TCP6 " : "PROXY TCP4 ")
        if isIPv6, !source.isIPv6 { output.append("::ffff:") }
        source.writeHost(to: &output)
        output.append(0x20)
        if isIPv6, !destination.isIPv6 { output.append("::ffff:") }
        destination.writeHost(to: &output)
        output.append(0x20)
        output.append(decimal: Int(source.port))
        output.append(0x20)
        output.append(decimal: Int(destination.port))
        output.append("\r\n")
    }

    private static func writeHost(
        _ address: PeerAddress,
        isIPv6: Bool,
        _ output: inout ByteWriter
    ) {
        guard isIPv6 else { return output.append(bigEndian: address.low, bytes: 4) }
        output.append(bigEndian: address.high, bytes: 8)
        let mapped: UInt64 = address.isIPv6 ? 0 : 0xffff_0000_0000
        output.append(bigEndian: address.low | mapped, bytes: 8)
    }
}

/// Words that one space separates; an empty word where there is none.
private struct Words {
    private var rest: Bytes
    private(set) var isAtEnd = false

    init(_ text: Bytes) { rest = text }

    mutating func next() -> Bytes {
        let space = rest.index(of: 0x20)
        isAtEnd = space < 0
        let word = space < 0 ? rest : rest.prefix(space)
        rest = space < 0 ? .empty : rest.from(space &+ 1)
        return word
    }
}

extension ByteWriter {
    /// Appends the lower `bytes` bytes of a number, most significant first.
    fileprivate mutating func append(bigEndian value: UInt64, bytes: Int) {
        for index in 0..<bytes {
            append(UInt8(truncatingIfNeeded: value >> UInt64(8 &* (bytes &- 1 &- index))))
        }
    }
}
