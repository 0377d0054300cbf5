import CTLS
import SluiceTLS
import Testing

/// How long the tickets of one line live: as long as its first session, however often renewed.
@Suite struct AgedTicketTests {
    private let leaf = TestAuthority.root().leaf()
    private let ring: TicketRing

    init() throws { ring = try .fresh() }

    private func context(_ ring: TicketRing) throws -> Context {
        let tickets = Tickets()
        tickets.replace(with: ring.keys.flatMap(\.bytes))
        return try TestContexts.server(leaf, tickets: tickets)
    }

    /// A peer with a ticket whose line began so many seconds ago.
    private func peer(
        _ age: Int64,
        _ version: TLSVersion,
        later: TicketRing? = nil
    ) throws -> TestPeer {
        let first = try TestPeer(context(ring), version)
        #expect(first.run())
        let aged = try first.session().aged(by: age, ring.keys[0].bytes)
        let peer = try TestPeer(context(later ?? ring), version, resuming: aged)
        #expect(peer.run())
        return peer
    }

    @Test(arguments: [TLSVersion.v12, .v13])
    func `an old line is not resumed, nor one of the future`(version: TLSVersion) throws {
        #expect(try peer(0, version).server.isResumed)
        #expect(try peer(7_100, version).server.isResumed)
        #expect(try !peer(7_200, version).server.isResumed)
        #expect(try !peer(-100, version).server.isResumed)
    }

    @Test func `a renewed ticket ends with its line`() throws {
        // A new ticket comes because the key is no longer the first.
        let peer = try peer(7_000, .v13, later: ring.rotated())
        let lifetime = try peer.session().lifetime
        #expect(lifetime > 100 && lifetime <= 200)
    }
}

// A ticket is the name of its key, a vector, the session encrypted, and a MAC over all of it
// (RFC 5077, section 4).
extension TestSession {
    /// The same session with a ticket that says that its line began `age` seconds earlier.
    func aged(by age: Int64, _ key: [UInt8]) throws -> TestSession {
        let ticket = self.ticket
        let (name, vector) = (ticket[..<16], Array(ticket[16..<32]))
        let plain = try Self.cipher(Array(ticket[32..<(ticket.count - 32)]), key, vector, 0)
        let inner = try TestSession(reading: plain)
        try inner.shift(by: age)
        var other = try name + vector + Self.cipher(inner.encoded, key, vector, 1)
        try other.append(contentsOf: Self.mac(Array(other), key))
        #expect(other.count == ticket.count)
        var whole = encoded
        let place = try #require(whole.indices.first { whole[$0...].starts(with: ticket) })
        whole.replaceSubrange(place..<(place + ticket.count), with: other)
        return try TestSession(reading: whole)
    }

    private convenience init(reading bytes: [UInt8]) throws {
        let read = unsafe bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return unsafe d2i_SSL_SESSION(nil, &start, buffer.count)
        }
        unsafe self.init(try #require(unsafe read))
    }

    private var encoded: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(unsafe i2d_SSL_SESSION(pointer, nil)))
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            _ = unsafe i2d_SSL_SESSION(pointer, &start)
        }
        return bytes
    }

    private var ticket: [UInt8] {
        var start: UnsafePointer<UInt8>?
        var count = 0
        unsafe SSL_SESSION_get0_ticket(pointer, &start, &count)
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    private func shift(by age: Int64) throws {
        var data: UnsafeMutableRawPointer?
        var count = 0
        unsafe SSL_SESSION_get0_ticket_appdata(pointer, &data, &count)
        let start = unsafe try #require(unsafe data)
        try #require(count == MemoryLayout<Int64>.size)
        var begun = unsafe start.loadUnaligned(as: Int64.self) - age
        let isSet = unsafe SSL_SESSION_set1_ticket_appdata(pointer, &begun, count)
        #expect(isSet == 1)
    }

    private static func cipher(
        _ bytes: [UInt8],
        _ key: [UInt8],
        _ vector: [UInt8],
        _ encrypts: Int32
    ) throws -> [UInt8] {
        let context = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let own = Array(key[TicketKey.cipher])
        unsafe EVP_CipherInit_ex(context, EVP_aes_256_cbc(), nil, own, vector, encrypts)
        var output = [UInt8](repeating: 0, count: bytes.count + 16)
        var count: Int32 = 0
        unsafe EVP_CipherUpdate(context, &output, &count, bytes, Int32(bytes.count))
        var tail = [UInt8](repeating: 0, count: 16)
        var rest: Int32 = 0
        try #require(unsafe EVP_CipherFinal_ex(context, &tail, &rest) == 1)
        return Array(output.prefix(Int(count)) + tail.prefix(Int(rest)))
    }

    private static func mac(_ bytes: [UInt8], _ key: [UInt8]) throws -> [UInt8] {
        let own = Array(key[TicketKey.mac])
        var mac = [UInt8](repeating: 0, count: 32)
        var count = 0
        let made = unsafe EVP_Q_mac(
            nil,
            "HMAC",
            nil,
            "SHA256",
            nil,
            own,
            own.count,
            bytes,
            bytes.count,
            &mac,
            mac.count,
            &count
        )
        try #require(unsafe made != nil)
        return mac
    }
}
