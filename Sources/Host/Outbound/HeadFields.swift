package import SluiceBase

/// The fields of a response head or of trailers, in one run of bytes; names in lower case.
package struct HeadFields: Sendable {
    struct Place: Sendable {
        var name: Int
        var nameCount: Int
        var value: Int
        var valueCount: Int
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []

    /// No fields.
    package init() {}

    package var count: Int { places.count }

    /// Calls `body` with the name and the value of each field, in order; both are valid during the
    /// call.
    package func visit(_ body: (Bytes, Bytes) -> Void) {
        bytes.withBytes { all in
            for place in places {
                body(
                    all.slice(place.name, place.nameCount),
                    all.slice(place.value, place.valueCount)
                )
            }
        }
    }

    /// The value of the first field called `name`, which is in lower case.
    package func first(_ name: String) -> String? {
        var found: String?
        visit { key, value in if found == nil, key.text == name { found = value.text } }
        return found
    }

    /// Adds a line without its end; false when it is no field.
    mutating func append(line: Bytes) -> Bool {
        let colon = line.index(of: UInt8(ascii: ":"))
        guard colon > 0 else { return false }
        var (start, end) = (colon + 1, line.count)
        while start < end, Self.isBlank(line[start]) { start += 1 }
        while end > start, Self.isBlank(line[end - 1]) { end -= 1 }
        let name = bytes.count
        for index in 0..<colon { bytes.append(Self.lowercased(line[index])) }
        for index in start..<end { bytes.append(line[index]) }
        places.append(
            Place(name: name, nameCount: colon, value: name + colon, valueCount: end - start)
        )
        return true
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}

/// Reads a response head as libcurl gives it: a line a call, an empty one at the end.
///
/// libcurl writes heads of HTTP/2 in the same form.
struct HeadReader {
    enum Step: Equatable {
        case more
        /// The head is whole.
        case whole
    }

    /// Of the head that is being read, or was read last.
    private(set) var status = 0
    private(set) var fields = HeadFields()
    /// Bytes of all heads and trailers so far.
    private(set) var bytesCount = 0

    /// Takes one line with its end.
    mutating func read(_ line: Bytes) -> Step {
        bytesCount += line.count
        var length = line.count
        while length > 0, line[length - 1] == 0x0a || line[length - 1] == 0x0d { length -= 1 }
        let content = line.prefix(length)
        if content.isEmpty { return .whole }
        if content.hasPrefix("HTTP/"), let status = Self.status(content) {
            self.status = status
            fields = HeadFields()
        } else {
            _ = fields.append(line: content)
        }
        return .more
    }

    /// Hands the fields out and begins with none: trailers follow.
    mutating func take() -> HeadFields {
        defer { fields = HeadFields() }
        return fields
    }

    /// The three digits behind the first space.
    private static func status(_ line: Bytes) -> Int? {
        let space = line.index(of: UInt8(ascii: " "))
        guard space > 0, space + 4 <= line.count else { return nil }
        var value = 0
        for index in space + 1..<space + 4 {
            let digit = line[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}
