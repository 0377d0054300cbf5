internal import CTLS

/// The cipher suites that a handshake with certificates may use, as far as OpenSSL has them.
package enum CipherSuites {
    /// The names that OpenSSL writes.
    package static var names: [String] { all.map(\.name) }

    /// OpenSSL's name of a suite by that name or by IANA's; nil when there is no such suite.
    package static func openSSLName(_ name: String) -> String? {
        all.first { $0.name == name || $0.standardName == name }?.name
    }

    /// The version that a suite of `names` is for: OpenSSL's names of older ones have no prefix.
    package static func version(of name: String) -> TLSVersion {
        name.hasPrefix("TLS_") ? .v13 : .v12
    }

    private struct Suite: Sendable {
        let name: String
        let standardName: String
    }

    /// Neither anonymous nor unencrypted ones, and none for shared secrets instead of certificates.
    private static let legacyList = "ALL:!aNULL:!eNULL:!PSK:!SRP:!DSS"
    /// All of RFC 8446.
    private static let list = """
        TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:\
        TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256
        """

    private static let all: [Suite] = unsafe Scratch.with { context in
        guard unsafe SSL_CTX_set_cipher_list(context, legacyList) == 1,
            unsafe SSL_CTX_set_ciphersuites(context, list) == 1
        else { return [] }
        let stack = unsafe SSL_CTX_get_ciphers(context)
        return (0..<(unsafe ctls_ciphers_count(stack))).compactMap { index in
            let suite = unsafe ctls_ciphers_at(stack, index)
            guard let name = unsafe SSL_CIPHER_get_name(suite),
                let standardName = unsafe SSL_CIPHER_standard_name(suite)
            else { return nil }
            return unsafe Suite(
                name: String(cString: name),
                standardName: String(cString: standardName)
            )
        }
    }
}

/// The groups of a key exchange, as far as OpenSSL has them.
package enum KeyGroups {
    /// The names that OpenSSL takes, best known first.
    package static let names: [String] = unsafe Scratch.with { context in
        candidates.filter { unsafe ctls_set_groups(context, $0) == 1 }
    }

    /// OpenSSL's name of a group by that name, by IANA's or by NIST's, in any case of letters; nil
    /// when there is no such group.
    package static func openSSLName(_ name: String) -> String? {
        let word = name.lowercased()
        let meant = otherNames[word] ?? word
        return names.first { $0.lowercased() == meant }
    }

    private static let candidates = [
        "X25519", "P-256", "P-384", "P-521", "X448", "X25519MLKEM768", "SecP256r1MLKEM768",
        "SecP384r1MLKEM1024", "MLKEM512", "MLKEM768", "MLKEM1024", "brainpoolP256r1",
        "brainpoolP384r1", "brainpoolP512r1", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144",
        "ffdhe8192",
    ]
    private static let otherNames = [
        "secp256r1": "p-256", "prime256v1": "p-256", "secp384r1": "p-384", "secp521r1": "p-521",
    ]
}

/// A context to try names on.
private enum Scratch {
    /// What `body` finds out; nothing where OpenSSL gives no context.
    static func with<Value>(_ body: (OpaquePointer) -> [Value]) -> [Value] {
        guard let context = unsafe SSL_CTX_new(TLS_method()) else { return [] }
        defer {
            unsafe SSL_CTX_free(context)
            ERR_clear_error()
        }
        return unsafe body(context)
    }
}
