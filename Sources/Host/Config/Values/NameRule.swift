/// What an instance or a listener may be called: it becomes part of file names and metrics.
package enum NameRule {
    package static let bytesMax = 63

    /// Lower-case letters, digits and inner hyphens, as a DNS label (RFC 1123).
    package static func allows(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1...bytesMax).contains(bytes.count)
            && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            && bytes.first.map(isLetterOrDigit) == true
            && bytes.last.map(isLetterOrDigit) == true
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
