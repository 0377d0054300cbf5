/// A header value with parameters (RFC 9110, section 5.6.6): `form-data; name="a"`.
struct FieldValue {
    /// What stands before the parameters, in lower case.
    let text: String
    /// By name in lower case.
    private(set) var parameters: [String: String] = [:]

    /// Nil when it is malformed, or says a parameter twice.
    init?(_ value: String) {
        var rest = value.unicodeScalars[...]
        let head = rest.prefix { $0 != ";" }
        rest = rest[head.endIndex...]
        text = Self.trim(Substring(head)).lowercased()
        guard !text.isEmpty else { return nil }
        while rest.popFirst() != nil {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            if rest.isEmpty || rest.first == ";" { continue }
            let name = Self.token(&rest).lowercased()
            guard !name.isEmpty, rest.popFirst() == "=", let value = Self.value(&rest),
                parameters.updateValue(value, forKey: name) == nil
            else { return nil }
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard rest.isEmpty || rest.first == ";" else { return nil }
        }
    }

    /// A token or a quoted text; nil when it is neither.
    ///
    /// Browsers send backslashes as they are, so only `\"` and `\\` are escapes.
    private static func value(_ rest: inout Substring.UnicodeScalarView) -> String? {
        guard rest.first == "\"" else {
            let word = token(&rest)
            return word.isEmpty ? nil : word
        }
        rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\"" { return String(text) }
            let isEscape = scalar == "\\" && (rest.first == "\"" || rest.first == "\\")
            text.append(isEscape ? rest.removeFirst() : scalar)
        }
        return nil
    }

    private static func token(_ rest: inout Substring.UnicodeScalarView) -> String {
        let word = rest.prefix { $0.isASCII && isTokenCharacter(UInt8(ascii: $0)) }
        rest = rest[word.endIndex...]
        return String(word)
    }

    /// A character of names (RFC 9110, section 5.6.2).
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Without spaces and tabs around it.
    static func trim(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = text.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
