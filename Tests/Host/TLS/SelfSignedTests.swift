import CTLS
import SluiceTLS
import Testing

/// What self-signed certificates say.
@Suite struct SelfSignedTests {
    private func made(
        _ names: [String],
        _ addresses: [String] = [],
        days: Int = 30
    ) throws -> Certificate {
        let made = try SelfSigned.make(names: names, addresses: addresses, days: days)
        #expect(String(decoding: made.key, as: UTF8.self).contains("BEGIN PRIVATE KEY"))
        return try Certificate(chain: made.chain, key: made.key)
    }

    @Test func `names, addresses and days are those given`() throws {
        let certificate = try made(["A.test", "*.b.test"], ["192.0.2.1", "2001:db8::1"])
        #expect(certificate.names == ["a.test", "*.b.test"])
        #expect(certificate.subject == "CN=A.test")
        #expect(certificate.keyKind == .ecdsa)
        #expect(certificate.dates.notAfter - certificate.dates.notBefore == 30 * 86_400 + 3_600)
        let leaf = unsafe certificate.leaf
        defer { withExtendedLifetime(certificate) {} }
        #expect(unsafe X509_check_ip_asc(leaf, "192.0.2.1", 0) == 1)
        #expect(unsafe X509_check_ip_asc(leaf, "2001:db8:0::1", 0) == 1)
        #expect(unsafe X509_check_ip_asc(leaf, "192.0.2.2", 0) == 0)
        #expect(unsafe X509_check_host(leaf, "x.b.test", 8, 0, nil) == 1)
    }

    @Test func `it is of use to servers only`() throws {
        let certificate = try made(["a.test"])
        let leaf = unsafe certificate.leaf
        defer { withExtendedLifetime(certificate) {} }
        #expect(unsafe X509_check_ca(leaf) == 0)
        #expect(unsafe X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) == 1)
        #expect(unsafe X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0) == 0)
        #expect(unsafe X509_get_key_usage(leaf) == UInt32(KU_DIGITAL_SIGNATURE))
        #expect(unsafe X509_get0_subject_key_id(leaf) != nil)
        #expect(unsafe X509_self_signed(leaf, 1) == 1)
    }

    @Test func `no two are alike`() throws {
        #expect(try made(["a.test"]).fingerprint != made(["a.test"]).fingerprint)
    }

    @Test func `addresses alone suffice, and a long name is no subject`() throws {
        let address = try made([], ["::1"])
        #expect(address.names == [])
        #expect(address.subject == "CN=::1")
        let long = String(repeating: "a", count: 60) + ".test"
        let certificate = try made([long])
        #expect(certificate.names == [long])
        #expect(certificate.subject == "CN=self-signed")
    }

    @Test func `what cannot be in a certificate is refused`() {
        #expect(throws: MaterialFault.noName) { try made([]) }
        #expect(throws: MaterialFault.badName(place: 2)) { try made(["a.test", "a b"]) }
        #expect(throws: MaterialFault.badName(place: 1)) { try made(["a.test\0"]) }
        #expect(throws: MaterialFault.badAddress(place: 1)) { try made([], ["a.test"]) }
        #expect(throws: MaterialFault.badDays(limit: 36_500)) { try made(["a.test"], days: 0) }
        #expect(throws: MaterialFault.badDays(limit: 36_500)) { try made(["a.test"], days: 36_501) }
        #expect(ERR_peek_error() == 0)
    }

    @Test func `a century is within reach`() throws {
        let certificate = try made(["a.test"], days: SelfSigned.daysMax)
        #expect(certificate.dates.validity(at: 4_000_000_000) == .valid)
    }
}
