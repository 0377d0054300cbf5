import CTLS

/// One side of a connection under TLS, by OpenSSL alone: nothing of the host is in it.
///
/// Ciphertext is fed and taken; plain bytes are written and read. What is written before the
/// handshake is complete leaves behind it.
@safe
final class SimulatedTLS {
    enum Side {
        case client(name: String, isOld: Bool)
        case server(isStranger: Bool, isOld: Bool)
    }

    /// The peer has ended its stream with a close_notify.
    private(set) var hasEnded = false
    /// The connection cannot go on.
    private(set) var isFailed = false
    /// Why, in the words of OpenSSL.
    private(set) var failure = ""
    /// The peer's alert has said so, not this side.
    private(set) var isAlerted = false

    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private var waiting: [UInt8] = []
    private var endsBehind = false
    private var hasSentEnd = false

    init(_ side: Side) {
        let contexts = SimulatedContexts.process
        let context: OpaquePointer
        switch side {
        case .client: unsafe context = contexts.client
        case .server(let isStranger, _):
            unsafe context = isStranger ? contexts.stranger : contexts.origin
        }
        guard let ssl = unsafe SSL_new(context), let input = unsafe BIO_new(BIO_s_mem()),
            let output = unsafe BIO_new(BIO_s_mem())
        else { preconditionFailure("memory for a connection") }
        unsafe SSL_set_bio(ssl, input, output)
        unsafe (self.ssl, self.input, self.output) = unsafe (ssl, input, output)
        switch side {
        case .client(let name, let isOld):
            unsafe ctls_set_server_name(ssl, name)
            if isOld { unsafe SSL_set_options(ssl, Self.noNewest) }
            unsafe SSL_set_connect_state(ssl)
        case .server(_, let isOld):
            if isOld { unsafe SSL_set_options(ssl, Self.noNewest) }
            unsafe SSL_set_accept_state(ssl)
        }
    }

    deinit { unsafe SSL_free(ssl) }

    /// SSL_OP_NO_TLSv1_3, a macro.
    private static let noNewest: UInt64 = 1 << 29

    var isComplete: Bool { unsafe SSL_is_init_finished(ssl) != 0 }

    /// Takes what came, and gives the plain bytes in it.
    func feed(_ bytes: [UInt8]) -> [UInt8] {
        if !bytes.isEmpty { unsafe BIO_write(input, bytes, Int32(bytes.count)) }
        return goOn()
    }

    func write(_ bytes: some Sequence<UInt8>) {
        waiting += bytes
        _ = goOn()
    }

    /// Writes a close_notify behind everything else.
    func end() {
        endsBehind = true
        _ = goOn()
    }

    /// New keys from here on, and of the peer too (RFC 8446 4.6.3).
    func updateKeys() {
        let isNewest = unsafe SSL_version(ssl) == TLS1_3_VERSION
        guard isNewest, isComplete, !isFailed, !hasSentEnd else { return }
        unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)
        ERR_clear_error()
    }

    /// The ciphertext that is to be sent.
    func take() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(output))
        if !bytes.isEmpty { unsafe BIO_read(output, &bytes, Int32(bytes.count)) }
        return bytes
    }

    /// The handshake, then what waits to be written, then what can be read.
    private func goOn() -> [UInt8] {
        guard !isFailed else { return [] }
        if !isComplete, unsafe !judge(SSL_do_handshake(ssl)) { return [] }
        var plain: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe SSL_read(ssl, &part, Int32(part.count))
            guard judge(count) else { break }
            plain += part.prefix(Int(count))
        }
        send()
        return plain
    }

    private func send() {
        guard isComplete, !isFailed, !hasSentEnd else { return }
        if !waiting.isEmpty {
            let isWritten = unsafe judge(SSL_write(ssl, waiting, Int32(waiting.count)))
            precondition(isWritten || isFailed, "memory takes all that is written")
            waiting = []
        }
        guard endsBehind, !isFailed else { return }
        hasSentEnd = true
        unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// Whether a step did something; if not, why not.
    private func judge(_ result: Int32) -> Bool {
        guard result <= 0 else { return true }
        let error = unsafe SSL_get_error(ssl, result)
        let code = ERR_peek_error()
        ERR_clear_error()
        switch error {
        case SSL_ERROR_WANT_READ: break
        case SSL_ERROR_ZERO_RETURN: hasEnded = true
        default:
            isFailed = true
            if let text = unsafe ERR_reason_error_string(code) {
                failure = unsafe String(cString: text)
            }
            // Alerts of the peer have reasons of their own (SSL_AD_REASON_OFFSET).
            isAlerted = ERR_GET_REASON(code) >= 1_000
        }
        return false
    }
}

/// The contexts of clients and origins, made once: a run counts no random number for them.
@safe
struct SimulatedContexts: @unchecked Sendable {
    static let process = SimulatedContexts()

    let client: OpaquePointer
    let origin: OpaquePointer
    /// An origin whose certificate nobody trusts.
    let stranger: OpaquePointer

    private init() {
        unsafe client = Self.make(TLS_client_method())
        unsafe SSL_CTX_set_verify(client, SSL_VERIFY_PEER, nil)
        let store = unsafe SSL_CTX_get_cert_store(client)
        for trusted in SimulatedCertificate.trusted {
            let certificate = unsafe Self.certificate(trusted)
            unsafe X509_STORE_add_cert(store, certificate)
            unsafe X509_free(certificate)
        }
        let parameters = unsafe SSL_CTX_get0_param(client)
        unsafe X509_VERIFY_PARAM_set1_host(parameters, "a.test", 0)
        unsafe origin = Self.make(TLS_server_method())
        unsafe Self.present(.origin, origin)
        unsafe stranger = Self.make(TLS_server_method())
        unsafe Self.present(.stranger, stranger)
    }

    private static func make(_ method: OpaquePointer?) -> OpaquePointer {
        guard let context = unsafe SSL_CTX_new(method) else { preconditionFailure("memory") }
        unsafe ctls_set_groups(context, "X25519:P-256")
        return unsafe context
    }

    private static func present(_ from: SimulatedCertificate, _ context: OpaquePointer) {
        let certificate = unsafe certificate(from)
        unsafe SSL_CTX_use_certificate(context, certificate)
        unsafe X509_free(certificate)
        let bio = unsafe BIO_new_mem_buf(Array(from.key.utf8), Int32(from.key.utf8.count))
        defer { unsafe BIO_free(bio) }
        let key = unsafe PEM_read_bio_PrivateKey(bio, nil, nil, nil)
        let isUsed = unsafe SSL_CTX_use_PrivateKey(context, key) == 1
        precondition(isUsed, "a key that fits")
        unsafe EVP_PKEY_free(key)
    }

    private static func certificate(_ from: SimulatedCertificate) -> OpaquePointer? {
        let text = Array(from.chain.utf8)
        return unsafe text.withUnsafeBytes { bytes in
            let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { unsafe BIO_free(bio) }
            return unsafe PEM_read_bio_X509(bio, nil, nil, nil)
        }
    }
}
