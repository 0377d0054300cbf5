/// A key with its value.
public struct JSONMember: Sendable {
    public let key: String
    /// Where the key starts in its text.
    public let keyMark: Mark
    public let value: JSONValue
}

/// The elements of an array, in order.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    private let document: JSONDocument
    private var index: Int
    private var left: Int

    init(_ value: JSONValue) {
        document = value.document
        index = value.index + 1
        left = value.kind == .array ? value.count : 0
    }

    public mutating func next() -> JSONValue? {
        guard left > 0 else { return nil }
        left -= 1
        defer { index = Int(document.tree.nodes[index].end) }
        return JSONValue(document: document, index: index)
    }
}

/// The members of an object, in the order of the text.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    private let document: JSONDocument
    private var index: Int
    private var left: Int

    init(_ value: JSONValue) {
        document = value.document
        index = value.index + 1
        left = value.kind == .object ? value.count : 0
    }

    public mutating func next() -> JSONMember? {
        guard left > 0 else { return nil }
        left -= 1
        let key = index
        index = Int(document.tree.nodes[key + 1].end)
        return JSONMember(
            key: document.tree.text(key),
            keyMark: document.tree.nodes[key].mark,
            value: JSONValue(document: document, index: key + 1)
        )
    }
}

extension JSONValue {
    /// The elements of an array; none for other kinds.
    public var elements: JSONElements { JSONElements(self) }

    /// The members of an object, in the order of the text; none for other kinds.
    public var members: JSONMembers { JSONMembers(self) }

    /// A copy to build upon; numbers keep their exact value, in one spelling.
    ///
    /// Of keys that differ only in their Unicode normal form the last is kept.
    public func json() -> JSON {
        switch kind {
        case .null: return .null
        case .bool: return .bool(bool ?? false)
        case .string: return .string(string ?? "")
        case .number:
            let number = exactNumber
            if let integer = number.integer(Int64.self) { return .integer(integer) }
            return .number(String(decoding: number.canonical, as: UTF8.self))
        case .array: return .array(elements.map { $0.json() })
        case .object:
            var object: [String: JSON] = [:]
            for member in members { object[member.key] = member.value.json() }
            return .object(object)
        }
    }

    /// The one spelling of this value (RFC 8785, but numbers stay exact): keys sorted, no white
    /// space; equal values have equal bytes.
    public func canonical() -> [UInt8] {
        var writer = JSONWriter()
        writer.write(document.tree, index)
        return writer.bytes
    }
}
