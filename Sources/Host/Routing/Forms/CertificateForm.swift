internal import SluiceShared
internal import SluiceTLS

/// A certificate document as the compiler uses it.
struct CertificateForm: Sendable {
    let key: DocumentKey
    let certificate: Certificate

    /// Reads the document; nil when it must be left out, the reasons then stand in `reading`.
    ///
    /// No text quotes the chain or the key.
    init?(_ reading: inout Reading) {
        let root = reading.root
        guard let chain = root["chain"]?.string, let privateKey = root["key"]?.string else {
            reading.shape(root, "a chain and a key")
            return nil
        }
        var response: [UInt8]?
        if let text = root["ocsp"]?.string {
            response = Base64.bytes(text)
            if response == nil {
                reading.report(
                    .badOCSP,
                    .warning,
                    at: root["ocsp"],
                    "expected an OCSP response as base64 of its DER form: the certificate is "
                        + "presented without it; write one, or remove the member"
                )
            }
        }
        do throws(MaterialFault) {
            certificate = try Certificate(
                chain: Array(chain.utf8),
                key: Array(privateKey.utf8),
                ocsp: response
            )
        } catch {
            reading.report(
                .badCertificate,
                at: root[error.member],
                "\(error.description); the certificate is left out until then"
            )
            return nil
        }
        key = reading.key
    }
}

/// Binary content of a document.
enum Base64 {
    /// The bytes of a text (RFC 4648 section 4, with padding); nil when it is none.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8
        let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard digits.count.isMultiple(of: 4), padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for digit in digits.dropLast(padding) {
            guard let value = value(of: digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
