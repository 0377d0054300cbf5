/// Writes values in their one spelling (RFC 8785), or indented for people.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private let isPretty: Bool
    private var depth = 0

    init(pretty: Bool = false) {
        isPretty = pretty
    }

    mutating func value(_ json: JSON) {
        switch json {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let text): number(text)
        case .string(let text): string(text.utf8)
        case .array(let elements):
            container("[", "]", elements) { $0.value($1) }
        case .object(let object):
            container("{", "}", object.sorted { Self.precedes($0.key.utf8, $1.key.utf8) }) {
                $0.string($1.key.utf8)
                $0.colon()
                $0.value($1.value)
            }
        }
    }

    mutating func value(_ tree: Tree, _ index: Int) {
        let node = tree.nodes[index]
        switch node.kind {
        case .null: bytes += "null".utf8
        case .bool: bytes += (node.length == 1 ? "true" : "false").utf8
        case .number: bytes += ExactNumber(tree.slice(index)).canonical
        case .string: string(tree.slice(index))
        case .array:
            var children: [Int] = []
            var child = index + 1
            for _ in 0..<Int(node.length) {
                children.append(child)
                child = Int(tree.nodes[child].end)
            }
            container("[", "]", children) { $0.value(tree, $1) }
        case .object:
            var keys: [Int] = []
            var child = index + 1
            for _ in 0..<Int(node.length) {
                keys.append(child)
                child = Int(tree.nodes[child + 1].end)
            }
            keys.sort { Self.precedes(tree.slice($0), tree.slice($1)) }
            container("{", "}", keys) {
                $0.string(tree.slice($1))
                $0.colon()
                $0.value(tree, $1 + 1)
            }
        }
    }

    private mutating func container<Element>(
        _ opening: Character,
        _ closing: Character,
        _ elements: [Element],
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        bytes += opening.utf8
        depth += 1
        for (position, element) in elements.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine()
            write(&self, element)
        }
        depth -= 1
        if !elements.isEmpty { newLine() }
        bytes += closing.utf8
    }

    private mutating func newLine() {
        guard isPretty else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: depth * 2))
    }

    private mutating func colon() {
        bytes.append(UInt8(ascii: ":"))
        if isPretty { bytes.append(0x20) }
    }

    private mutating func number(_ text: String) {
        let digits = [UInt8](text.utf8)
        guard case .end(digits.count) = ExactNumber.scan(digits, from: 0, to: digits.count) else {
            preconditionFailure("JSON.number(\(quoted(text))) is not a JSON number")
        }
        bytes += ExactNumber(digits).canonical
    }

    private mutating func string(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0..<0x20:
                let hexadecimal = String(byte, radix: 16)
                bytes += "\\u00\(byte < 0x10 ? "0" : "")\(hexadecimal)".utf8
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
