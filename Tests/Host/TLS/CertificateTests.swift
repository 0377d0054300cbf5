import CTLS
import SluiceTLS
import Testing

/// What certificates are read as.
@Suite struct CertificateTests {
    @Test func `a chain is read with its key`() throws {
        let root = TestAuthority.root()
        let intermediate = root.intermediate()
        let leaf = intermediate.leaf(.named("A.Example.test", "*.b.test", "a.example.test"))
        let noise = Array("# comment\nsubject=x\n".utf8)
        let chain = noise + leaf.pem + noise + intermediate.pem + noise
        let certificate = try Certificate(chain: chain, key: leaf.key.pem())
        #expect(certificate.names == ["a.example.test", "*.b.test"])
        #expect(certificate.keyKind == .ecdsa)
        #expect(certificate.subject == "CN=A.Example.test")
        #expect(unsafe certificate.chain.count == 1)
        #expect(certificate.digest.count == 32)
        #expect(certificate.fingerprint.count == 32)
        #expect(certificate.leafBytes.first == 0x30)
        #expect(certificate.response(at: 0).isEmpty)
        let authorities = try Authorities([root.pem], trustsSystem: false)
        #expect(authorities.vouch(for: certificate))
        #expect(!authorities.vouch(for: certificate, withChain: false))
    }

    @Test(arguments: [TestKeyKind.ec("P-256"), .ec("P-384"), .ec("P-521"), .rsa(2048), .rsa(3072)])
    func `supported keys are read in each form`(kind: TestKeyKind) throws {
        let leaf = TestAuthority.root().leaf(TestTerms(), kind)
        let plain = try Certificate(chain: leaf.pem, key: leaf.key.pem())
        let traditional = try Certificate(chain: leaf.pem, key: leaf.key.pem(.traditional))
        #expect(plain.digest == traditional.digest)
        if case .rsa = kind {
            #expect(plain.keyKind == .rsa)
        } else {
            #expect(plain.keyKind == .ecdsa)
        }
    }

    @Test func `parameters before a key are skipped`() throws {
        let leaf = TestAuthority.root().leaf()
        let parameters = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----

            """
        let key = Array(parameters.utf8) + leaf.key.pem(.traditional)
        #expect(throws: Never.self) { try Certificate(chain: leaf.pem, key: key) }
    }

    @Test func `the digest tells chains, keys and responses apart`() throws {
        let root = TestAuthority.root()
        let leaf = root.leaf()
        let key = leaf.key.pem()
        let alone = try Certificate(chain: leaf.pem, key: key)
        let again = try Certificate(chain: leaf.pem, key: key)
        let whole = try Certificate(chain: leaf.pem + root.pem, key: key)
        let stapled = try Certificate(chain: leaf.pem, key: key, ocsp: root.response(for: leaf))
        #expect(alone.digest == again.digest)
        #expect(Set([alone.digest, whole.digest, stapled.digest]).count == 3)
        #expect(alone.fingerprint == whole.fingerprint)
    }

    @Test func `the time of validity includes both its ends`() throws {
        var terms = TestTerms()
        terms.starts = -100_000
        terms.ends = -50_000
        let leaf = TestAuthority.root().leaf(terms)
        let certificate = try Certificate(chain: leaf.pem, key: leaf.key.pem())
        let dates = certificate.dates
        #expect(dates.notAfter - dates.notBefore == 50_000)
        #expect(dates.validity(at: dates.notBefore - 1) == .notYet)
        #expect(dates.validity(at: dates.notBefore) == .valid)
        #expect(dates.validity(at: dates.notAfter) == .valid)
        #expect(dates.validity(at: dates.notAfter + 1) == .expired)
    }
}

/// What is known of the intermediates.
@Suite struct IntermediateTests {
    @Test func `their times are known`() throws {
        let root = TestAuthority.root()
        var terms = TestTerms.named("Old intermediate")
        (terms.isAuthority, terms.starts, terms.ends) = (true, -2_000, -1_000)
        let old = TestAuthority(terms, issuer: root)
        let leaf = old.leaf()
        let chain = leaf.pem + old.pem + root.pem
        let issuers = try Certificate(chain: chain, key: leaf.key.pem()).issuers
        #expect(issuers.map { $0.validity(at: ctls_seconds()) } == [.expired, .valid])
        #expect(issuers.map(\.subject) == ["CN=Old intermediate", "CN=Test root"])
    }
}

/// Which names a certificate covers.
@Suite struct CertificateNamesTests {
    private func names(_ terms: TestTerms) throws -> [String] {
        let leaf = TestAuthority.root().leaf(terms)
        return try Certificate(chain: leaf.pem, key: leaf.key.pem()).names
    }

    @Test func `the common name counts only without alternative names`() throws {
        var terms = TestTerms()
        terms.commonName = Array("Common.Test".utf8)
        terms.names = nil
        #expect(try names(terms) == ["common.test"])
        terms.names = []
        terms.addresses = ["192.0.2.1"]
        #expect(try names(terms) == [])
    }

    @Test(arguments: ["An Organisation", "192.0.2.1", "a..b", "-", "caf\u{e9}.test", "a.*.test"])
    func `a common name that is no DNS name covers nothing`(text: String) throws {
        var terms = TestTerms()
        terms.commonName = Array(text.utf8)
        terms.names = nil
        #expect(try names(terms) == (text == "-" ? ["-"] : []))
    }

    @Test func `a NUL byte in a name is refused`() throws {
        let name = Array("good.test\0.evil.test".utf8)
        var terms = TestTerms()
        terms.names = [name]
        #expect(throws: MaterialFault.nameWithNUL) { try names(terms) }
        terms = TestTerms()
        terms.commonName = name
        #expect(throws: MaterialFault.nameWithNUL) { try names(terms) }
    }

    @Test func `names are limited`() throws {
        var terms = TestTerms()
        terms.names = (0..<Certificate.namesMax).map { Array("n\($0).test".utf8) }
        #expect(try names(terms).count == Certificate.namesMax)
        terms.names?.append(Array("more.test".utf8))
        #expect(throws: MaterialFault.tooManyNames(limit: 1_000)) { try names(terms) }
    }

    @Test func `two extensions with names are refused`() throws {
        var terms = TestTerms()
        terms.names = nil
        let kind = NID_subject_alt_name
        terms.extensions = [(kind, "DNS:a.test"), (kind, "DNS:b.test")]
        #expect(throws: MaterialFault.unreadableNames) { try names(terms) }
    }
}
