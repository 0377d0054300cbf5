internal import CTLS
package import SluiceBase

/// One connection under TLS: the state that OpenSSL keeps of it.
///
/// Plain data that its channel owns; `free` ends it. Every step works on the worker's `Wire`: what
/// came is offered there before, and what is to be sent lies there after.
@safe
package struct Secured: BitwiseCopyable {
    private let ssl: OpaquePointer

    /// What came of a step.
    package enum Step: Sendable, Equatable {
        /// The handshake is complete, or so many bytes were read or written.
        case done(Int)
        /// All that was offered has been taken, and more is needed.
        case wantsInput
        /// The lent memory is full; the step goes on with more of it.
        case wantsOutput
        /// The peer has ended its stream with a close_notify (RFC 8446 6.1).
        case ended
        /// The connection cannot go on; an alert that says why may have been written.
        case failed
    }

    /// The server's side of a connection; nil when there is no memory.
    package static func server(_ context: Context, _ wire: Wire) -> Secured? {
        guard let secured = Secured(context, wire) else { return nil }
        unsafe SSL_set_accept_state(secured.ssl)
        return secured
    }

    /// The client's side of a connection; nil when there is no memory.
    package static func client(_ context: Context, _ wire: Wire) -> Secured? {
        guard let secured = Secured(context, wire) else { return nil }
        guard unsafe context.prepare(client: secured.ssl) else {
            secured.free()
            return nil
        }
        unsafe SSL_set_connect_state(secured.ssl)
        return secured
    }

    private init?(_ context: Context, _ wire: Wire) {
        guard let ssl = unsafe SSL_new(context.pointer) else { return nil }
        guard let bio = unsafe wire.makeBIO() else {
            unsafe SSL_free(ssl)
            return nil
        }
        // One hold for both directions.
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe self.ssl = ssl
    }

    /// Forgets the connection; nothing of it may be used any more.
    package func free() { unsafe SSL_free(ssl) }

    /// Takes the handshake as far as it goes.
    package func shake() -> Step {
        forgetErrors()
        let result = unsafe SSL_do_handshake(ssl)
        return result == 1 ? .done(0) : outcome(result)
    }

    /// Reads plain bytes into the free part of `writer`.
    package func read(into writer: ByteWriter) -> Step {
        forgetErrors()
        var count = 0
        let result = unsafe SSL_read_ex(
            ssl,
            writer.start + writer.count,
            writer.remaining,
            &count
        )
        guard result != 1 else { return .done(count) }
        let step = outcome(result)
        if step == .wantsInput { answerKeyUpdate() }
        return step
    }

    /// Writes the KeyUpdate that the peer has requested; OpenSSL waits for the next data to send,
    /// and the peer may be waiting for this (RFC 8446 4.6.3).
    private func answerKeyUpdate() {
        guard unsafe SSL_get_key_update_type(ssl) != SSL_KEY_UPDATE_NONE,
            unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1
        else { return }
        if unsafe SSL_do_handshake(ssl) != 1 { ERR_clear_error() }
    }

    /// Has `wire` count the messages of the protocol that come from here on.
    package func countMessages(_ wire: Wire) { unsafe wire.count(messagesOf: ssl) }

    /// Whether bytes that were taken have not been read yet: another read is due.
    package var hasPending: Bool { unsafe SSL_has_pending(ssl) != 0 }

    /// Encrypts plain bytes; not all of them when the lent memory is full.
    package func write(_ bytes: Bytes) -> Step {
        forgetErrors()
        var count = 0
        let result = unsafe SSL_write_ex(ssl, bytes.start, bytes.count, &count)
        return result == 1 ? .done(count) : outcome(result)
    }

    /// Writes a close_notify: nothing more is sent.
    package func end() {
        if unsafe SSL_shutdown(ssl) < 0 { ERR_clear_error() }
    }

    /// Errors of other calls on this thread must not be taken for those of the next step.
    @inline(__always)
    private func forgetErrors() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// What a step that did nothing wants.
    ///
    /// `SSL_want` alone does not tell: a handshake that has failed, or that a close_notify has
    /// ended, says that it wants to read.
    private func outcome(_ result: CInt) -> Step {
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsInput
        case SSL_ERROR_WANT_WRITE: return .wantsOutput
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            ERR_clear_error()
            return .failed
        }
    }
}

// What is known of a connection when its handshake is complete.
extension Secured {
    /// Whether the handshake is complete.
    package var isComplete: Bool { unsafe SSL_is_init_finished(ssl) != 0 }

    /// Whether an earlier session was resumed.
    package var isResumed: Bool { unsafe SSL_session_reused(ssl) != 0 }

    /// The name that the client sent (RFC 6066 section 3), empty when none; valid while the
    /// connection lives.
    package var serverName: Bytes {
        guard let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
            return .empty
        }
        var count = 0
        while unsafe name[count] != 0 { count &+= 1 }
        return unsafe Bytes(
            start: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self),
            count: count
        )
    }

    /// What is wrong with the certificate of the peer; `.none` also when it has none.
    package var verification: Verification {
        Verification(unsafe SSL_get_verify_result(ssl))
    }

    /// The certificate that the peer has proved to own and that was found valid; an owned X509, or
    /// nil.
    func verifiedCertificate() -> OpaquePointer? {
        guard verification == .none else { return nil }
        return unsafe SSL_get1_peer_certificate(ssl)
    }
}

/// Why the certificate of a peer was not accepted, as far as people tell causes apart.
package enum Verification: UInt8, Sendable {
    case none
    /// It chains to no authority that is trusted here.
    case unknownAuthority
    case expired
    case notYetValid
    case wrongName
    case other

    init(_ code: Int) {
        switch CInt(truncatingIfNeeded: code) {
        case X509_V_OK: self = .none
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_HOSTNAME_MISMATCH: self = .wrongName
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
            self = .unknownAuthority
        default: self = .other
        }
    }
}
