import SluiceKit
import Testing

struct Base64Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `a text is that of the standard`(plain: String, text: String) throws {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes) == text)
        #expect(try Base64.decode(text) == bytes)
        let bare = String(text.prefix { $0 != "=" })
        #expect(Base64.encode(bytes, .url) == bare)
        #expect(try Base64.decode(bare, .url) == bytes)
    }

    @Test func `the alphabets differ in two characters`() throws {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xBF]
        #expect(Base64.encode(bytes) == "+/+/")
        #expect(Base64.encode(bytes, .url) == "-_-_")
        #expect(try Base64.decode("+/+/") == bytes)
        #expect(try Base64.decode("-_-_", .url) == bytes)
        #expect(throws: PluginError.self) { try Base64.decode("-_-_") }
        #expect(throws: PluginError.self) { try Base64.decode("+/+/", .url) }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9vYg", "=", "==", "====", "Z===", "Zm9v=",
        "Zm9v====", "Zg==Zg==", " Zg==", "Zg==\n", "Zm 9v", "Zm9v\r\n", "Zh==", "Zm9=", "Zm9\u{E9}",
    ])
    func `what is not exactly the standard's text is refused`(text: String) {
        #expect(throws: PluginError.self) { try Base64.decode(text) }
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm8=", "Zm9vY", "Zm 9", "====", "\u{0}\u{0}"])
    func `what is not exactly the text for URLs is refused`(text: String) {
        #expect(throws: PluginError.self) { try Base64.decode(text, .url) }
    }

    @Test func `an error names the character`() {
        #expect(throws: PluginError(.invalid, "base64: character 3 is none of its 64")) {
            try Base64.decode("Zm!v")
        }
        #expect(throws: PluginError(.invalid, "hexadecimal: character 2 is no digit")) {
            try Hex.decode("0x")
        }
    }

    @Test func `five thousand seeded byte strings come back`() throws {
        for seed in UInt64(0)..<5_000 {
            var choices = Seeded(seed: seed)
            let bytes = choices.bytes(choices.below(70))
            for alphabet in [Base64.Alphabet.standard, .url] {
                let text = Base64.encode(bytes, alphabet)
                #expect(try Base64.decode(text, alphabet) == bytes, "seed \(seed)")
            }
            #expect(try Hex.decode(Hex.encode(bytes)) == bytes, "seed \(seed)")
        }
    }

    @Test func `each text that is read is the one that is written`() {
        let characters = Array("AQgw/+-_=9z \u{E9}")
        for seed in UInt64(0)..<20_000 {
            var choices = Seeded(seed: seed)
            let text = String((0..<choices.below(9)).map { _ in choices.pick(characters) })
            for alphabet in [Base64.Alphabet.standard, .url] {
                guard let bytes = try? Base64.decode(text, alphabet) else { continue }
                #expect(Base64.encode(bytes, alphabet) == text, "seed \(seed)")
            }
        }
    }

    @Test func `hexadecimal digits are read in both cases and in pairs`() throws {
        #expect(try Hex.decode("00ffAb") == [0x00, 0xFF, 0xAB])
        #expect(Hex.encode([0x00, 0xFF, 0xAB]) == "00ffab")
        #expect(throws: PluginError.self) { try Hex.decode("abc") }
        #expect(throws: PluginError.self) { try Hex.decode("g0") }
    }
}
