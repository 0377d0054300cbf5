internal import CTLS

/// A context of OpenSSL, made of a recipe for one worker.
///
/// A connection holds its context, so `free` takes effect when the last one has ended.
@safe
package struct Context: BitwiseCopyable {
    let pointer: OpaquePointer

    /// Makes a context; nil when OpenSSL refuses it, the reason then stands in its queue of errors.
    ///
    /// `tickets` are the worker's own.
    package init?(_ recipe: ContextRecipe, tickets: Tickets) {
        let method: OpaquePointer? =
            switch recipe.side {
            case .server: unsafe TLS_server_method()
            case .client: unsafe TLS_client_method()
            }
        guard let pointer = unsafe SSL_CTX_new(method) else { return nil }
        unsafe self.pointer = pointer
        let isMade =
            switch recipe.side {
            case .server(let terms): build(server: terms, recipe, tickets)
            case .client(let terms): build(client: terms, recipe)
            }
        guard isMade else {
            free()
            return nil
        }
    }

    /// Lets go of the context.
    package func free() { unsafe SSL_CTX_free(pointer) }

    /// Why OpenSSL refused the last recipe on this thread; control side, for people.
    package static func refusal() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else {
            return "OpenSSL gives no reason"
        }
        return unsafe String(cString: text)
    }
}

// What both sides have.
extension Context {
    /// The longest chain of certificates of a peer, in bytes.
    private static var peerChainBytesMax: Int { 64 * 1_024 }

    private func build(_ terms: HandshakeTerms, _ recipe: ContextRecipe) -> Bool {
        unsafe SSL_CTX_set_options(pointer, ctls_base_options())
        unsafe ctls_set_modes(pointer)
        unsafe ctls_set_no_session_cache(pointer)
        unsafe ctls_set_peer_chain_max(pointer, Self.peerChainBytesMax)
        guard unsafe SSL_CTX_set_max_early_data(pointer, 0) == 1 else { return false }
        keep(recipe)
        let suites = SuiteLists(terms.cipherSuites)
        guard unsafe SSL_CTX_set_ciphersuites(pointer, suites.tls13) == 1,
            unsafe SSL_CTX_set_cipher_list(pointer, suites.tls12) == 1
        else { return false }
        // A list without a suite of one version rules that version out.
        let least = max(terms.minVersion, suites.has12 ? .v12 : .v13)
        let most = min(terms.maxVersion, suites.has13 ? .v13 : .v12)
        guard least <= most, unsafe ctls_set_min_version(pointer, least.rawValue) == 1,
            unsafe ctls_set_max_version(pointer, most.rawValue) == 1
        else { return false }
        return setGroups(terms.groups) && present(recipe.certificates)
    }

    private func setGroups(_ names: [String]) -> Bool {
        guard names.isEmpty else {
            return unsafe ctls_set_groups(
                pointer,
                names.map { KeyGroups.openSSLName($0) ?? $0 }.joined(separator: ":")
            ) == 1
        }
        // The hybrid group is known from OpenSSL 3.5 on.
        if unsafe ctls_set_groups(pointer, "X25519MLKEM768:X25519:P-256:P-384") == 1 { return true }
        ERR_clear_error()
        return unsafe ctls_set_groups(pointer, "X25519:P-256:P-384") == 1
    }

    private func present(_ certificates: [Certificate]) -> Bool {
        for certificate in certificates {
            guard unsafe SSL_CTX_use_certificate(pointer, certificate.leaf) == 1,
                unsafe SSL_CTX_use_PrivateKey(pointer, certificate.key) == 1
            else { return false }
            let isWhole = unsafe certificate.chain.allSatisfy { issuer in
                unsafe ctls_add_chain_certificate(pointer, issuer) == 1
            }
            guard isWhole else { return false }
        }
        return true
    }

    /// The context keeps its recipe for its callbacks; the last connection lets go of both.
    private func keep(_ recipe: ContextRecipe) {
        let retained = unsafe Unmanaged.passRetained(recipe).toOpaque()
        unsafe SSL_CTX_set_ex_data(pointer, ContextRecipe.index, retained)
    }
}

// The server's side.
extension Context {
    private func build(server terms: ServerTerms, _ recipe: ContextRecipe, _ tickets: Tickets)
        -> Bool
    {
        guard build(terms.handshake, recipe) else { return false }
        // Without one, OpenSSL does not tell the name of a resumed session of TLS 1.2.
        unsafe ctls_accept_names(pointer)
        // The first suite of the list that the client has; ChaCha20 where the client prefers it.
        unsafe SSL_CTX_set_options(pointer, ctls_server_preference())
        let audience = recipe.audience
        guard unsafe SSL_CTX_set_session_id_context(pointer, audience, UInt32(audience.count)) == 1
        else { return false }
        if terms.usesTickets {
            tickets.serve(self)
        } else {
            unsafe SSL_CTX_set_options(pointer, ctls_no_ticket())
            guard unsafe SSL_CTX_set_num_tickets(pointer, 0) == 1 else { return false }
        }
        if !terms.protocols.isEmpty { offerProtocols() }
        if recipe.certificates.contains(where: \.hasResponse) { staple() }
        return terms.clients == .none || requestCertificates(terms.clients, recipe)
    }

