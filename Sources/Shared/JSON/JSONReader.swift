/// Reads what a text should contain, and says with a JSON Pointer where it does not.
///
/// `try json["spec"]["replicas"].int()` gives the number, or throws `a.json:3:5: /spec/replicas:
/// expected an integer, found a string`. Looking into what is not there is no error before it is
/// read. A cheap handle that keeps the document alive; any thread.
public struct JSONReader: Sendable {
    /// The place itself, or the nearest one above that is there.
    private let nearest: JSONValue
    /// Reference tokens from there to the place.
    private let missing: [String]

    private init(_ nearest: JSONValue, missing: [String]) {
        self.nearest = nearest
        self.missing = missing
    }

    /// Reads from this value on; pointers begin at its document's root.
    public init(_ value: JSONValue) {
        self.init(value, missing: [])
    }

    /// Parses a text (RFC 8259) as `JSONDocument` does and reads from its root on.
    public init(
        parsing bytes: some Collection<UInt8>,
        source: String = "",
        limits: ParseLimits = .standard
    ) throws(ParseFailure) {
        self.init(try JSONDocument(parsing: bytes, source: source, limits: limits).root)
    }

    /// The value, when there is one.
    public var value: JSONValue? { missing.isEmpty ? nearest : nil }

    /// The member with this key, there or not.
    public subscript(key: String) -> JSONReader {
        if let member = value?[key] { return JSONReader(member) }
        return JSONReader(nearest, missing: missing + [escapedToken(key)])
    }

    /// The element at this position, there or not; loop over `array()` instead of counting.
    public subscript(position: Int) -> JSONReader {
        if let element = value?[position] { return JSONReader(element) }
        return JSONReader(nearest, missing: missing + [String(position)])
    }

    /// Nil when the value is null or absent: `try json["port"].optional?.int()`.
    ///
    /// A place inside of what has no places, as a member of a string, is no absent value: it
    /// throws when it is read.
    public var optional: JSONReader? {
        switch nearest.kind {
        case .null: nil
        case .array, .object: missing.isEmpty ? self : nil
        case .bool, .number, .string: self
        }
    }
}

extension JSONReader {
    /// A string.
    public func string() throws(ParseFailure) -> String {
        guard let text = value?.string else { throw expected("a string") }
        return text
    }

    /// true or false.
    public func bool() throws(ParseFailure) -> Bool {
        guard let value = value?.bool else { throw expected("a boolean") }
        return value
    }

    /// An integer; `1.0` and `1e2` are integers, numbers that do not fit are refused.
    public func int() throws(ParseFailure) -> Int {
        try integer(Int.self)
    }

    /// An integer of this type, exact for all of its values.
    public func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type
    ) throws(ParseFailure) -> Integer {
        if let integer = value?.integer(type) { return integer }
        guard let text = value?.numberText else { throw expected("an integer") }
        let shown = text.utf8.count > 40 ? "a longer number" : text
        throw failure("expected an integer from \(Integer.min) to \(Integer.max), found \(shown)")
    }

    /// The nearest double.
    public func double() throws(ParseFailure) -> Double {
        guard let number = value?.double else { throw expected("a number") }
        return number
    }

    /// One of the words of an enumeration.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type
    ) throws(ParseFailure) -> Choice {
        let word = try string()
        if let choice = Choice(rawValue: word) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        let known = words.map(quoted).joined(separator: ", ")
        throw failure("expected one of \(known), found \(quoted(word))" + suggestion(word, words))
    }

    /// The elements of an array.
    public func array() throws(ParseFailure) -> [JSONReader] {
        guard let value, value.kind == .array else { throw expected("an array") }
        return value.elements.map { JSONReader($0) }
    }

    /// The elements of an array, each read as this type.
    public func array<Element: JSONReadable>(
        of _: Element.Type
    ) throws(ParseFailure) -> [Element] {
        var elements: [Element] = []
        for element in try array() { elements.append(try Element(json: element)) }
        return elements
    }

    /// The members of an object, in the order of the text.
    public func members() throws(ParseFailure) -> [(key: String, value: JSONReader)] {
        guard let value, value.kind == .object else { throw expected("an object") }
        return value.members.map { ($0.key, JSONReader($0.value)) }
    }

    /// A string; `fallback` when it is null or absent.
    public func string(or fallback: String) throws(ParseFailure) -> String {
        try optional?.string() ?? fallback
    }

    /// true or false; `fallback` when it is null or absent.
    public func bool(or fallback: Bool) throws(ParseFailure) -> Bool {
        try optional?.bool() ?? fallback
    }

    /// An integer; `fallback` when it is null or absent.
    public func int(or fallback: Int) throws(ParseFailure) -> Int {
        try optional?.int() ?? fallback
    }

    /// A number; `fallback` when it is null or absent.
    public func double(or fallback: Double) throws(ParseFailure) -> Double {
        try optional?.double() ?? fallback
    }

    /// The elements of an array, none when it is null or absent.
    public func arrayOrNone() throws(ParseFailure) -> [JSONReader] {
        try optional?.array() ?? []
    }
}

/// What can be read from JSON: numbers, texts, words of an enumeration, and types of one's own.
public protocol JSONReadable {
    /// Reads a value, or throws where it is not what it should be.
    init(json: JSONReader) throws(ParseFailure)
}

extension JSONReadable where Self: FixedWidthInteger {
    /// An integer that this type holds exactly.
    public init(json: JSONReader) throws(ParseFailure) {
        self = try json.integer(Self.self)
    }
}

extension JSONReadable where Self: RawRepresentable<String> & CaseIterable {
    /// One of the words of the enumeration.
    public init(json: JSONReader) throws(ParseFailure) {
        self = try json.choice(Self.self)
    }
}

extension Int: JSONReadable {}
extension Int32: JSONReadable {}
extension Int64: JSONReadable {}
extension UInt16: JSONReadable {}
extension UInt32: JSONReadable {}
extension UInt64: JSONReadable {}

extension String: JSONReadable {
    /// A string.
    public init(json: JSONReader) throws(ParseFailure) { self = try json.string() }
}

extension Double: JSONReadable {
    /// The nearest double.
    public init(json: JSONReader) throws(ParseFailure) { self = try json.double() }
}

extension JSONReader {
    /// A failure at this place, for rules of one's own: `throw json["port"].failure("is taken")`.
    public func failure(_ text: String) -> ParseFailure {
        let pointer = nearest.pointer + missing.map { "/" + $0 }.joined()
        return ParseFailure(
            source: nearest.source,
            mark: nearest.mark,
            pointer: pointer,
            text: text
        )
    }

    /// What was expected here, and what is here instead.
    private func expected(_ wanted: String) -> ParseFailure {
        if missing.isEmpty { return failure("expected \(wanted), found \(nearest.kind.words)") }
        switch nearest.kind {
        case .object:
            let keys = nearest.members.map(\.key)
            return failure("expected \(wanted), found nothing" + suggestion(missing[0], keys))
        case .array: return failure("expected \(wanted), found nothing")
        case .null, .bool, .number, .string:
            let place = JSONReader(nearest)
            return place.failure("expected an object or array, found \(nearest.kind.words)")
        }
    }

    private func suggestion(_ word: String, _ known: [String]) -> String {
        SluiceShared.nearest(word, among: known).map { "; did you mean \(quoted($0))?" } ?? ""
    }
}

extension JSONValue.Kind {
    fileprivate var words: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
