import SluiceTLS
import Testing

/// Rings of ticket keys, and the files they are read from.
@Suite struct TicketKeysTests {
    /// 80 bytes of one value, in base64.
    private func line(_ letters: String) -> String {
        String(repeating: letters, count: 26) + letters.prefix(3) + "="
    }

    private func read(_ text: String) throws -> TicketRing {
        try TicketRing(file: Array(text.utf8))
    }

    @Test func `rotation puts a new key first and drops the oldest`() throws {
        var ring = try TicketRing.fresh()
        let oldest = ring.keys[0]
        for count in 2...TicketRing.keysMax {
            ring = try ring.rotated()
            #expect(ring.keys.count == count)
            #expect(ring.keys.last == oldest)
        }
        let previous = ring
        ring = try ring.rotated()
        #expect(Array(ring.keys.dropFirst()) == Array(previous.keys.dropLast()))
        #expect(Set(ring.keys).count == TicketRing.keysMax)
    }

    @Test func `the parts of a key fill it`() {
        #expect(TicketKey.name.upperBound == TicketKey.mac.lowerBound)
        #expect(TicketKey.mac.upperBound == TicketKey.cipher.lowerBound)
        #expect(TicketKey.cipher.upperBound == TicketKey.count)
    }

    @Test func `80 bytes are one key`() throws {
        let bytes = (0..<80).map { UInt8($0) }
        #expect(try TicketRing(file: bytes).keys.map(\.bytes) == [bytes])
    }

    @Test func `lines of base64 are keys, the first first`() throws {
        let text = "# keys\r\n\n  \(line("AAAA"))\r\n\(line("////"))"
        let ring = try read(text)
        #expect(ring.keys[0].bytes == [UInt8](repeating: 0, count: 80))
        #expect(ring.keys[1].bytes == [UInt8](repeating: 255, count: 80))
    }

    @Test func `files that are no keys`() {
        let zeros = line("AAAA")
        #expect(throws: TicketFault.noKey) { try read("") }
        #expect(throws: TicketFault.noKey) { try read("\n# none\n") }
        #expect(throws: TicketFault.badLine(2)) { try read("\n\(zeros.dropLast(4))\n") }
        #expect(throws: TicketFault.badLine(1)) { try read(zeros.dropLast() + "A\n") }
        #expect(throws: TicketFault.badLine(1)) { try read("=" + zeros.dropFirst()) }
        #expect(throws: TicketFault.badLine(1)) { try read("!" + zeros.dropFirst()) }
        #expect(throws: TicketFault.badLine(1)) { try read(zeros.dropLast(2) + "-=") }
        #expect(throws: TicketFault.repeatedKey(line: 2)) { try read("\(zeros)\n\(zeros)") }
        let five = "ABCDE".map { line(String(repeating: $0, count: 4)) }
        #expect(throws: TicketFault.tooManyKeys(line: 5)) {
            try read(five.joined(separator: "\n"))
        }
        let long = String(repeating: "#", count: 5_000)
        #expect(throws: TicketFault.longFile(bytesMax: 4_096)) { try read(long) }
        #expect("\(TicketFault.badLine(3))".contains("line 3"))
    }
}
