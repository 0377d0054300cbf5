package import SluiceBase

/// A request method, as one bit; the values are those of `SLUICE_M_*` in the plugin header.
package enum Method: UInt32, Sendable, BitwiseCopyable {
    case get = 1
    case head = 2
    case post = 4
    case put = 8
    case delete = 16
    case patch = 32
    case options = 64
    case connect = 128
    case other = 256

    /// Methods are case-sensitive (RFC 9110 9.1).
    package init(_ name: Bytes) {
        switch name.count {
        case 3: self = name.equals("GET") ? .get : name.equals("PUT") ? .put : .other
        case 4: self = name.equals("POST") ? .post : name.equals("HEAD") ? .head : .other
        case 5: self = name.equals("PATCH") ? .patch : .other
        case 6: self = name.equals("DELETE") ? .delete : .other
        case 7:
            self = name.equals("OPTIONS") ? .options : name.equals("CONNECT") ? .connect : .other
        default: self = .other
        }
    }

    /// Writes an Allow line for a mask of methods, a line break in front (RFC 9110 10.2.1).
    package static func writeAllow(_ mask: UInt32, to output: inout ByteWriter) {
        output.append("\r\nAllow: ")
        var isFirst = true
        for bit in 0..<7 where mask & (1 << bit) != 0 {
            if !isFirst { output.append(", ") }
            isFirst = false
            output.append(names[bit])
        }
    }

    /// The methods that `writeAllow` has a name for.
    package static let supportedMask: UInt32 = 0x7f

    private static let names: [Bytes] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS",
    ]

    /// Whether sending it twice does no more than sending it once (RFC 9110 9.2.2).
    package var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options: true
        case .post, .patch, .connect, .other: false
        }
    }
}
