internal import SluiceBase
internal import SluiceConfig
internal import SluiceRouting
internal import SluiceShared
internal import SluiceTLS

/// A certificate with its key as a document has them, checked.
struct CertificateTexts: FileContent {
    let chain: String
    let key: String
    /// An OCSP response in base64.
    let ocsp: String?
    /// SHA-256 of the leaf.
    let fingerprint: [UInt8]
    /// Seconds since 1970.
    let notAfter: Int64

    var summary: String { "SHA-256 \(fingerprintText)" }

    /// As `openssl x509 -fingerprint -sha256` writes it.
    var fingerprintText: String {
        fingerprint.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count < 2 ? "0\(digits)" : digits
        }.joined(separator: ":")
    }

    var document: JSON {
        var document: JSON = ["chain": .string(chain), "key": .string(key)]
        if let ocsp { document["ocsp"] = .string(ocsp) }
        return document
    }

    /// Reads the files of one certificate; a fault names the one to look at.
    ///
    /// A response that cannot be used does not keep a certificate from use. It is waited for as a
    /// key is, and does not replace what the same pair came with.
    static func read(
        _ files: CertificateFiles,
        _ look: FileLook<CertificateTexts> = FileLook(old: nil, isLast: true)
    ) throws(FileFault) -> CertificateTexts {
        let chain = try MaterialFile.read(files.certificate)
        let key = try MaterialFile.read(files.key)
        let response = files.ocsp.map(readResponse)
        let certificate = try certificate(files, chain, key, response?.bytes)
        let new = CertificateTexts(certificate, chain: chain, key: key, response: response?.bytes)
        try new.check(files)
        guard let path = files.ocsp,
            let text = response?.fault?.text
                ?? certificate.responseFault(at: Clock.unixSecond())?.description
        else { return new }
        let hasNewPair = look.old?.chain != new.chain || look.old?.key != new.key
        guard look.isLast, hasNewPair || look.old?.ocsp == new.ocsp else {
            throw FileFault(file: path, text: text)
        }
        return new
    }

    /// The bytes of a response; empty when there are none that a document may have.
    private static func readResponse(_ path: String) -> (bytes: [UInt8], fault: FileFault?) {
        do throws(FileFault) {
            return (try MaterialFile.read(path, bytesMax: responseBytesMax), nil)
        } catch {
            return ([], error)
        }
    }

    /// As long as `ocsp` of a document may be in base64.
    private static let responseBytesMax = 64 * kibibyte

    private static func certificate(
        _ files: CertificateFiles,
        _ chain: [UInt8],
        _ key: [UInt8],
        _ response: [UInt8]?
    ) throws(FileFault) -> Certificate {
        do throws(MaterialFault) {
            return try Certificate(chain: chain, key: key, ocsp: response)
        } catch {
            let file = error.member == "key" ? files.key : files.certificate
            throw FileFault(file: file, text: error.description)
        }
    }

    /// Refuses what the compiler would refuse of the document.
    private func check(_ files: CertificateFiles) throws(FileFault) {
        guard let fault = Document.fault(own: .certificate, document) else { return }
        let file = fault.pointer == "/key" ? files.key : files.certificate
        throw FileFault(file: file, text: fault.text)
    }

    init(chain: [UInt8], key: [UInt8]) throws(MaterialFault) {
        let certificate = try Certificate(chain: chain, key: key)
        self.init(certificate, chain: chain, key: key, response: nil)
    }

    private init(_ certificate: Certificate, chain: [UInt8], key: [UInt8], response: [UInt8]?) {
        self.chain = String(decoding: chain, as: UTF8.self)
        self.key = String(decoding: key, as: UTF8.self)
        ocsp = response.map(Base64.text)
        fingerprint = certificate.fingerprint
        notAfter = certificate.dates.notAfter
    }
}

/// Certificate authorities as a document has them, checked.
struct AuthorityText: FileContent {
    let text: String
    private let count: Int

    var summary: String { "\(count) authorities" }

    var document: JSON { ["certificates": [.string(text)]] }

    static func read(_ file: String) throws(FileFault) -> AuthorityText {
        let bytes = try MaterialFile.read(file)
        let new: AuthorityText
        do throws(MaterialFault) {
            let authorities = try Authorities([bytes], trustsSystem: false)
            let text = String(decoding: bytes, as: UTF8.self)
            new = AuthorityText(text: text, count: authorities.count)
        } catch {
            throw FileFault(file: file, text: error.description)
        }
        // What the compiler would refuse of the document.
        if let fault = Document.fault(own: .trust, new.document) {
            throw FileFault(file: file, text: fault.text)
        }
        return new
    }
}

/// Files with certificates, keys and the like.
enum MaterialFile {
    /// As long as a text of a routing document may be.
    private static let textBytesMax = 256 * kibibyte

    /// The bytes of a file.
    static func read(
        _ path: String,
        bytesMax: Int = textBytesMax
    ) throws(FileFault) -> [UInt8] {
        do throws(Files.Failure) {
            return try Files.read(path, bytesMax: bytesMax)
        } catch {
            throw FileFault(file: path, text: sentence(error))
        }
    }

    /// A warning about a secret that every user of the machine may read.
    static func exposure(of path: String) -> String? {
        guard FileIdentity.isReadableByAll(path) else { return nil }
        return "\(path): warning: every user may read this secret: expected mode 0600 or 0640; "
            + "chmod o-r \(path)"
    }

    private static func sentence(_ failure: Files.Failure) -> String {
        switch failure {
        case .system(let error):
            "the file cannot be read: \(error); put it there, or correct the path or its mode"
        case .tooLarge(let limit):
            "the file is longer than \(ByteSize.text(limit)): keep only what is needed in it"
        }
    }
}

/// Base64 of RFC 4648 section 4.
private enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for place in 0...group.count {
                text.append(digits[Int(bits >> UInt32(18 - 6 * place) & 63)])
            }
            text += [UInt8](repeating: UInt8(ascii: "="), count: 3 - group.count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
