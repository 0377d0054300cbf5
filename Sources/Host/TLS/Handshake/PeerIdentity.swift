internal import CTLS
package import SluiceBase

/// Who a client has proved to be, in the form that origins read: the value of the field
/// `X-Forwarded-Client-Cert`, as Envoy and its users know it.
///
/// `Hash=` is the SHA-256 of the certificate in hexadecimal, `Subject="` its subject (RFC 2253),
/// then come its names: `URI=` and `DNS=`, as many as fit. Its channel owns the memory.
@safe
package struct PeerIdentity: BitwiseCopyable {
    /// Bytes of the value at most; names that do not fit are left out.
    package static let bytesMax = 2_048

    private let start: UnsafeMutablePointer<UInt8>?
    private let count: Int

    /// Reads the certificate of a connection whose handshake is complete; empty when the client has
    /// none, or none that is valid.
    package init(_ connection: Secured) {
        guard let certificate = unsafe connection.verifiedCertificate() else {
            unsafe start = nil
            count = 0
            return
        }
        defer { unsafe X509_free(certificate) }
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.bytesMax)
        var writer = unsafe ByteWriter(start: memory, capacity: Self.bytesMax)
        unsafe Self.write(certificate, to: &writer)
        unsafe start = memory
        count = writer.count
    }

    /// The value; valid until `free`.
    package var bytes: Bytes {
        guard let start = unsafe start else { return .empty }
        return unsafe Bytes(start: start, count: count)
    }

    /// Gives the memory back.
    package func free() { unsafe start?.deallocate() }

    private static func write(_ certificate: OpaquePointer, to writer: inout ByteWriter) {
        writer.append("Hash=")
        for byte in SHA256.digest(unsafe X509Facts.bytes(of: certificate)) {
            if byte < 16 { writer.append(UInt8(ascii: "0")) }
            writer.append(shortHex: Int(byte))
        }
        writeSubject(unsafe X509Facts.subject(of: certificate), &writer)
        guard let names = unsafe ctls_alternative_names(certificate) else { return }
        defer { unsafe ctls_general_names_free(names) }
        unsafe write(names, "URI=", ctls_type_uri(), &writer)
        unsafe write(names, "DNS=", ctls_type_dns(), &writer)
    }

    /// Left out when it is so long that names would have no room.
    private static func writeSubject(_ subject: String, _ writer: inout ByteWriter) {
        guard subject.utf8.count <= bytesMax / 4 else { return }
        writer.append(";Subject=\"")
        for byte in subject.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { writer.append(0x5c) }
            writer.append(byte)
        }
        writer.append("\"")
    }

    private static func write(
        _ names: OpaquePointer,
        _ key: Bytes,
        _ type: CInt,
        _ writer: inout ByteWriter
    ) {
        for place in unsafe 0..<ctls_general_names_count(names) {
            var start: UnsafePointer<UInt8>?
            guard let name = unsafe ctls_general_name_at(names, place) else { continue }
            let count = unsafe Int(ctls_general_name_bytes(name, type, &start))
            guard count > 0, let start = unsafe start else { continue }
            let bytes = unsafe Bytes(start: start, count: count)
            guard isPlain(bytes), key.count &+ 1 &+ count <= writer.remaining else { continue }
            writer.append(UInt8(ascii: ";"))
            writer.append(key)
            writer.append(bytes)
        }
    }

    /// Whether a name may stand in the field without quotes: no control character, separator or
    /// quote.
    private static func isPlain(_ name: Bytes) -> Bool {
        for place in 0..<name.count {
            switch name[place] {
            case 0x21, 0x23...0x2b, 0x2d...0x3a, 0x3c, 0x3d, 0x3f...0x5b, 0x5d...0x7e: continue
            default: return false
            }
        }
        return true
    }
}
