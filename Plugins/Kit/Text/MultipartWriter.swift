/// Writes `multipart/form-data` (RFC 7578) in pieces: for each part `begin` and the body's own
/// bytes, then `finish`.
///
/// Any thread, one at a time.
public struct MultipartWriter: Sendable {
    /// What separates the parts; must not occur in them.
    public let boundary: String

    private var isEmpty = true

    /// Begins a form with a boundary of 160 random bits, which occurs in no body.
    public init() {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        let text = (0..<32).map { _ in letters[Int(generator.next(upperBound: UInt(32)))] }
        boundary = String(decoding: text, as: UTF8.self)
    }

    /// Begins a form with a boundary of one's own: 1 to 70 of the characters of RFC 2046.
    public init(boundary: String) throws(MultipartError) {
        _ = try MultipartBoundary.check(boundary)
        self.boundary = boundary
    }

    /// The value for the Content-Type of the whole.
    public var contentType: String { "multipart/form-data; boundary=\"\(boundary)\"" }

    /// What stands before the body of the next part.
    ///
    /// Quotes and line breaks in names are written as browsers do (`%22`, `%0D`, `%0A`). Throws
    /// `.header` when a value has a control character, a header name is none, or `headers` names
    /// Content-Disposition or Content-Type.
    public mutating func begin(_ part: MultipartPart) throws(MultipartError) -> [UInt8] {
        var lines = ["Content-Disposition: form-data; name=\"\(Self.escaped(part.name))\""]
        if let filename = part.filename { lines[0] += "; filename=\"\(Self.escaped(filename))\"" }
        if let contentType = part.contentType { lines.append("Content-Type: \(contentType)") }
        for (name, value) in part.headers {
            let isOther = !["content-disposition", "content-type"].contains(name.lowercased())
            guard isOther, !name.isEmpty, name.utf8.allSatisfy(FieldValue.isTokenCharacter) else {
                throw Self.failure("\"\(name)\" is no header to add to a part")
            }
            lines.append("\(name): \(value)")
        }
        if lines.contains(where: { $0.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } }) {
            throw Self.failure("a control character in the header of a part")
        }
        let start = isEmpty ? "--" : "\r\n--"
        isEmpty = false
        return Array("\(start)\(boundary)\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n".utf8)
    }

    /// A whole part with a short text.
    public mutating func field(
        _ name: String,
        _ value: String
    ) throws(MultipartError) -> [UInt8] {
        try begin(MultipartPart(name: name)) + value.utf8
    }

    /// What stands behind the last part.
    public consuming func finish() -> [UInt8] {
        Array("\(isEmpty ? "--" : "\r\n--")\(boundary)--\r\n".utf8)
    }

    private static func failure(_ text: String) -> MultipartError {
        MultipartError(reason: .header, offset: 0, text: text)
    }

    private static func escaped(_ name: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": text.append(contentsOf: "%22".unicodeScalars)
            case "\r": text.append(contentsOf: "%0D".unicodeScalars)
            case "\n": text.append(contentsOf: "%0A".unicodeScalars)
            case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
            default: text.append(scalar)
            }
        }
        return String(text)
    }
}
