/// What can be a value of a JSON text.
///
/// A type of one's own says what it is in JSON, and may then stand in builders, arrays and writers:
/// `func json() -> JSON { .object { "name" => name } }`.
public protocol JSONRepresentable {
    /// The value in JSON.
    func json() -> JSON

    /// Writes the value; by default what `json` gives.
    func write(to writer: inout JSONWriter)
}

extension JSONRepresentable {
    /// Writes what `json` gives.
    public func write(to writer: inout JSONWriter) {
        json().write(to: &writer)
    }
}

extension JSON: JSONRepresentable {
    /// Itself.
    public func json() -> JSON { self }

    /// Writes the value; members are sorted (RFC 8785, 3.2.3).
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.write(value)
        case .integer(let value): writer.write(value)
        case .number(let text): writer.write(number: text)
        case .string(let text): writer.write(text.utf8)
        case .array(let elements): elements.write(to: &writer)
        case .object(let object): object.write(to: &writer)
        }
    }
}

extension JSONValue: JSONRepresentable {
    /// Writes the value; members are sorted (RFC 8785, 3.2.3).
    public func write(to writer: inout JSONWriter) {
        writer.write(document.tree, index)
    }
}

extension JSONRepresentable where Self: FixedWidthInteger {
    /// The exact number.
    public func json() -> JSON {
        Int64(exactly: self).map { .integer($0) } ?? .number(String(self))
    }

    /// Writes the exact number.
    public func write(to writer: inout JSONWriter) {
        writer.write(self)
    }
}

extension Int: JSONRepresentable {}
extension Int8: JSONRepresentable {}
extension Int16: JSONRepresentable {}
extension Int32: JSONRepresentable {}
extension Int64: JSONRepresentable {}
extension UInt: JSONRepresentable {}
extension UInt8: JSONRepresentable {}
extension UInt16: JSONRepresentable {}
extension UInt32: JSONRepresentable {}
extension UInt64: JSONRepresentable {}

extension Double: JSONRepresentable {
    /// The shortest number that reads back the same; null when it is not finite, as JSON has no
    /// such numbers.
    public func json() -> JSON { isFinite ? .number(description) : .null }
}

extension Bool: JSONRepresentable {
    /// true or false.
    public func json() -> JSON { .bool(self) }
}

extension String: JSONRepresentable {
    /// A string.
    public func json() -> JSON { .string(self) }

    /// Writes the text without a copy.
    public func write(to writer: inout JSONWriter) {
        writer.write(utf8)
    }
}

extension Substring: JSONRepresentable {
    /// A string.
    public func json() -> JSON { .string(String(self)) }

    /// Writes the text without a copy.
    public func write(to writer: inout JSONWriter) {
        writer.write(utf8)
    }
}

extension Optional: JSONRepresentable where Wrapped: JSONRepresentable {
    /// The value, or null.
    public func json() -> JSON { self?.json() ?? .null }

    /// Writes the value, or null.
    public func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.null() }
    }
}

extension Array: JSONRepresentable where Element: JSONRepresentable {
    /// An array.
    public func json() -> JSON { .array(map { $0.json() }) }

    /// Writes element by element.
    public func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for element in self { element.write(to: &writer) }
        }
    }
}

extension Dictionary: JSONRepresentable where Key == String, Value: JSONRepresentable {
    /// An object.
    public func json() -> JSON { .object(mapValues { $0.json() }) }

    /// Writes member by member, sorted (RFC 8785, 3.2.3).
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for (key, value) in sorted(by: { JSONWriter.precedes($0.key.utf8, $1.key.utf8) }) {
                writer.member(key, value)
            }
        }
    }
}
