import CTLS
import SluiceTLS

/// The kinds of keys that tests make.
enum TestKeyKind: Sendable {
    case ec(String)
    case rsa(Int)
    case other(String)

    static let p256 = TestKeyKind.ec("P-256")
}

/// How a key is written down.
enum TestKeyForm: Sendable {
    case pkcs8
    case traditional
    case encryptedPKCS8
    case encryptedTraditional
}

/// A private key, owned.
@safe
final class TestKey {
    let pointer: OpaquePointer

    init(_ kind: TestKeyKind) {
        let made: OpaquePointer?
        switch kind {
        case .ec(let curve): unsafe made = unsafe ctls_make_ec_key(curve)
        case .rsa(let bits): unsafe made = unsafe ctls_make_rsa_key(bits)
        case .other(let name):
            let context = unsafe EVP_PKEY_CTX_new_from_name(nil, name, nil)
            defer { unsafe EVP_PKEY_CTX_free(context) }
            var key: OpaquePointer?
            unsafe EVP_PKEY_keygen_init(context)
            unsafe EVP_PKEY_generate(context, &key)
            unsafe made = unsafe key
        }
        guard let made = unsafe made else { preconditionFailure("a key") }
        unsafe pointer = unsafe made
    }

    func pem(_ form: TestKeyForm = .pkcs8) -> [UInt8] {
        unsafe writtenPEM { bio in
            let cipher = unsafe EVP_aes_256_cbc()
            switch form {
            case .pkcs8:
                unsafe PEM_write_bio_PKCS8PrivateKey(bio, pointer, nil, nil, 0, nil, nil)
            case .traditional:
                unsafe PEM_write_bio_PrivateKey_traditional(bio, pointer, nil, nil, 0, nil, nil)
            case .encryptedPKCS8:
                unsafe PEM_write_bio_PKCS8PrivateKey(
                    bio,
                    pointer,
                    cipher,
                    "secret",
                    6,
                    nil,
                    nil
                )
            case .encryptedTraditional:
                unsafe PEM_write_bio_PrivateKey_traditional(
                    bio,
                    pointer,
                    cipher,
                    Array("secret".utf8),
                    6,
                    nil,
                    nil
                )
            }
        }
    }

    deinit { unsafe EVP_PKEY_free(pointer) }
}

/// What a certificate says; the defaults are those of a plain leaf.
struct TestTerms {
    var commonName = Array("leaf.test".utf8)
    /// DNS names of the subjectAltName; nil: no such extension.
    var names: [[UInt8]]? = [Array("leaf.test".utf8)]
    var addresses: [String] = []
    var isAuthority = false
    /// Seconds from now.
    var starts = -3_600
    var ends = 86_400
    var usesSHA1 = false
    var extensions: [(kind: Int32, text: String)] = []

    static func named(_ names: String...) -> TestTerms {
        var terms = TestTerms()
        terms.commonName = Array((names.first ?? "").utf8)
        terms.names = names.map { Array($0.utf8) }
        return terms
    }
}

/// A certificate with its key, which may sign others.
@safe
final class TestAuthority {
    let key: TestKey
    let certificate: OpaquePointer
    let pem: [UInt8]

    /// Self-signed, or signed by `issuer`.
    convenience init(
        _ terms: TestTerms,
        _ kind: TestKeyKind = .p256,
        issuer: TestAuthority? = nil
    ) {
        self.init(terms, sharing: TestKey(kind), issuer: issuer)
    }

    /// With a key that others have too.
    init(_ terms: TestTerms, sharing key: TestKey, issuer: TestAuthority? = nil) {
        self.key = key
        let made = unsafe Self.certificate(terms, key, issuer)
        unsafe certificate = unsafe made
        pem = unsafe writtenPEM { unsafe PEM_write_bio_X509($0, made) }
    }

    /// A root by the name of `name`.
    static func root(_ name: String = "Test root") -> TestAuthority {
        TestAuthority(authorityTerms(name))
    }

    func intermediate(_ name: String = "Test intermediate") -> TestAuthority {
        TestAuthority(Self.authorityTerms(name), issuer: self)
    }

    func leaf(_ terms: TestTerms = TestTerms(), _ kind: TestKeyKind = .p256) -> TestAuthority {
        TestAuthority(terms, kind, issuer: self)
    }

    private static func authorityTerms(_ name: String) -> TestTerms {
        var terms = TestTerms()
        terms.commonName = Array(name.utf8)
        terms.names = nil
        terms.isAuthority = true
        return terms
    }

