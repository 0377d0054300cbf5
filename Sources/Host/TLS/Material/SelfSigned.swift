internal import CTLS

/// Certificates that vouch for themselves: for a first start, and for tests.
package enum SelfSigned {
    /// Days of validity at most: a hundred years.
    package static let daysMax = 36_500
    /// Characters of a common name (RFC 5280, ub-common-name).
    private static let commonNameMax = 64
    /// Clocks of peers may be behind by this.
    private static let backdatedSeconds = 3_600

    /// A certificate of a server for DNS names and IP addresses, and its key (ECDSA on P-256), both
    /// as PEM; the first name is its subject.
    package static func make(
        names: [String],
        addresses: [String],
        days: Int
    ) throws(MaterialFault) -> (chain: [UInt8], key: [UInt8]) {
        defer { ERR_clear_error() }
        guard let first = names.first ?? addresses.first else { throw .noName }
        guard (1...daysMax).contains(days) else { throw .badDays(limit: daysMax) }
        guard let key = unsafe ctls_make_ec_key("P-256") else { throw .failedMaking }
        defer { unsafe EVP_PKEY_free(key) }
        let certificate = unsafe allocated(X509_new())
        defer { unsafe X509_free(certificate) }

        let commonName = first.utf8.count <= commonNameMax ? first : "self-signed"
        try unsafe identify(certificate, commonName: commonName, key)
        try unsafe limit(certificate, days: days)
        try unsafe addNames(certificate, names, addresses)
        for (kind, text) in [
            (NID_basic_constraints, "critical,CA:FALSE"),
            (NID_key_usage, "critical,digitalSignature"),
            (NID_ext_key_usage, "serverAuth"),
            (NID_subject_key_identifier, "hash"),
        ] {
            try unsafe check(ctls_add_extension(certificate, certificate, kind, text))
        }
        guard unsafe X509_sign(certificate, key, EVP_sha256()) > 0 else { throw .failedMaking }
        return try unsafe write(certificate, key)
    }

    /// Serial number, subject and issuer, and public key.
    private static func identify(
        _ certificate: OpaquePointer,
        commonName: String,
        _ key: OpaquePointer
    ) throws(MaterialFault) {
        var serial = [UInt8](repeating: 0, count: 16)
        try check(unsafe RAND_bytes(&serial, Int32(serial.count)))
        let number = unsafe allocated(BN_bin2bn(serial, Int32(serial.count), nil))
        defer { unsafe BN_free(number) }
        let isSet = unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
        try check(isSet ? 1 : 0)
        // X.509 v3.
        try unsafe check(X509_set_version(certificate, 2))
        let subject = unsafe X509_get_subject_name(certificate)
        let text = [UInt8](commonName.utf8)
        let count = Int32(text.count)
        try unsafe check(
            X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, text, count, -1, 0)
        )
        try unsafe check(X509_set_issuer_name(certificate, subject))
        try unsafe check(X509_set_pubkey(certificate, key))
    }

    private static func limit(
        _ certificate: OpaquePointer,
        days: Int
    ) throws(MaterialFault) {
        let starts = unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), -backdatedSeconds)
        let time = unsafe X509_getm_notAfter(certificate)
        let ends = unsafe X509_time_adj_ex(time, Int32(days), 0, nil)
        guard unsafe starts != nil && ends != nil else { throw .failedMaking }
    }

    /// The subjectAltName.
    private static func addNames(
        _ certificate: OpaquePointer,
        _ names: [String],
        _ addresses: [String]
    ) throws(MaterialFault) {
        let list = unsafe allocated(ctls_general_names_new())
        defer { unsafe ctls_general_names_free(list) }
        for (place, name) in names.enumerated() {
            guard let name = DNSName.lowercased([UInt8](name.utf8)) else {
                throw .badName(place: place + 1)
            }
            let text = unsafe ASN1_STRING_type_new(V_ASN1_IA5STRING)
            try unsafe check(ASN1_STRING_set(text, name, Int32(name.utf8.count)))
            unsafe ctls_general_names_add(list, GEN_DNS, text)
        }
        for (place, address) in addresses.enumerated() {
            guard let bytes = unsafe a2i_IPADDRESS(address) else {
                throw .badAddress(place: place + 1)
            }
            unsafe ctls_general_names_add(list, GEN_IPADD, bytes)
        }
        try unsafe check(
            X509_add1_ext_i2d(
                certificate,
                NID_subject_alt_name,
                UnsafeMutableRawPointer(list),
                0,
                0
            )
        )
    }

    private static func write(
        _ certificate: OpaquePointer,
        _ key: OpaquePointer
    ) throws(MaterialFault) -> (chain: [UInt8], key: [UInt8]) {
        let chain = MemoryBIO()
        let secret = MemoryBIO()
        try unsafe check(PEM_write_bio_X509(chain.pointer, certificate))
        try unsafe check(
            PEM_write_bio_PKCS8PrivateKey(secret.pointer, key, nil, nil, 0, nil, nil)
        )
        return (chain.contents, secret.contents)
    }

    /// What fails here is OpenSSL, or its random numbers.
    private static func check(_ status: Int32) throws(MaterialFault) {
        guard status == 1 else { throw .failedMaking }
    }
}
