/// Writes JSON into bytes, value by value, without a tree: for answers that are long or frequent.
///
/// Members stay in the order in which they are written. A value where a key belongs, a key outside
/// an object and a second root stop the program: they are mistakes of the caller.
///
/// Any thread, one at a time.
public struct JSONWriter: Sendable {
    /// A container that is not closed yet.
    private struct Level {
        let isObject: Bool
        var count = 0
        var hasKey = false
    }

    /// What was written since the beginning, or since `take`.
    public private(set) var bytes: [UInt8] = []
    private let isPretty: Bool
    private var open: [Level] = []
    private var hasRoot = false

    /// Begins a text, on one line or indented by two spaces a level.
    public init(pretty: Bool = false) {
        isPretty = pretty
    }

    /// Whether the text has its root, closed.
    public var isWhole: Bool { hasRoot && open.isEmpty }

    /// What was written since the last call, for sending in pieces.
    public mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Writes an object whose members `body` writes.
    public mutating func object<Failure>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        openObject()
        try body(&self)
        close()
    }

    /// Writes an array whose elements `body` writes.
    public mutating func array<Failure>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        openArray()
        try body(&self)
        close()
    }

    /// Begins an object; `close` ends it.
    public mutating func openObject() {
        beginValue()
        bytes.append(UInt8(ascii: "{"))
        open.append(Level(isObject: true))
    }

    /// Begins an array; `close` ends it.
    public mutating func openArray() {
        beginValue()
        bytes.append(UInt8(ascii: "["))
        open.append(Level(isObject: false))
    }

    /// Ends the innermost object or array.
    public mutating func close() {
        guard let level = open.popLast(), !level.hasKey else {
            preconditionFailure("JSON: nothing to close, or a key without its value")
        }
        if level.count > 0 { newLine() }
        bytes.append(level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }

    /// Writes the key of the next member; its value follows.
    public mutating func key(_ key: String) {
        beginKey()
        string(key.utf8)
        endKey()
    }

    /// Writes a member.
    public mutating func member(_ key: String, _ value: some JSONRepresentable) {
        self.key(key)
        value.write(to: &self)
    }

    /// Writes an element, the value that belongs to the last key, or the root.
    public mutating func value(_ value: some JSONRepresentable) {
        value.write(to: &self)
    }

    /// The same with a value that is JSON text already; it is copied as it is.
    public mutating func value(text: some Collection<UInt8>) {
        beginValue()
        bytes += text
    }

    private mutating func beginValue() {
        guard let last = open.indices.last else {
            precondition(!hasRoot, "JSON: a second root")
            hasRoot = true
            return
        }
        if open[last].isObject {
            precondition(open[last].hasKey, "JSON: a value without a key in an object")
            open[last].hasKey = false
        } else {
            beginEntry(last)
        }
    }

    private mutating func beginKey() {
        guard let last = open.indices.last, open[last].isObject, !open[last].hasKey else {
            preconditionFailure("JSON: a key outside an object, or two keys")
        }
        beginEntry(last)
        open[last].hasKey = true
    }

    private mutating func beginEntry(_ last: Int) {
        if open[last].count > 0 { bytes.append(UInt8(ascii: ",")) }
        open[last].count += 1
        newLine()
    }

    private mutating func endKey() {
        bytes.append(UInt8(ascii: ":"))
        if isPretty { bytes.append(0x20) }
    }

    private mutating func newLine() {
        guard isPretty else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: open.count * 2))
    }
}

extension JSONWriter {
    /// Writes `null`.
    public mutating func null() {
        beginValue()
        bytes += "null".utf8
    }

    mutating func write(_ value: Bool) {
        beginValue()
        bytes += (value ? "true" : "false").utf8
    }

    mutating func write(_ text: some Sequence<UInt8>) {
        beginValue()
        string(text)
    }

    mutating func write<Integer: FixedWidthInteger>(_ value: Integer) {
        beginValue()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Writes a number in its one spelling; a text that is none stops the program.
    mutating func write(number text: String) {
        let digits = [UInt8](text.utf8)
        guard case .end(digits.count) = ExactNumber.scan(digits, from: 0, to: digits.count) else {
            preconditionFailure("JSON.number(\(quoted(text))) is not a JSON number")
        }
        beginValue()
        bytes += ExactNumber(digits).canonical
    }

    /// Writes a value of a document; members are sorted (RFC 8785, 3.2.3).
    mutating func write(_ tree: Tree, _ index: Int) {
        let node = tree.nodes[index]
        switch node.kind {
        case .null: null()
        case .bool: write(node.length == 1)
        case .number:
            beginValue()
            bytes += ExactNumber(tree.slice(index)).canonical
        case .string: write(tree.slice(index))
        case .array:
            openArray()
            var child = index + 1
            for _ in 0..<Int(node.length) {
                write(tree, child)
                child = Int(tree.nodes[child].end)
            }
            close()
        case .object:
            var keys: [Int] = []
            var child = index + 1
            for _ in 0..<Int(node.length) {
                keys.append(child)
                child = Int(tree.nodes[child + 1].end)
            }
            keys.sort { Self.precedes(tree.slice($0), tree.slice($1)) }
            openObject()
            for key in keys {
                beginKey()
                string(tree.slice(key))
                endKey()
                write(tree, key + 1)
            }
            close()
        }
    }

    private mutating func string(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20:
                bytes += "\\u00".utf8
                bytes.append(byte < 0x10 ? 0x30 : 0x31)
                bytes.append("0123456789abcdef".utf8.dropFirst(Int(byte & 15)).first ?? 0x30)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether a key sorts before another by UTF-16 code units (RFC 8785, 3.2.3).
    ///
    /// That is the order of UTF-8 bytes, except that scalars above U+FFFF, whose surrogates are
    /// D800 to DFFF, come before U+E000 to U+FFFF (first bytes EE and EF).
    static func precedes(_ one: some Sequence<UInt8>, _ other: some Sequence<UInt8>) -> Bool {
        func rank(_ byte: UInt8) -> UInt8 {
            byte == 0xEE || byte == 0xEF ? byte + 8 : byte
        }
        return one.lexicographicallyPrecedes(other) { rank($0) < rank($1) }
    }
}
