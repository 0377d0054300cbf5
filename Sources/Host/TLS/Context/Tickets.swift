internal import CTLS

/// The keys of one worker for session tickets, as its contexts use them (RFC 5077, RFC 8446 4.6.1).
///
/// The worker replaces them while nothing is under way; the memory is never freed, for contexts
/// point to it as long as a connection lives.
@safe
package struct Tickets: BitwiseCopyable {
    fileprivate struct Ring: BitwiseCopyable {
        /// In the order of `TicketKey`; the first encrypts.
        var keys: InlineArray<320, UInt8>
        var count: Int
    }

    /// Sessions of TLS 1.2 that a context remembers for clients without tickets.
    private static let sessionsMax = 128

    private let ring: UnsafeMutablePointer<Ring>

    /// How long a session may be resumed, counted from its first full handshake, in seconds.
    static let lifetimeSeconds: Int64 = 7_200

    /// Without keys: no ticket is given or taken.
    package init() {
        unsafe ring = .allocate(capacity: 1)
        unsafe ring.initialize(to: Ring(keys: InlineArray(repeating: 0), count: 0))
    }

    /// Uses other keys from now on: those of a `TicketRing`, one after the other.
    package func replace(with keys: [UInt8]) {
        let count = min(keys.count / TicketKey.count, TicketRing.keysMax)
        for place in 0..<(count &* TicketKey.count) {
            unsafe ring.pointee.keys[place] = keys[place]
        }
        unsafe ring.pointee.count = count
    }

    /// Has a context give one ticket a session, under these keys; a client of TLS 1.2 that takes no
    /// ticket may come back by the ID of its session.
    func serve(_ context: Context) {
        unsafe SSL_CTX_set_num_tickets(context.pointer, 1)
        unsafe ctls_set_session_cache(context.pointer, Self.sessionsMax)
        unsafe SSL_CTX_set_timeout(context.pointer, Int(Self.lifetimeSeconds))
        unsafe SSL_CTX_set_ex_data(context.pointer, Self.index, ring)
        // Told of each session that may come back by its ID; 0: the context alone keeps it.
        unsafe SSL_CTX_sess_set_new_cb(context.pointer) { _, session in
            guard let session = unsafe session else { return 0 }
            unsafe Tickets.limit(session, to: Int64(SSL_SESSION_get_timeout(session)))
            return 0
        }
        unsafe ctls_set_ticket_callback(context.pointer) { ssl, name, vector, cipher, mac, isNew in
            guard let ssl = unsafe ssl, let name = unsafe name, let vector = unsafe vector,
                let cipher = unsafe cipher, let mac = unsafe mac,
                let held = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), Tickets.index)
            else { return -1 }
            let ring = unsafe held.assumingMemoryBound(to: Ring.self)
            return isNew == 1
                ? unsafe Tickets.seal(ring, name, vector, cipher, mac)
                : unsafe Tickets.open(ring, name, vector, cipher, mac)
        }
        unsafe SSL_CTX_set_session_ticket_cb(
            context.pointer,
            { ssl, _ in unsafe Tickets.stamp(ssl) },
            { _, session, _, _, status, _ in unsafe Tickets.judge(session, status) },
            nil
        )
    }

    private static let index: CInt = ctls_context_index(nil)
}

// Keys.
extension Tickets {
    private nonisolated(unsafe) static let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-CBC", nil)

    /// Encrypts with the first key; 0: there is none, and no ticket.
    private static func seal(
        _ ring: UnsafeMutablePointer<Ring>,
        _ name: UnsafeMutablePointer<UInt8>,
        _ vector: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer,
        _ mac: OpaquePointer
    ) -> CInt {
        guard unsafe ring.pointee.count > 0, unsafe RAND_bytes(vector, 16) == 1 else { return 0 }
        let key = unsafe UnsafeMutableRawPointer(ring).assumingMemoryBound(to: UInt8.self)
        unsafe name.update(from: key, count: 16)
        guard
            unsafe EVP_EncryptInit_ex2(
                cipher,
                Self.cipher,
                key + TicketKey.cipher.lowerBound,
                vector,
                nil
            ) == 1,
            unsafe start(mac, key)
        else { return -1 }
        return 1
    }

