import SluiceTLS
import Testing

/// Names of cipher suites and groups, as documents write them.
struct NamesTests {
    @Test(arguments: [
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
        ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("TLS_RSA_WITH_NULL_SHA256", nil), ("NULL-SHA256", nil), ("ADH-AES128-GCM-SHA256", nil),
        ("PSK-AES128-GCM-SHA256", nil), ("ALL", nil), ("", nil),
    ])
    func `a cipher suite has a name of OpenSSL and one of IANA`(name: String, expected: String?) {
        #expect(CipherSuites.openSSLName(name) == expected)
    }

    @Test func `a suite is for one version`() {
        #expect(CipherSuites.version(of: "TLS_AES_128_GCM_SHA256") == .v13)
        #expect(CipherSuites.version(of: "ECDHE-RSA-AES128-GCM-SHA256") == .v12)
        let modern = CipherSuites.names.filter { CipherSuites.version(of: $0) == .v13 }
        #expect(modern.contains("TLS_AES_256_GCM_SHA384") && modern.count <= 5)
    }

    @Test(arguments: [
        ("X25519", "X25519"), ("x25519", "X25519"), ("P-256", "P-256"), ("secp256r1", "P-256"),
        ("prime256v1", "P-256"), ("secp384r1", "P-384"), ("P-521", "P-521"),
        ("ffdhe2048", "ffdhe2048"), ("P-257", nil), ("X25519:P-256", nil), ("", nil),
    ])
    func `a group has several names`(name: String, expected: String?) {
        #expect(KeyGroups.openSSLName(name) == expected)
    }
}
