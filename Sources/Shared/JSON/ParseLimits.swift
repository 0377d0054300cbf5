/// A place in a text: line and column, both counted from 1, columns in Unicode scalars.
public struct Mark: Sendable, Equatable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// What a JSON or YAML text may cost before it is refused.
public struct ParseLimits: Sendable {
    /// How many arrays and objects may stand inside each other.
    public var depthMax: Int
    /// The largest text, in bytes.
    public var bytesMax: Int
    /// The largest tree: values and object keys, over all documents of one text.
    public var nodesMax: Int
    /// YAML: how many nodes aliases may add, over all documents of one text.
    public var aliasNodesMax: Int

    public init(
        depthMax: Int = 64,
        bytesMax: Int = 16 * 1024 * 1024,
        nodesMax: Int = 1_000_000,
        aliasNodesMax: Int = 10_000
    ) {
        self.depthMax = depthMax
        self.bytesMax = bytesMax
        self.nodesMax = nodesMax
        self.aliasNodesMax = aliasNodesMax
    }

    /// Enough for 5,000 Kubernetes manifests in one file, small enough for a gateway's memory.
    public static let standard = ParseLimits()

    /// Node positions are 32 bits wide; a larger limit than this is cut down to it.
    static let positionMax = Int(Int32.max)
    /// YAML: lines that may be directives (`%TAG`), since libyaml compares each with all others.
    static let directivesMax = 1_000
    /// The longest number, in characters.
    static let numberCharactersMax = 1_024
    /// The largest power of ten in a number, up or down.
    static let exponentMax = 1_000_000
}

/// Why a text was refused, and where.
///
/// Printed as `conf/a.yaml:3:7: /spec/x: duplicate key "y"`.
public struct ParseFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the text, usually a file's path; empty when it has none.
    public var source: String
    public var mark: Mark
    /// JSON Pointer (RFC 6901) of the value being read; empty for the whole text.
    public var pointer: String
    /// What happened, what was expected and what to do, in one sentence.
    public var text: String

    public init(source: String, mark: Mark, pointer: String, text: String) {
        self.source = source
        self.mark = mark
        self.pointer = pointer
        self.text = text
    }

    public var description: String {
        let place = "\(source.isEmpty ? "text" : source):\(mark.line):\(mark.column): "
        return place + (pointer.isEmpty ? "" : "\(pointer): ") + text
    }
}
