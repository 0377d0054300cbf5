/// An immutable JSON tree that remembers where each value stood in its text.
///
/// Nodes and bytes are two arrays; values are handles into them. Any thread may read it.
public final class JSONDocument: Sendable {
    /// The name of the text, usually a file's path; empty when it has none.
    public let source: String
    let tree: Tree

    init(tree: Tree, source: String) {
        self.tree = tree
        self.source = source
    }

    /// Reads one JSON text (RFC 8259) in UTF-8.
    ///
    /// Refused besides bad grammar: a byte order mark, a key said twice, half of a surrogate pair,
    /// and whatever exceeds `limits`.
    public convenience init(
        parsing bytes: some Collection<UInt8>,
        source: String = "",
        limits: ParseLimits = .standard
    ) throws(ParseFailure) {
        var parser = try JSONParser([UInt8](bytes), source: source, limits: limits)
        self.init(tree: try parser.parse(), source: source)
    }

    /// Reads one JSON text, as above.
    public convenience init(
        parsing text: String,
        source: String = "",
        limits: ParseLimits = .standard
    ) throws(ParseFailure) {
        try self.init(parsing: [UInt8](text.utf8), source: source, limits: limits)
    }

    public var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// A value of a document: a cheap handle that keeps the document alive.
public struct JSONValue: Sendable {
    public enum Kind: UInt8, Sendable {
        case null, bool, number, string, array, object
    }

    let document: JSONDocument
    let index: Int

    private var node: TreeNode { document.tree.nodes[index] }

    public var kind: Kind { node.kind }
    /// Where the value starts in its text.
    public var mark: Mark { node.mark }
    /// JSON Pointer (RFC 6901) from the root; computed, so for messages only.
    public var pointer: String { document.tree.pointer(of: index) }
    public var source: String { document.source }

    public var isNull: Bool { kind == .null }
    public var bool: Bool? { kind == .bool ? node.length == 1 : nil }
    public var string: String? { kind == .string ? document.tree.text(index) : nil }
    /// A number as it was written (YAML: spelled as JSON).
    public var numberText: String? { kind == .number ? document.tree.text(index) : nil }

    /// The number when it is an integer that fits: `1.0` and `1e2` are integers.
    public var int64: Int64? { integer(Int64.self) }

    /// The number when it is an integer that this type can hold exactly.
    public func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        kind == .number ? exactNumber.integer(Integer.self) : nil
    }

    /// The nearest finite double; nil for other kinds and for numbers too large for one.
    public var double: Double? {
        guard let text = numberText, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The exact value; only for numbers.
    var exactNumber: ExactNumber { ExactNumber(document.tree.slice(index)) }

    /// Elements of an array or members of an object; 0 for other kinds.
    public var count: Int {
        switch kind {
        case .array, .object: Int(node.length)
        case .null, .bool, .number, .string: 0
        }
    }

    /// The member with this key; nil when there is none or this is not an object.
    public subscript(key: String) -> JSONValue? {
        guard kind == .object, let child = document.tree.member(key, of: index) else { return nil }
        return JSONValue(document: document, index: child)
    }

    /// The element at this position; nil when there is none or this is not an array.
    ///
    /// Walks the elements before it: loop over `elements` instead of counting.
    public subscript(position: Int) -> JSONValue? {
        guard kind == .array, position >= 0, position < count else { return nil }
        var child = index + 1
        for _ in 0..<position { child = Int(document.tree.nodes[child].end) }
        return JSONValue(document: document, index: child)
    }
}

extension JSONValue: Equatable {
    /// Whether both are the same value: order of keys, spelling of numbers and marks do not count.
    public static func == (one: JSONValue, other: JSONValue) -> Bool {
        guard one.kind == other.kind else { return false }
        switch one.kind {
        case .null: return true
        case .bool: return one.bool == other.bool
        case .string:
            return one.document.tree.slice(one.index)
                .elementsEqual(other.document.tree.slice(other.index))
        case .number: return one.exactNumber == other.exactNumber
        case .array, .object: return one.canonical() == other.canonical()
        }
    }
}