    /// Finds the key that a ticket names; 2: not the first, so that a new ticket is due; 0: none.
    private static func open(
        _ ring: UnsafeMutablePointer<Ring>,
        _ name: UnsafeMutablePointer<UInt8>,
        _ vector: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer,
        _ mac: OpaquePointer
    ) -> CInt {
        let keys = unsafe UnsafeMutableRawPointer(ring).assumingMemoryBound(to: UInt8.self)
        for place in unsafe 0..<ring.pointee.count {
            let key = unsafe keys + place &* TicketKey.count
            guard unsafe CRYPTO_memcmp(key, name, 16) == 0 else { continue }
            guard unsafe start(mac, key),
                unsafe EVP_DecryptInit_ex2(
                    cipher,
                    Self.cipher,
                    key + TicketKey.cipher.lowerBound,
                    vector,
                    nil
                ) == 1
            else { return -1 }
            return place == 0 ? 1 : 2
        }
        return 0
    }
}

extension Tickets {
    private static func start(_ mac: OpaquePointer, _ key: UnsafeMutablePointer<UInt8>) -> Bool {
        unsafe ctls_start_mac(mac, key + TicketKey.mac.lowerBound, TicketKey.mac.count) == 1
    }
}

// Lifetimes: a renewed ticket ends when the first session of its line would have ended, and none
// lives longer than the certificate of its client.
extension Tickets {
    /// Writes into a new ticket when its line began.
    private static func stamp(_ ssl: OpaquePointer?) -> CInt {
        guard let session = unsafe SSL_get_session(ssl) else { return 0 }
        let now = unsafe SSL_SESSION_get_time(session)
        var begun = Int64(now)
        if let first = unsafe begin(of: session) { begun = first }
        let left = begun &+ lifetimeSeconds &- Int64(now)
        unsafe limit(session, to: left)
        return unsafe SSL_SESSION_set1_ticket_appdata(
            session,
            &begun,
            MemoryLayout<Int64>.size
        )
    }

    /// Decides whether a ticket that came may be used.
    private static func judge(_ session: OpaquePointer?, _ status: SSL_TICKET_STATUS) -> CInt {
        guard let session = unsafe session,
            status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW,
            let begun = unsafe begin(of: session)
        else { return CInt(SSL_TICKET_RETURN_IGNORE_RENEW) }
        let now = ctls_seconds()
        // A clock that was set back must not lengthen a session.
        guard begun <= now, now &- begun < lifetimeSeconds,
            unsafe now <= clientEnd(of: session)
        else {
            return CInt(SSL_TICKET_RETURN_IGNORE_RENEW)
        }
        return CInt(
            status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
        )
    }

    /// Lets a session end after `seconds` from its begin, or with the certificate of its client.
    private static func limit(_ session: OpaquePointer, to seconds: Int64) {
        let left = unsafe clientEnd(of: session) &- Int64(SSL_SESSION_get_time(session))
        unsafe SSL_SESSION_set_timeout(session, Int(max(1, min(seconds, left))))
    }

    /// When the certificate of the client expires, in seconds since 1970; without one: never.
    private static func clientEnd(of session: OpaquePointer) -> Int64 {
        guard let certificate = unsafe SSL_SESSION_get0_peer(session) else { return .max }
        return unsafe X509Facts.seconds(X509_get0_notAfter(certificate)) ?? 0
    }

    private static func begin(of session: OpaquePointer) -> Int64? {
        var data: UnsafeMutableRawPointer?
        var count = 0
        guard unsafe SSL_SESSION_get0_ticket_appdata(session, &data, &count) == 1,
            count == MemoryLayout<Int64>.size, let data = unsafe data
        else { return nil }
        return unsafe data.loadUnaligned(as: Int64.self)
    }
}
