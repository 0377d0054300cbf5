internal import CCrypto

/// A certificate that is being made, or was read, with its key.
@safe
final class CertificateDraft {
    /// Clocks of peers may be behind by this.
    private static let backdatedSeconds = 3_600

    private let certificate: OpaquePointer
    private let key: OpaquePointer

    /// An empty certificate and a new key.
    init() throws(PluginError) {
        guard let certificate = unsafe X509_new(), let key = unsafe ccrypto_make_key() else {
            throw Self.failure("making a key")
        }
        unsafe self.certificate = unsafe certificate
        unsafe self.key = unsafe key
    }

    /// What two PEM texts say.
    init(reading credential: Credential) throws(PluginError) {
        let certificate = unsafe reading(credential.certificate) { bio in
            unsafe PEM_read_bio_X509(bio, nil, nil, nil)
        }
        let key = unsafe reading(credential.key) { bio in
            unsafe PEM_read_bio_PrivateKey(bio, nil, noPassword, nil)
        }
        guard let certificate = unsafe certificate, let key = unsafe key,
            unsafe X509_check_private_key(certificate, key) == 1
        else {
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
            ERR_clear_error()
            throw PluginError(.invalid, "expected a certificate and its private key in PEM")
        }
        unsafe self.certificate = unsafe certificate
        unsafe self.key = unsafe key
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    /// Version, serial number, subject, issuer, validity and public key.
    func identify(_ terms: CertificateTerms, issuer: CertificateDraft) throws(PluginError) {
        let serial = try SecureRandom.bytes(16)
        let number = unsafe BN_bin2bn(serial, Int32(serial.count), nil)
        defer { unsafe BN_free(number) }
        let subject = unsafe X509_get_subject_name(certificate)
        let start = unsafe X509_getm_notBefore(certificate)
        let end = unsafe X509_getm_notAfter(certificate)
        var isDone =
            unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
            // The number of version 3.
            && X509_set_version(certificate, 2) == 1
            && X509_set_pubkey(certificate, key) == 1
            && X509_gmtime_adj(start, -Self.backdatedSeconds) != nil
            && X509_time_adj_ex(end, Int32(terms.days), 0, nil) != nil
        for (kind, name) in [(NID_commonName, terms.commonName)]
            + terms.organizations.map({ (NID_organizationName, $0) }) where isDone
        {
            let text = Array(name.utf8)
            let count = Int32(text.count)
            isDone =
                unsafe X509_NAME_add_entry_by_NID(
                    subject,
                    kind,
                    MBSTRING_UTF8,
                    text,
                    count,
                    -1,
                    0
                ) == 1
        }
        let issuerName = unsafe X509_get_subject_name(issuer.certificate)
        guard isDone, unsafe X509_set_issuer_name(certificate, issuerName) == 1 else {
            throw Self.failure("describing a certificate")
        }
        try endWith(issuer)
    }

    /// Nobody accepts it after its authority.
    private func endWith(_ issuer: CertificateDraft) throws(PluginError) {
        let latest = unsafe X509_get0_notAfter(issuer.certificate)
        guard issuer !== self, unsafe ASN1_TIME_compare(X509_get0_notAfter(certificate), latest) > 0
        else { return }
        guard unsafe X509_set1_notAfter(certificate, latest) == 1 else {
            throw Self.failure("limiting a certificate")
        }
    }

    /// Adds extensions in the text form of x509v3_config(5).
    func extend(
        _ extensions: [(kind: Int32, text: String)],
        issuer: CertificateDraft
    ) throws(PluginError) {
        for (kind, text) in extensions {
            let status = unsafe ccrypto_add_extension(issuer.certificate, certificate, kind, text)
            if status != 1 { throw Self.failure("adding \(text)") }
        }
    }

    /// Signs it and writes it down.
    func sign(by issuer: CertificateDraft) throws(PluginError) -> Credential {
        guard unsafe X509_sign(certificate, issuer.key, EVP_sha256()) > 0 else {
            throw Self.failure("signing a certificate")
        }
        return Credential(
            certificate: try unsafe Self.written { bio in
                unsafe PEM_write_bio_X509(bio, certificate)
            },
            key: try unsafe Self.written { bio in
                unsafe PEM_write_bio_PKCS8PrivateKey(bio, key, nil, nil, 0, nil, nil)
            }
        )
    }

    private static func written(
        _ write: (OpaquePointer) -> Int32
    ) throws(PluginError) -> [UInt8] {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw failure("writing PEM") }
        defer { unsafe BIO_free(bio) }
        guard unsafe write(bio) == 1 else { throw failure("writing PEM") }
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe ccrypto_memory_bytes(bio, &start)
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(count)))
    }

    /// What OpenSSL says; its queue of errors is empty afterwards.
    private static func failure(_ deed: String) -> PluginError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        let reason = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
        return PluginError(.internal, "\(deed): \(reason ?? "OpenSSL gave no reason")")
    }
}

/// Without this, OpenSSL would want the password of an encrypted key at the terminal.
private func noPassword(
    _ room: UnsafeMutablePointer<CChar>?,
    _ size: Int32,
    _ isWriting: Int32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    0
}

private func reading(
    _ text: [UInt8],
    _ read: (OpaquePointer?) -> OpaquePointer?
) -> OpaquePointer? {
    unsafe text.withUnsafeBytes { bytes in
        let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
        defer { unsafe BIO_free(bio) }
        return unsafe bio == nil ? nil : read(bio)
    }
}
