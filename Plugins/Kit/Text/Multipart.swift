/// The head of one part of a form.
public struct MultipartPart: Sendable, Equatable {
    /// The field's name.
    public var name: String
    /// The name of an uploaded file as the client gave it: never a path to write to.
    public var filename: String?
    /// `Content-Type` as it was sent; nil means text/plain (RFC 7578, section 4.4).
    public var contentType: String?
    /// All header fields of the part, names in lower case, in their order.
    public var headers: [(name: String, value: String)]

    /// Makes a head to write; `headers` are those besides Content-Disposition and Content-Type.
    public init(
        name: String,
        filename: String? = nil,
        contentType: String? = nil,
        headers: [(name: String, value: String)] = []
    ) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
        self.headers = headers
    }

    /// Whether both say the same.
    public static func == (one: MultipartPart, other: MultipartPart) -> Bool {
        one.name == other.name && one.filename == other.filename
            && one.contentType == other.contentType
            && one.headers.elementsEqual(other.headers) { $0 == $1 }
    }
}

/// What stands next in a form.
public enum MultipartEvent: Sendable, Equatable {
    /// A part begins.
    case begin(MultipartPart)
    /// The next bytes of its body; never empty.
    case piece(ArraySlice<UInt8>)
    /// The part is whole.
    case end
}

/// What a form may cost before it is refused.
public struct MultipartLimits: Sendable, Equatable {
    /// Parts of one form.
    public var partsMax: Int
    /// Bytes of one part's header fields.
    public var headerBytesMax: Int
    /// Bytes of the whole form, all delimiters included.
    public var bytesMax: Int

    /// Makes limits; the defaults suit forms that are kept in memory.
    public init(partsMax: Int = 100, headerBytesMax: Int = 8_192, bytesMax: Int = 16 << 20) {
        self.partsMax = partsMax
        self.headerBytesMax = headerBytesMax
        self.bytesMax = bytesMax
    }
}

/// Why a form was refused.
public struct MultipartError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Reason: Sendable, Equatable {
        /// The content type is another one, or names no valid boundary.
        case contentType
        /// A delimiter is followed by something else than the end of its line.
        case delimiter
        /// A header field is malformed, said twice, or lacks the name of the field.
        case header
        /// The body ends before the last delimiter.
        case truncated
        /// More parts, header bytes or bytes than the limits allow.
        case limit
    }

    /// The kind of fault.
    public let reason: Reason
    /// How many bytes of the form were taken before; 0 for the content type.
    public let offset: Int
    /// What is wrong, in one sentence.
    public let text: String

    /// The sentence, with its place.
    public var description: String { "multipart form, byte \(offset): \(text)" }
}

/// What separates the parts of a form (RFC 2046, section 5.1.1).
enum MultipartBoundary {
    /// The bytes of a valid boundary.
    static func check(_ boundary: String) throws(MultipartError) -> [UInt8] {
        let bytes = Array(boundary.utf8)
        guard (1...70).contains(bytes.count), bytes.last != 0x20, bytes.allSatisfy(isCharacter)
        else {
            throw MultipartError(
                reason: .contentType,
                offset: 0,
                text: "expected a boundary of 1 to 70 letters, digits, spaces or '()+_,-./:=?"
            )
        }
        return bytes
    }

    private static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
}

/// What is wrong with the header of a part.
struct MultipartFault: Error {
    let text: String
}

extension MultipartPart {
    /// The part with these header fields, or what is wrong with them.
    init(_ headers: [(name: String, value: String)]) throws(MultipartFault) {
        var names: Set<String> = []
        for (name, _) in headers where !names.insert(name).inserted {
            throw MultipartFault(text: "the header field \(name) is said twice; send it once")
        }
        func value(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        guard let disposition = value("content-disposition").flatMap(FieldValue.init),
            disposition.text == "form-data", let name = disposition.parameters["name"]
        else {
            throw MultipartFault(
                text: "expected Content-Disposition: form-data with the name of the field"
            )
        }
        // Deprecated by RFC 7578, section 4.7; the ones that change no byte are harmless.
        let encoding = value("content-transfer-encoding")?.lowercased() ?? "binary"
        guard ["7bit", "8bit", "binary"].contains(encoding) else {
            throw MultipartFault(text: "the transfer encoding of a part is not supported")
        }
        self.name = Self.unescaped(name)
        filename = disposition.parameters["filename"].map(Self.unescaped)
        contentType = value("content-type")
        self.headers = headers
    }

    /// What browsers write for a quote and for line breaks (HTML, multipart/form-data encoding).
    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch (byte, rest.prefix(2)) {
            case (UInt8(ascii: "%"), [0x32, 0x32]): plain.append(UInt8(ascii: "\""))
            case (UInt8(ascii: "%"), [0x30, 0x44]), (UInt8(ascii: "%"), [0x30, 0x64]):
                plain.append(0x0D)
            case (UInt8(ascii: "%"), [0x30, 0x41]), (UInt8(ascii: "%"), [0x30, 0x61]):
                plain.append(0x0A)
            default:
                plain.append(byte)
                continue
            }
            rest.removeFirst(2)
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
