/// Base64 and base64url (RFC 4648, sections 4 and 5): bytes as text.
///
/// Reading is strict: each sequence of bytes has exactly one text. Any thread.
public enum Base64 {
    /// Which 64 characters, and whether the text is filled up to a multiple of four.
    public enum Alphabet: Sendable {
        /// `+` and `/`; ends with `=` where bytes are left over.
        case standard
        /// `-` and `_`, no `=`: for URLs and JSON Web Tokens (RFC 7515, section 2).
        case url

        fileprivate var characters: [UInt8] { self == .url ? urlCharacters : standardCharacters }
    }

    /// The text of these bytes.
    public static func encode(
        _ bytes: some Collection<UInt8>,
        _ alphabet: Alphabet = .standard
    ) -> String {
        let characters = alphabet.characters
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var word: UInt32 = 0
        var held = 0
        for byte in bytes {
            word = word << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text.append(characters[Int(word >> UInt32(held) & 63)])
            }
        }
        if held > 0 { text.append(characters[Int(word << UInt32(6 - held) & 63)]) }
        while alphabet == .standard, text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of this text; throws `.invalid` with the place of what does not belong there.
    ///
    /// White space, `=` where none belongs or missing where one does, characters of the other
    /// alphabet and bits behind the last byte are refused (RFC 4648, section 3).
    public static func decode(
        _ text: String,
        _ alphabet: Alphabet = .standard
    ) throws(PluginError) -> [UInt8] {
        let characters = Array(text.utf8)
        let end = try contentEnd(characters, alphabet)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end / 4 * 3 + 2)
        var word: UInt32 = 0
        var held = 0
        for place in 0..<end {
            guard let value = value(of: characters[place], alphabet) else {
                throw PluginError(.invalid, "base64: character \(place + 1) is none of its 64")
            }
            word = word << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(held)))
            }
        }
        guard word & (1 << UInt32(held) - 1) == 0 else {
            throw PluginError(.invalid, "base64: character \(end) has bits behind the last byte")
        }
        return bytes
    }

    /// How many characters stand before the `=`; their number must leave no half of a byte.
    private static func contentEnd(
        _ characters: [UInt8],
        _ alphabet: Alphabet
    ) throws(PluginError) -> Int {
        let filled = characters.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let end = alphabet == .standard ? characters.count - filled : characters.count
        let wanted = alphabet == .standard ? (4 - end % 4) % 4 : 0
        guard end % 4 != 1, alphabet == .url || filled == wanted else {
            throw PluginError(
                .invalid,
                "base64: the text ends too early or with a wrong number of \"=\""
            )
        }
        return end
    }

    private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case alphabet.characters[62]: 62
        case alphabet.characters[63]: 63
        default: nil
        }
    }
}

private let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
private let standardCharacters = Array("\(letters)+/".utf8)
private let urlCharacters = Array("\(letters)-_".utf8)

/// Bytes as pairs of hexadecimal digits (RFC 4648, section 8).
///
/// Any thread.
public enum Hex {
    /// The text of these bytes, in lower case.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of this text, in either case; throws `.invalid` with the place of what is wrong.
    public static func decode(_ text: String) throws(PluginError) -> [UInt8] {
        let characters = Array(text.utf8)
        guard characters.count % 2 == 0 else {
            throw PluginError(.invalid, "hexadecimal: the last byte has one digit")
        }
        var bytes: [UInt8] = []
        for (place, character) in characters.enumerated() {
            guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else {
                throw PluginError(.invalid, "hexadecimal: character \(place + 1) is no digit")
            }
            if place % 2 == 0 { bytes.append(0) }
            bytes[place / 2] = bytes[place / 2] << 4 | UInt8(digit)
        }
        return bytes
    }
}
