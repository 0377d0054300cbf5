import SluiceKit
import Testing

struct DigestTests {
    /// FIPS 180-4 and the examples that NIST publishes with it.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `a digest is that of the standard`(text: String, digest: String) {
        #expect(Hex.encode(SHA256.digest(of: Array(text.utf8))) == digest)
        #expect(Hex.encode(SHA256.digest(of: text.utf8)) == digest)
    }

    @Test func `a million letters in pieces have the digest of the standard`() {
        var digest = SHA256()
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000)
        for _ in 0..<1_000 { digest.update(piece) }
        let found = Hex.encode(digest.finish())
        #expect(found == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// RFC 4231, section 4: key, data and code of the test cases 1 to 4, 6 and 7.
    static let codes: [(key: String, data: String, code: String)] = [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819",
            String(repeating: "cd", count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            String(repeating: "aa", count: 131),
            Hex.encode("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            String(repeating: "aa", count: 131),
            Hex.encode(
                ("This is a test using a larger than block-size key and a larger than "
                    + "block-size data. The key needs to be hashed before being used by the "
                    + "HMAC algorithm.").utf8
            ),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: codes.indices)
    func `a code is that of the standard`(index: Int) throws {
        let key = try Hex.decode(Self.codes[index].key)
        let data = try Hex.decode(Self.codes[index].data)
        let code = try Hex.decode(Self.codes[index].code)
        #expect(HMACSHA256.code(of: data, key: key) == code)
        var pieces = HMACSHA256(key: key)
        for byte in data { pieces.update([byte]) }
        #expect(pieces.finish() == code)
        #expect(HMACSHA256.isValid(code, for: data, key: key))
        for place in code.indices {
            var other = code
            other[place] ^= 1
            #expect(!HMACSHA256.isValid(other, for: data, key: key))
        }
        #expect(!HMACSHA256.isValid(code.dropLast(), for: data, key: key))
    }

    @Test func `no key and no bytes have a code, too`() {
        let code = Hex.encode(HMACSHA256.code(of: [], key: []))
        #expect(code == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `equality looks at every byte and at the length`() {
        #expect(isEqualInConstantTime([], []))
        #expect(isEqualInConstantTime("secret".utf8, Array("secret".utf8)))
        #expect(!isEqualInConstantTime("secret".utf8, "secreT".utf8))
        #expect(!isEqualInConstantTime("secret".utf8, "secre".utf8))
        #expect(!isEqualInConstantTime([0], []))
    }

    @Test func `random bytes differ and have the length that was requested`() throws {
        #expect(try SecureRandom.bytes(0).isEmpty)
        let drawn = try (0..<100).map { _ in try SecureRandom.bytes(16) }
        #expect(Set(drawn).count == 100 && drawn.allSatisfy { $0.count == 16 })
        let token = try SecureRandom.token()
        #expect(try Base64.decode(token, .url).count == 32)
    }
}
