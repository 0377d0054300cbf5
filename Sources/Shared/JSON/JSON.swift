/// A JSON value to build and to write; to read a text use `JSONDocument`.
public indirect enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Any other number, as JSON text; a text that is no number stops the program when written.
    case number(String)
    case string(String)
    case array([JSON])
    /// Keys are sorted when written.
    case object([String: JSON])

    /// The one spelling of this value (RFC 8785, but numbers stay exact): keys sorted, no white
    /// space.
    public func canonical() -> [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The value as text, on one line or indented by two spaces a level; keys are sorted.
    public func text(pretty: Bool = false) -> String {
        var writer = JSONWriter(pretty: pretty)
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The member with this key.
    ///
    /// Setting one on `null` makes an object; setting nil removes the member; setting a member on
    /// any other kind is a mistake of the caller and stops the program.
    public subscript(key: String) -> JSON? {
        get {
            guard case .object(let object) = self else { return nil }
            return object[key]
        }
        set {
            switch self {
            case .object(var object):
                self = .null
                object[key] = newValue
                self = .object(object)
            case .null: self = .object(newValue.map { [key: $0] } ?? [:])
            case .bool, .integer, .number, .string, .array:
                preconditionFailure("the member \(quoted(key)) was set on a value without members")
            }
        }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// Makes an object; of a key said twice the last value counts.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(Dictionary(members) { _, last in last })
    }
}