    private static func certificate(
        _ terms: TestTerms,
        _ key: TestKey,
        _ issuer: TestAuthority?
    ) -> OpaquePointer {
        guard let made = unsafe X509_new() else { preconditionFailure("memory") }
        unsafe X509_set_version(made, 2)
        var serial: Int64 = 0
        unsafe withUnsafeMutableBytes(of: &serial) { bytes in
            _ = unsafe RAND_bytes(bytes.baseAddress, 7)
        }
        unsafe ASN1_INTEGER_set_int64(X509_get_serialNumber(made), serial)
        unsafe X509_gmtime_adj(X509_getm_notBefore(made), terms.starts)
        unsafe X509_gmtime_adj(X509_getm_notAfter(made), terms.ends)
        let subject = unsafe X509_get_subject_name(made)
        let text = terms.commonName
        let count = Int32(text.count)
        unsafe X509_NAME_add_entry_by_NID(
            subject,
            NID_commonName,
            MBSTRING_UTF8,
            text,
            count,
            -1,
            0
        )
        let signer = unsafe issuer?.certificate ?? made
        unsafe X509_set_issuer_name(made, X509_get_subject_name(signer))
        unsafe X509_set_pubkey(made, key.pointer)
        unsafe extend(made, terms, signer)
        let signingKey = unsafe issuer?.key.pointer ?? key.pointer
        let isDigestFixed = unsafe EVP_PKEY_get_base_id(signingKey) == EVP_PKEY_ED25519
        let digest = unsafe terms.usesSHA1 ? EVP_sha1() : EVP_sha256()
        let length = unsafe X509_sign(made, signingKey, isDigestFixed ? nil : digest)
        precondition(length > 0, "a signature")
        return unsafe made
    }

    private static func extend(
        _ made: OpaquePointer,
        _ terms: TestTerms,
        _ signer: OpaquePointer
    ) {
        let basic = terms.isAuthority ? "critical,CA:TRUE" : "CA:FALSE"
        unsafe ctls_add_extension(signer, made, NID_basic_constraints, basic)
        unsafe ctls_add_extension(signer, made, NID_subject_key_identifier, "hash")
        for (kind, text) in terms.extensions {
            unsafe ctls_add_extension(signer, made, kind, text)
        }
        guard let names = terms.names else { return }
        let list = unsafe ctls_general_names_new()
        defer { unsafe ctls_general_names_free(list) }
        for name in names {
            let text = unsafe ASN1_STRING_type_new(V_ASN1_IA5STRING)
            unsafe ASN1_STRING_set(text, name, Int32(name.count))
            unsafe ctls_general_names_add(list, GEN_DNS, text)
        }
        for address in terms.addresses {
            unsafe ctls_general_names_add(list, GEN_IPADD, a2i_IPADDRESS(address))
        }
        unsafe X509_add1_ext_i2d(made, NID_subject_alt_name, UnsafeMutableRawPointer(list), 0, 0)
    }

    deinit { unsafe X509_free(certificate) }
}

/// What `write` wrote.
func writtenPEM(_ write: (OpaquePointer) -> some Any) -> [UInt8] {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { preconditionFailure("memory") }
    defer { unsafe BIO_free(bio) }
    _ = unsafe write(bio)
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe ctls_memory_bytes(bio, &start)
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(count)))
}

extension Authorities {
    /// Whether a handshake would find that they vouch for `leaf` alone.
    func vouch(for leaf: TestAuthority) -> Bool {
        unsafe verify(leaf.certificate, [])
    }

    /// Whether they vouch for the leaf, with or without its intermediates.
    func vouch(for presented: Certificate, withChain: Bool = true) -> Bool {
        unsafe verify(presented.leaf, withChain ? presented.chain : [])
    }

    private func verify(_ leaf: OpaquePointer, _ intermediates: [OpaquePointer]) -> Bool {
        let context = unsafe X509_STORE_CTX_new()
        let stack = unsafe ctls_certificates_new()
        defer {
            unsafe X509_STORE_CTX_free(context)
            unsafe ctls_certificates_free(stack)
            ERR_clear_error()
        }
        for place in unsafe intermediates.indices {
            unsafe X509_up_ref(intermediates[place])
            unsafe ctls_certificates_push(stack, intermediates[place])
        }
        unsafe X509_STORE_CTX_init(context, store, leaf, stack)
        return unsafe X509_verify_cert(context) == 1
    }
}
