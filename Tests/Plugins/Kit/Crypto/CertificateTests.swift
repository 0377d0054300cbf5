import CCrypto
import SluiceKit
import Testing

/// Certificates are looked at with OpenSSL, as their users do.
struct CertificateTests {
    /// A certificate that was read back, owned.
    @safe private final class Read {
        let pointer: OpaquePointer

        init(_ text: [UInt8]) throws {
            let found = unsafe text.withUnsafeBytes { bytes in
                let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
                defer { unsafe BIO_free(bio) }
                return unsafe PEM_read_bio_X509(bio, nil, nil, nil)
            }
            unsafe pointer = unsafe try #require(unsafe found)
        }

        deinit { unsafe X509_free(pointer) }

        var subject: String {
            var text = [CChar](repeating: 0, count: 500)
            unsafe X509_NAME_oneline(X509_get_subject_name(pointer), &text, 500)
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        }

        func isFor(host: String) -> Bool {
            unsafe X509_check_host(pointer, host, host.utf8.count, 0, nil) == 1
        }

        func isFor(address: String) -> Bool {
            unsafe X509_check_ip_asc(pointer, address, 0) == 1
        }

        /// Whether a peer that trusts `root` accepts it for this purpose.
        func isTrusted(by root: Read, for purpose: Int32) -> Bool {
            let store = unsafe X509_STORE_new()
            let context = unsafe X509_STORE_CTX_new()
            defer {
                unsafe X509_STORE_CTX_free(context)
                unsafe X509_STORE_free(store)
            }
            unsafe X509_STORE_add_cert(store, root.pointer)
            unsafe X509_STORE_CTX_init(context, store, pointer, nil)
            unsafe X509_STORE_CTX_set_purpose(context, purpose)
            return unsafe X509_verify_cert(context) == 1
        }
    }

    private let terms = CertificateTerms(
        commonName: "admin",
        organizations: ["system:masters"],
        dnsNames: ["localhost", "*.a.test"],
        addresses: ["127.0.0.1", "::1"],
        usages: [.server, .client],
        days: 1
    )

    @Test func `an authority issues certificates that its clients trust`() throws {
        let authority = try CertificateAuthority(commonName: "Test root", days: 10)
        let root = try Read(authority.credential.certificate)
        let leaf = try Read(try authority.issue(terms).certificate)
        #expect(root.subject == "/CN=Test root")
        #expect(leaf.subject == "/CN=admin/O=system:masters")
        for purpose in [X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT] {
            #expect(leaf.isTrusted(by: root, for: purpose))
        }
        #expect(leaf.isFor(host: "localhost") && leaf.isFor(host: "b.a.test"))
        #expect(leaf.isFor(address: "127.0.0.1") && leaf.isFor(address: "::1"))
        #expect(!leaf.isFor(host: "a.test") && !leaf.isFor(address: "127.0.0.2"))
    }

    @Test func `a certificate is for what it was issued for, by whom it was issued`() throws {
        let authority = try CertificateAuthority(commonName: "Test root", days: 10)
        let other = try CertificateAuthority(commonName: "Test root", days: 10)
        let root = try Read(authority.credential.certificate)
        var client = terms
        client.usages = [.client]
        let leaf = try Read(try authority.issue(client).certificate)
        #expect(leaf.isTrusted(by: root, for: X509_PURPOSE_SSL_CLIENT))
        #expect(!leaf.isTrusted(by: root, for: X509_PURPOSE_SSL_SERVER))
        let stranger = try Read(other.credential.certificate)
        #expect(!leaf.isTrusted(by: stranger, for: X509_PURPOSE_SSL_CLIENT))
    }

    @Test func `an authority that was kept goes on`() throws {
        let first = try CertificateAuthority(commonName: "Test root", days: 10)
        let kept = try CertificateAuthority(first.credential)
        let root = try Read(first.credential.certificate)
        let leaf = try Read(try kept.issue(terms).certificate)
        #expect(leaf.isTrusted(by: root, for: X509_PURPOSE_SSL_SERVER))
        // Each leaf is one more: other key, other number.
        #expect(try kept.issue(terms) != kept.issue(terms))
    }

    @Test func `a certificate ends with its authority`() throws {
        let authority = try CertificateAuthority(commonName: "Test root", days: 1)
        var long = terms
        long.days = 400
        let root = try Read(authority.credential.certificate)
        let leaf = try Read(try authority.issue(long).certificate)
        let order = unsafe ASN1_TIME_compare(
            X509_get0_notAfter(root.pointer),
            X509_get0_notAfter(leaf.pointer)
        )
        #expect(order == 0)
    }

    @Test func `what is no credential is refused`() throws {
        let one = try CertificateAuthority(commonName: "One", days: 1).credential
        let two = try CertificateAuthority(commonName: "Two", days: 1).credential
        for (certificate, key) in [
            ([], []), (one.certificate, []), ([], one.key), (one.certificate, two.key),
            (one.key, one.certificate), (Array("-----BEGIN".utf8), one.key),
        ] {
            #expect(throws: PluginError.self) {
                try CertificateAuthority(Credential(certificate: certificate, key: key))
            }
        }
    }

    @Test(arguments: [
        CertificateTerms(commonName: "", days: 1),
        CertificateTerms(commonName: String(repeating: "a", count: 65), days: 1),
        CertificateTerms(commonName: "a\n", days: 1),
        CertificateTerms(commonName: "a", organizations: [""], days: 1),
        CertificateTerms(commonName: "a", dnsNames: ["a.test,IP:10.0.0.1"], days: 1),
        CertificateTerms(commonName: "a", dnsNames: [""], days: 1),
        CertificateTerms(commonName: "a", dnsNames: ["a b"], days: 1),
        CertificateTerms(commonName: "a", addresses: ["10.0.0"], days: 1),
        CertificateTerms(commonName: "a", addresses: ["10.0.0.1,DNS:b"], days: 1),
        CertificateTerms(commonName: "a", days: 0),
        CertificateTerms(commonName: "a", days: 36_501),
    ])
    func `terms that cannot be written are refused`(terms: CertificateTerms) throws {
        let authority = try CertificateAuthority(commonName: "Test root", days: 1)
        #expect(throws: PluginError.self) { try authority.issue(terms) }
    }
}
