import SluiceBase

/// What goes in and what must come out, from a file of `Tests/Golden/http`.
///
/// Two parts with a line of dashes between them. `\r`, `\n`, `\\` and `\xNN` stand for bytes; the
/// line ends of the file stand for nothing.
struct Golden {
    let name: String
    let input: [UInt8]
    let expected: [UInt8]

    private static let fileBytesMax = 65_536
    private static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/Golden/http"
    }()

    init(_ name: String) throws {
        self.name = name
        let bytes = try Files.read("\(Self.folder)/\(name).txt", bytesMax: Self.fileBytesMax)
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n----\n")
        input = Self.plain(parts.first ?? "")
        expected = Self.plain(parts.count == 2 ? parts[1] : "")
    }

    private static func plain(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8.filter { $0 != UInt8(ascii: "\n") }[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "r"): bytes.append(0x0d)
            case UInt8(ascii: "n"): bytes.append(0x0a)
            case UInt8(ascii: "x"):
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            default: bytes.append(kind)
            }
        }
        return bytes
    }
}
