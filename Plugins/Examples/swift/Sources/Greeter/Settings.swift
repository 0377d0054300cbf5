/// The configuration, as the host has checked it against the schema.
struct Settings {
    static let schema = """
        {"type":"object","additionalProperties":false,"properties":{
        "greeting":{"type":"string","pattern":"^[A-Za-z ]{1,40}$","default":"hello",
        "description":"What is said before the name."},
        "everySeconds":{"type":"integer","minimum":1,"maximum":3600,"default":60,
        "description":"How often the log says how many were greeted."}}}
        """

    let greeting: String
    let period: Duration

    init(_ json: String) {
        greeting = Self.member("greeting", of: json) ?? "hello"
        period = .seconds(Self.member("everySeconds", of: json).flatMap { Int($0) } ?? 60)
    }

    /// The value of a member.
    ///
    /// The host writes the text without spaces, and no text in it holds a quote: so the first match
    /// is the member.
    private static func member(_ name: String, of json: String) -> String? {
        guard let start = json.firstRange(of: "\"\(name)\":") else { return nil }
        let value = json[start.upperBound...]
        let isText = value.hasPrefix("\"")
        return String(value.dropFirst(isText ? 1 : 0).prefix { !"\",}".contains($0) })
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        let digits = Array("0123456789abcdef")
        var json = "\""
        for letter in text.unicodeScalars {
            switch letter {
            case "\"", "\\": json += "\\\(letter)"
            case "\0"..."\u{1f}":
                json += "\\u00\(digits[Int(letter.value >> 4)])\(digits[Int(letter.value & 15)])"
            default: json.unicodeScalars.append(letter)
            }
        }
        return json + "\""
    }
}