    /// Answers ALPN with what the host speaks, HTTP/1.1 before HTTP/1.0; a client that offers other
    /// protocols alone is refused with no_application_protocol (RFC 7301 3.2).
    private func offerProtocols() {
        unsafe SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, output, outputLength, input, inputLength, _ in
                guard let input = unsafe input, let output = unsafe output,
                    let outputLength = unsafe outputLength
                else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                let current = unsafe ContextRecipe.find("http/1.1", input, inputLength)
                guard
                    let found = unsafe current
                        ?? ContextRecipe.find("http/1.0", input, inputLength)
                else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                unsafe output.pointee = found + 1
                unsafe outputLength.pointee = found.pointee
                return SSL_TLSEXT_ERR_OK
            },
            nil
        )
    }

    /// Sends the OCSP response that the certificate in use came with, while it counts (RFC 6066
    /// section 8).
    private func staple() {
        unsafe ctls_set_status_callback(pointer) { ssl, _ in
            guard let ssl = unsafe ssl, let used = unsafe SSL_get_certificate(ssl),
                let recipe = unsafe ContextRecipe.of(ssl),
                let certificate = recipe.certificates.first(where: {
                    unsafe X509_cmp($0.leaf, used) == 0
                })
            else { return SSL_TLSEXT_ERR_NOACK }
            let response = certificate.response(at: ctls_seconds())
            let count = response.count
            guard count > 0, let copy = unsafe ctls_allocate(count) else {
                return SSL_TLSEXT_ERR_NOACK
            }
            unsafe response.withUnsafeBytes { response in
                guard let base = response.baseAddress else { return }
                unsafe copy.copyMemory(from: base, byteCount: count)
            }
            unsafe ctls_set_status(ssl, copy.assumingMemoryBound(to: UInt8.self), count)
            return SSL_TLSEXT_ERR_OK
        }
    }

    /// Requests certificates of clients (RFC 8446 4.3.2).
    private func requestCertificates(_ validation: ClientValidation, _ recipe: ContextRecipe)
        -> Bool
    {
        if let authorities = recipe.authorities {
            guard unsafe ctls_set_verify_store(pointer, authorities.store) == 1 else {
                return false
            }
            unsafe ctls_set_client_names(pointer, authorities.names)
        }
        switch validation {
        case .none: break
        case .required, .optional:
            let isRequired = validation == .required
            unsafe SSL_CTX_set_verify(
                pointer,
                SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
            ) { isValid, store in
                guard isValid == 1, let store = unsafe store else { return 0 }
                return unsafe PeerNames.areWhole(store) ? 1 : 0
            }
        case .insecureFallback:
            // The result of the check stays with the connection: only a valid one is an identity.
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER) { isValid, store in
                if isValid == 1, let store = unsafe store { _ = unsafe PeerNames.areWhole(store) }
                return 1
            }
        }
        return true
    }
}

// The client's side.
extension Context {
    private func build(client terms: ClientTerms, _ recipe: ContextRecipe) -> Bool {
        guard build(terms.handshake, recipe), let authorities = recipe.authorities,
            unsafe ctls_set_verify_store(pointer, authorities.store) == 1
        else { return false }
        guard terms.acceptedNames.isEmpty else {
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER) { isValid, store in
                guard isValid == 1, let store = unsafe store else { return 0 }
                return unsafe PeerNames.isAccepted(store) ? 1 : 0
            }
            return true
        }
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let parameters = unsafe SSL_CTX_get0_param(pointer)
        unsafe X509_VERIFY_PARAM_set_hostflags(
            parameters,
            // Names stand in the subject alternative names alone (RFC 9525 2).
            UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        )
        return unsafe X509_VERIFY_PARAM_set1_host(parameters, terms.serverName, 0) == 1
    }

    /// Names the origin to a connection that is about to begin; false when there is no memory.
    func prepare(client ssl: OpaquePointer) -> Bool {
        guard let recipe = unsafe ContextRecipe.of(ssl), case .client(let terms) = recipe.side
        else { return false }
        return unsafe ctls_set_server_name(ssl, terms.serverName) == 1
    }
}

/// The two lists of suites that OpenSSL wants, from one that a person writes.
struct SuiteLists {
    let tls12: String
    let tls13: String
    let has12: Bool
    let has13: Bool

    /// Mozilla's intermediate settings (guideline 6.0).
    private static let defaults12 =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
        + ":ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
        + ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    private static let defaults13 =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    /// Without names: the defaults.
    init(_ names: [String]) {
        guard !names.isEmpty else {
            (tls12, tls13, has12, has13) = (Self.defaults12, Self.defaults13, true, true)
            return
        }
        let known = names.map { CipherSuites.openSSLName($0) ?? $0 }
        // OpenSSL names the suites of TLS 1.3 as IANA does, and no others.
        let names13 = known.filter { $0.hasPrefix("TLS_") }
        let names12 = known.filter { !$0.hasPrefix("TLS_") }
        has12 = !names12.isEmpty
        has13 = !names13.isEmpty
        tls12 = has12 ? names12.joined(separator: ":") : Self.defaults12
        tls13 = names13.joined(separator: ":")
    }
}
