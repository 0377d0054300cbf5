import CTLS
import SluiceTLS
import Testing

/// What certificates and keys are refused for.
@Suite struct CertificateFaultTests {
    private let root = TestAuthority.root()
    private let leaf: TestAuthority

    init() { leaf = root.leaf() }

    private func fault(
        chain: [UInt8]? = nil,
        key: [UInt8]? = nil,
        ocsp: [UInt8]? = nil
    ) -> MaterialFault? {
        do throws(MaterialFault) {
            _ = try Certificate(chain: chain ?? leaf.pem, key: key ?? leaf.key.pem(), ocsp: ocsp)
            return nil
        } catch {
            #expect(ERR_peek_error() == 0)
            #expect(error.description.count > 20)
            return error
        }
    }

    @Test func `a text without certificates`() {
        #expect(fault(chain: []) == .noCertificate(.chain))
        #expect(fault(chain: Array("hello".utf8)) == .noCertificate(.chain))
        let indented = [UInt8(ascii: " ")] + leaf.pem
        #expect(fault(chain: indented) == .noCertificate(.chain))
        #expect("\(MaterialFault.noCertificate(.chain))".contains("without blanks before it"))
        #expect("\(MaterialFault.noKey)".contains("without blanks before it"))
    }

    @Test func `blocks that cannot be decoded`() {
        let cut = Array(root.pem.dropLast(60))
        #expect(fault(chain: leaf.pem + cut) == .unreadableBlock(2, .chain))
        var wrong = root.pem
        wrong[100] = UInt8(ascii: "!")
        #expect(fault(chain: wrong) == .unreadableBlock(1, .chain))
        let empty = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
        #expect(fault(chain: leaf.pem + Array(empty.utf8)) == .unreadableBlock(2, .chain))
        let noKey = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"
        #expect(fault(key: Array(noKey.utf8)) == .unreadableBlock(1, .key))
    }

    @Test func `too many certificates, and too long texts`() {
        let limit = Certificate.certificatesMax
        let others = Array(repeatElement(root.pem, count: limit - 1).joined())
        #expect(fault(chain: leaf.pem + others) == nil)
        let more = leaf.pem + others + root.pem
        #expect(fault(chain: more) == .tooManyCertificates(.chain, limit: 32))
        let long = [UInt8](repeating: 10, count: Certificate.bytesMax + 1)
        #expect(fault(chain: long) == .oversizedText(.chain, bytesMax: 1 << 20))
        #expect(fault(key: long) == .oversizedText(.key, bytesMax: 65_536))
    }

    @Test func `a key in the text of the chain`() {
        #expect(fault(chain: leaf.pem + leaf.key.pem()) == .misplacedKey(block: 2, .chain))
    }

    @Test func `no key, and several`() {
        #expect(fault(key: []) == .noKey)
        #expect(fault(key: leaf.pem) == .noKey)
        #expect(fault(key: leaf.key.pem() + leaf.key.pem()) == .severalKeys)
    }

    @Test(arguments: [TestKeyForm.encryptedPKCS8, .encryptedTraditional])
    func `an encrypted key`(form: TestKeyForm) {
        #expect(fault(key: leaf.key.pem(form)) == .encryptedKey)
        #expect("\(MaterialFault.encryptedKey)".contains("openssl pkey -in"))
    }

    @Test func `keys of other kinds`() {
        for (kind, name) in [("ED25519", "ED25519"), ("ED448", "ED448"), ("X25519", "X25519")] {
            let key = TestKey(.other(kind)).pem()
            #expect(fault(key: key) == .unsupportedKey(kind: name))
        }
        let curve = TestKey(.ec("secp256k1")).pem()
        #expect(fault(key: curve) == .unsupportedKey(kind: "ECDSA on secp256k1"))
    }

    @Test func `a curve that its key describes itself`() {
        let key = TestKey(.p256)
        unsafe EVP_PKEY_set_utf8_string_param(key.pointer, OSSL_PKEY_PARAM_EC_ENCODING, "explicit")
        let kind = "ECDSA on a curve without a name"
        #expect(fault(key: key.pem()) == .unsupportedKey(kind: kind))
    }

    @Test func `RSA keys out of size`() {
        #expect(fault(key: TestKey(.rsa(1024)).pem()) == .smallKey(bits: 1024))
        #expect(fault(key: Self.key(bytes: 1_025)) == .oversizedKey(bits: 8_200))
    }

    /// An RSA key in PKCS#1 with a modulus of so many bytes; its numbers do not belong together.
    private static func key(bytes count: Int) -> [UInt8] {
        func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
            [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 255)] + content
        }
        let half = [0] + [UInt8](repeating: 0x81, count: count / 2)
        let numbers: [[UInt8]] = [
            [0], [0] + [UInt8](repeating: 0xFF, count: count), [1, 0, 1],
            [0] + [UInt8](repeating: 0x81, count: count), half, half, half, half, half,
        ]
        let whole = element(0x30, numbers.flatMap { element(0x02, $0) })
        return unsafe writtenPEM { bio in
            unsafe PEM_write_bio(bio, "RSA PRIVATE KEY", "", whole, whole.count)
        }
    }

    @Test func `a key of none, or not of the first`() {
        #expect(fault(key: TestKey(.p256).pem()) == .keyOfNone)
        #expect(fault(key: TestKey(.rsa(2048)).pem()) == .keyOfNone)
        #expect(fault(chain: root.pem + leaf.pem) == .leafNotFirst(place: 2))
    }

    @Test func `signatures that peers refuse`() {
        var terms = TestTerms()
        terms.usesSHA1 = true
        let weak = root.leaf(terms)
        #expect(fault(chain: weak.pem, key: weak.key.pem()) == .weakCertificate(place: 1))
        // Nobody checks the signature of a certificate on itself.
        let own = TestAuthority(terms)
        #expect(fault(chain: own.pem, key: own.key.pem()) == nil)
        #expect(fault(chain: leaf.pem + weak.pem) == .weakCertificate(place: 2))
    }

    @Test(arguments: 0..<8)
    func `mutated texts never crash`(seed: Int) {
        var source = Seeded(seed: UInt64(seed))
        let response = root.response(for: leaf)
        for _ in 0..<200 {
            var chain = leaf.pem + root.pem
            var key = leaf.key.pem(source.below(2) == 0 ? .pkcs8 : .traditional)
            var stapled = response
            for _ in 0..<source.below(4) { source.mutate(&chain) }
            for _ in 0..<source.below(3) { source.mutate(&key) }
            for _ in 0..<source.below(3) { source.mutate(&stapled) }
            _ = fault(chain: chain, key: key, ocsp: stapled)
            _ = try? Authorities([chain], trustsSystem: false)
        }
    }
}

/// A repeatable source of choices (SplitMix64).
private struct Seeded {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = below(bytes.count)
        // Letters keep the text base64, so that what is decoded changes.
        let letters = Array("ABCDEFabcdef0189+/".utf8)
        switch below(5) {
        case 0: bytes[place] = UInt8(below(256))
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(80)))
        case 2: bytes.insert(UInt8(below(256)), at: place)
        default: bytes[place] = letters[below(letters.count)]
        }
    }
}
