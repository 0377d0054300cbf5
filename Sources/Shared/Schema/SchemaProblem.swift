/// What a value does that its schema does not allow.
public struct SchemaProblem: Sendable, Equatable, CustomStringConvertible {
    /// JSON Pointer (RFC 6901) of the value.
    public var pointer: String
    /// Where the value, or the unknown key, starts in its text.
    public var mark: Mark
    /// The keyword of the schema that refused it.
    public var keyword: String
    /// One sentence: what was expected and what was found.
    public var text: String

    public init(pointer: String, mark: Mark, keyword: String, text: String) {
        self.pointer = pointer
        self.mark = mark
        self.keyword = keyword
        self.text = text
    }

    public var description: String {
        "\(mark.line):\(mark.column): " + (pointer.isEmpty ? "" : "\(pointer): ") + text
    }
}

/// Why a schema itself was refused.
public struct SchemaFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public var source: String
    public var mark: Mark
    /// JSON Pointer (RFC 6901) of the keyword.
    public var pointer: String
    public var text: String

    public var description: String {
        ParseFailure(source: source, mark: mark, pointer: pointer, text: text).description
    }
}
