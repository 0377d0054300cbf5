/// One header line.
public struct Header: Sendable, Hashable {
    /// Lower case when it comes from the host.
    public var name: String
    /// The value's octets, as they were sent (RFC 9110, section 5.5).
    public var octets: [UInt8]
    /// Keep it out of logs, and never index it (RFC 7541, section 7.1.3).
    public var isSensitive: Bool

    /// Makes a header line with a value in UTF-8.
    public init(_ name: String, _ value: String, isSensitive: Bool = false) {
        self.init(name, octets: Array(value.utf8), isSensitive: isSensitive)
    }

    /// Makes a header line with any octets; the host refuses CR, LF and NUL.
    public init(_ name: String, octets: [UInt8], isSensitive: Bool = false) {
        self.name = name
        self.octets = octets
        self.isSensitive = isSensitive
    }

    /// The value as text: in UTF-8, or one character an octet (ISO 8859-1) when it is not UTF-8.
    public var text: String { octets.headerText }
}

/// Header lines in their order; names are found without regard to case.
///
///     let headers: Headers = ["content-type": "text/plain", "x-count": "1"]
///     headers["Content-Type"]     // "text/plain"
public struct Headers: Sendable, Equatable {
    private var lines: [Header]

    /// No lines.
    public init() {
        lines = []
    }

    /// These lines.
    public init(_ lines: some Sequence<Header>) {
        self.lines = Array(lines)
    }

    /// The first value of a name, as `Header.text`; setting it replaces all lines of the name, and
    /// nil removes them.
    public subscript(name: String) -> String? {
        get { first(name)?.text }
        set {
            lines.removeAll { $0.name.isSameFieldName(as: name) }
            if let newValue { lines.append(Header(name, newValue)) }
        }
    }

    /// The first line of a name.
    public func first(_ name: String) -> Header? {
        lines.first { $0.name.isSameFieldName(as: name) }
    }

    /// All lines of a name.
    public func all(_ name: String) -> [Header] {
        lines.filter { $0.name.isSameFieldName(as: name) }
    }

    /// Adds a line after the others.
    public mutating func add(_ name: String, _ value: String, isSensitive: Bool = false) {
        lines.append(Header(name, value, isSensitive: isSensitive))
    }

    /// Adds a line after the others.
    public mutating func add(_ line: Header) {
        lines.append(line)
    }
}

extension Headers: RandomAccessCollection {
    /// Zero.
    public var startIndex: Int { 0 }

    /// How many lines there are.
    public var endIndex: Int { lines.count }

    /// The line at this place.
    public subscript(index: Int) -> Header { lines[index] }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// Lines in the order of the literal; a name may come several times.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Header($0.0, $0.1) })
    }
}

extension Collection<UInt8> {
    /// UTF-8, or one character an octet.
    var headerText: String {
        String(validating: self, as: UTF8.self)
            ?? String(String.UnicodeScalarView(lazy.map { Unicode.Scalar($0) }))
    }
}

extension StringProtocol {
    /// Equal but for the case of ASCII letters (RFC 9110, section 5.1).
    func isSameFieldName(as other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { $0.asciiLowered == $1.asciiLowered }
    }
}

extension UInt8 {
    var asciiLowered: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
