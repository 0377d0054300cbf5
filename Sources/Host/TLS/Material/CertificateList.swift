internal import CTLS

/// Certificates of OpenSSL in their order, owned.
@safe
struct CertificateList: ~Copyable {
    /// Each an `X509 *`, valid as long as the list.
    private(set) var pointers: [OpaquePointer] = unsafe []

    var count: Int { unsafe pointers.count }

    subscript(place: Int) -> OpaquePointer { unsafe pointers[place] }

    init() {}

    /// Reads a PEM text that has at least one certificate, and no key.
    init(
        _ text: [UInt8],
        _ source: MaterialFault.Source,
        limit: Int,
        bytesMax: Int
    ) throws(MaterialFault) {
        self.init()
        var reader = try PEMReader(text, source, bytesMax: bytesMax)
        while let block = try reader.next() {
            if block.isPrivateKey { throw reader.misplacedKey }
            guard block.isCertificate else { continue }
            guard let certificate = unsafe block.certificate() else { throw reader.unreadable }
            unsafe pointers.append(certificate)
            guard unsafe pointers.count <= limit else {
                throw .tooManyCertificates(source, limit: limit)
            }
        }
        guard unsafe !pointers.isEmpty else { throw .noCertificate(source) }
    }

    /// Adds a certificate that others own too.
    mutating func share(_ certificate: OpaquePointer) {
        unsafe X509_up_ref(certificate)
        unsafe pointers.append(certificate)
    }

    deinit {
        for place in 0..<count { unsafe X509_free(self[place]) }
    }
}

/// Questions about one `X509 *`.
enum X509Facts {
    /// Bits that level 2 of OpenSSL's security wants of keys and signatures.
    private static let securityBitsMin: Int32 = 112

    /// The certificate in DER.
    static func bytes(of certificate: OpaquePointer) -> [UInt8] {
        let count = unsafe Int(i2d_X509(certificate, nil))
        precondition(count > 0, "what was decoded can be encoded")
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var cursor = buffer.baseAddress
            filled = unsafe Int(i2d_X509(certificate, &cursor))
        }
    }

    /// The subject as RFC 2253 writes it; control characters are escaped.
    static func subject(of certificate: OpaquePointer) -> String {
        let text = MemoryBIO()
        unsafe ctls_print_name(text.pointer, X509_get_subject_name(certificate))
        return String(decoding: text.contents, as: UTF8.self)
    }

    /// Whether OpenSSL refuses to present it: the rules of `SSL_CTX_use_certificate`.
    static func isWeak(_ certificate: OpaquePointer) -> Bool {
        let key = unsafe X509_get0_pubkey(certificate)
        guard unsafe EVP_PKEY_get_security_bits(key) >= securityBitsMin else { return true }
        if unsafe X509_get_extension_flags(certificate) & UInt32(EXFLAG_SS) != 0 { return false }
        var bits: Int32 = 0
        let status = unsafe X509_get_signature_info(certificate, nil, nil, &bits, nil)
        return status != 1 || bits < securityBitsMin
    }

    /// Seconds since 1970; nil when the time is malformed.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return unsafe Int64(timegm(&parts))
    }
}

/// SHA-256.
enum SHA256 {
    static let count = 32

    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe digest($0) }
    }

    @unsafe
    static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let status = unsafe EVP_Digest(
                bytes.baseAddress,
                bytes.count,
                buffer.baseAddress,
                nil,
                EVP_sha256(),
                nil
            )
            precondition(status == 1, "SHA-256 is there")
            filled = count
        }
    }
}
