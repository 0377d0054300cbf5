/// Reads YAML 1.2 (core schema) into the same trees as JSON.
public enum YAML {
    /// Reads every document of a text in UTF-8; empty documents are left out.
    ///
    /// Refused besides bad grammar: keys that are not strings or are said twice, merge keys (`<<`),
    /// tags outside the core schema, infinities and NaN, aliases inside their own anchor, and
    /// whatever exceeds `limits`. Values that an alias repeats carry the marks of their anchor.
    public static func parse(
        _ bytes: [UInt8],
        source: String,
        limits: ParseLimits = .standard
    ) throws(ParseFailure) -> [JSONDocument] {
        var reader = try YAMLReader(bytes, source: source, limits: limits)
        return try reader.documents()
    }
}
