import CTLS
import SluiceBase
import SluiceTLS
import Testing

/// A client by OpenSSL alone, which can do what the host's own client does not: resume, staple,
/// choose protocols, renegotiate.
@safe
final class TestPeer {
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private let wire = Wire()
    private let memory = Table<UInt8>(repeating: 0, count: 1 << 16)
    private let plain = Table<UInt8>(repeating: 0, count: 1 << 14)
    let server: Secured
    private(set) var serverStep = Secured.Step.wantsInput

    init(
        _ server: Context,
        _ version: TLSVersion,
        resuming session: TestSession? = nil,
        protocols: [String] = [],
        staples: Bool = false,
        own: TestAuthority? = nil,
        takesTickets: Bool = true
    ) throws {
        self.server = try #require(Secured.server(server, wire))
        unsafe context = try #require(unsafe SSL_CTX_new(TLS_client_method()))
        unsafe ctls_set_max_version(context, version.rawValue)
        if let own {
            #expect(unsafe SSL_CTX_use_certificate(context, own.certificate) == 1)
            #expect(unsafe SSL_CTX_use_PrivateKey(context, own.key.pointer) == 1)
        }
        if !takesTickets { unsafe SSL_CTX_set_options(context, ctls_no_ticket()) }
        unsafe ssl = try #require(unsafe SSL_new(context))
        unsafe input = try #require(unsafe BIO_new(BIO_s_mem()))
        unsafe output = try #require(unsafe BIO_new(BIO_s_mem()))
        unsafe SSL_set_bio(ssl, input, output)
        unsafe ctls_set_server_name(ssl, "leaf.test")
        if let session { unsafe SSL_set_session(ssl, session.pointer) }
        let list = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !list.isEmpty { unsafe SSL_set_alpn_protos(ssl, list, UInt32(list.count)) }
        if staples {
            let kind = Int(TLSEXT_STATUSTYPE_ocsp)
            unsafe SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE, kind, nil)
        }
        unsafe SSL_set_connect_state(ssl)
        ERR_clear_error()
    }

    deinit {
        server.free()
        // Without an end in good order the session would not be resumed.
        unsafe SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        unsafe SSL_free(ssl)
        unsafe SSL_CTX_free(context)
    }

    /// Takes the connection as far as it goes; whether the handshake is complete on both sides.
    @discardableResult
    func run() -> Bool {
        for _ in 0..<6 {
            if unsafe SSL_do_handshake(ssl) == 1 {
                var byte: UInt8 = 0
                unsafe SSL_read(ssl, &byte, 0)
                unsafe SSL_peek(ssl, &byte, 1)
            }
            ERR_clear_error()
            serve()
        }
        return unsafe SSL_is_init_finished(ssl) != 0 && server.isComplete
    }

    /// Hands the server what the client has written, and back.
    private func serve() {
        var bytes = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(output))
        if !bytes.isEmpty { unsafe BIO_read(output, &bytes, Int32(bytes.count)) }
        bytes.withBytes { bytes in
            wire.offer(bytes)
            wire.lend(memory.writer())
            serverStep = server.isComplete ? server.read(into: plain.writer()) : server.shake()
            if serverStep == .done(0) { serverStep = server.read(into: plain.writer()) }
        }
        #expect(ERR_peek_error() == 0)
        let written = (0..<wire.written).map { memory[$0] }
        if !written.isEmpty { unsafe BIO_write(input, written, Int32(written.count)) }
    }

    /// Begins a second handshake on the connection; whether that one is complete, too.
    func renegotiate() -> Bool {
        guard unsafe SSL_renegotiate(ssl) == 1 else { return false }
        for _ in 0..<4 {
            unsafe SSL_do_handshake(ssl)
            ERR_clear_error()
            serve()
        }
        return unsafe SSL_is_init_finished(ssl) != 0
    }

    /// The session that the connection's last ticket stands for.
    func session() throws -> TestSession {
        unsafe TestSession(try #require(unsafe SSL_get1_session(ssl)))
    }

    var chosenProtocol: String {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &start, &count)
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: Int(count)),
            as: UTF8.self
        )
    }

    /// The OCSP response that came.
    var staple: [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe withUnsafeMutablePointer(to: &start) {
            unsafe SSL_ctrl(ssl, SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, $0)
        }
        return unsafe count > 0 ? Array(UnsafeBufferPointer(start: start, count: count)) : []
    }
}

/// A session with its ticket, owned.
@safe
final class TestSession {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    deinit { unsafe SSL_SESSION_free(pointer) }

    var hasTicket: Bool { unsafe SSL_SESSION_has_ticket(pointer) == 1 }
    /// Seconds that the server lets the ticket live.
    var lifetime: UInt { unsafe SSL_SESSION_get_ticket_lifetime_hint(pointer) }
}
