internal import CTLS

/// A key of session tickets (RFC 5077, section 4).
///
/// Its bytes are in the order of nginx and HAProxy, so that their key files can be shared: name,
/// key of the MAC, key of the cipher.
package struct TicketKey: Sendable, Hashable {
    /// What tickets tell their key by.
    package static let name = 0..<16
    /// For HMAC-SHA256.
    package static let mac = 16..<48
    /// For AES-256-CBC.
    package static let cipher = 48..<80
    package static let count = 80

    package let bytes: [UInt8]

    fileprivate init(_ bytes: some Collection<UInt8>) {
        precondition(bytes.count == Self.count, "the length of a ticket key")
        self.bytes = Array(bytes)
    }

    /// A random one.
    package static func fresh() throws(TicketFault) -> TicketKey {
        defer { ERR_clear_error() }
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_priv_bytes(&bytes, Int32(count)) == 1 else { throw .noRandomNumbers }
        return TicketKey(bytes)
    }
}

/// The keys of session tickets: the first encrypts, all decrypt.
package struct TicketRing: Sendable, Hashable {
    /// Keys in a ring: tickets live through three rotations.
    package static let keysMax = 4
    /// Bytes of a file of keys; comments and blank lines have room in it.
    private static let fileBytesMax = 4_096

    /// One at least; the names differ.
    package let keys: [TicketKey]

    /// A ring of one random key.
    package static func fresh() throws(TicketFault) -> TicketRing {
        TicketRing(keys: [try TicketKey.fresh()])
    }

    /// A new first key before those that are there; the oldest is dropped when they are too many.
    package func rotated() throws(TicketFault) -> TicketRing {
        TicketRing(keys: [try TicketKey.fresh()] + keys.prefix(Self.keysMax - 1))
    }

}

extension TicketRing {
    /// Reads a file: 80 bytes, or lines of base64 with a key each, the first of which encrypts.
    ///
    /// Blank lines and those that begin with `#` are skipped.
    package init(file contents: [UInt8]) throws(TicketFault) {
        guard contents.count <= Self.fileBytesMax else {
            throw .longFile(bytesMax: Self.fileBytesMax)
        }
        if contents.count == TicketKey.count {
            self.init(keys: [TicketKey(contents)])
            return
        }
        var keys: [TicketKey] = []
        let lines = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (place, line) in lines.enumerated() {
            let text = Self.trimmed(line)
            guard let first = text.first, first != UInt8(ascii: "#") else { continue }
            guard let key = Self.decode(text) else { throw .badLine(place + 1) }
            guard !keys.contains(where: { $0.bytes[TicketKey.name] == key.bytes[TicketKey.name] })
            else { throw .repeatedKey(line: place + 1) }
            keys.append(key)
            guard keys.count <= Self.keysMax else { throw .tooManyKeys(line: place + 1) }
        }
        guard !keys.isEmpty else { throw .noKey }
        self.init(keys: keys)
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
        let start = line.drop(while: blanks.contains)
        guard let last = start.lastIndex(where: { !blanks.contains($0) }) else { return [] }
        return start[...last]
    }

    /// The key in base64; nil when it is not 80 bytes.
    private static func decode(_ text: ArraySlice<UInt8>) -> TicketKey? {
        // Three bytes in four characters, the last of which pads: 80 bytes are 27 groups less one.
        let groups = TicketKey.count / 3 + 1
        let pad = UInt8(ascii: "=")
        guard text.count == groups * 4, text.firstIndex(of: pad) == text.endIndex - 1 else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: groups * 3)
        let count = unsafe EVP_DecodeBlock(&bytes, Array(text), Int32(text.count))
        guard count == groups * 3 else { return nil }
        return TicketKey(bytes.prefix(TicketKey.count))
    }
}

/// Why there are no keys of tickets.
package enum TicketFault: Error, Sendable, Hashable, CustomStringConvertible {
    case noRandomNumbers
    case longFile(bytesMax: Int)
    case noKey
    case badLine(Int)
    case repeatedKey(line: Int)
    case tooManyKeys(line: Int)

    package var description: String {
        switch self {
        case .noRandomNumbers:
            "OpenSSL has no random numbers for a ticket key; see that /dev/urandom can be read"
        case .longFile(let bytesMax):
            "the file of ticket keys is longer than \(bytesMax) bytes: expected \(Self.form)"
        case .noKey: "the file of ticket keys has no key: expected \(Self.form)"
        case .badLine(let line):
            "line \(line) of the file of ticket keys is no key: expected \(Self.form)"
        case .repeatedKey(let line):
            "line \(line) of the file of ticket keys begins with the name of an earlier key: "
                + "expected keys that differ in their first 16 bytes; make a new one with "
                + "openssl rand -base64 80 | tr -d '\\n'"
        case .tooManyKeys(let line):
            "line \(line) of the file of ticket keys is one key too many: expected at most "
                + "\(TicketRing.keysMax); remove the oldest ones, at the end"
        }
    }

    private static let form =
        "\(TicketKey.count) bytes in base64 (108 characters) on each line, or exactly "
        + "\(TicketKey.count) bytes in all"
}
