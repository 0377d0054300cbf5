/// Why a certificate, a key or a set of authorities cannot be used.
///
/// Each description says what is wrong, what is expected and what to do; none has a byte of the
/// texts in it, so that all can be logged. Blocks, texts and certificates are counted from 1.
package enum MaterialFault: Error, Sendable, Hashable {
    /// The text that a fault is about.
    package enum Source: Sendable, Hashable {
        /// The leaf's certificate and the intermediates.
        case chain
        /// The private key.
        case key
        /// The n-th text of authorities.
        case authorities(text: Int)
    }

    // Texts.
    case oversizedText(Source, bytesMax: Int)
    case unreadableBlock(Int, Source)
    case noCertificate(Source)
    case tooManyCertificates(Source, limit: Int)
    case misplacedKey(block: Int, Source)

    // The key.
    case noKey
    case severalKeys
    case encryptedKey
    case unsupportedKey(kind: String)
    case smallKey(bits: Int)
    case oversizedKey(bits: Int)

    // The chain.
    case keyOfNone
    case leafNotFirst(place: Int)
    case weakCertificate(place: Int)
    case unreadableTimes
    case unreadableNames
    case nameWithNUL
    case tooManyNames(limit: Int)

    // The OCSP response.
    case noResponse
    case unreadableResponse
    case responseForOthers
    case badStatus(isRevoked: Bool)
    case earlyResponse
    case expiredResponse

    // Making a certificate.
    case noName
    case badName(place: Int)
    case badAddress(place: Int)
    case badDays(limit: Int)
    case failedMaking
}

extension MaterialFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .oversizedText(let source, let bytesMax):
            "\(source) is longer than \(bytesMax) bytes; keep only what is needed in it"
        case .unreadableBlock(let block, let source):
            "block \(block) of \(source) cannot be decoded: expected whole PEM, base64 between "
                + "its BEGIN and END lines; export it again"
        case .noCertificate(let source):
            "\(source) has no certificate: expected at least one PEM block BEGIN CERTIFICATE, "
                + "without blanks before it in its line; convert DER or PKCS#12 to PEM first"
        case .tooManyCertificates(let source, let limit):
            "\(source) has more certificates than the \(limit) supported; keep only those that "
                + "are needed"
        case .misplacedKey(let block, let source):
            "block \(block) of \(source) is a private key: expected only certificates; remove it, "
                + "and replace the key if others could read this text"
        case .noKey, .severalKeys, .encryptedKey, .unsupportedKey, .smallKey, .oversizedKey:
            textOfKey
        case .keyOfNone, .leafNotFirst, .weakCertificate, .unreadableTimes, .unreadableNames,
            .nameWithNUL, .tooManyNames:
            textOfChain
        case .noResponse, .unreadableResponse, .responseForOthers, .badStatus, .earlyResponse,
            .expiredResponse:
            textOfResponse
        case .noName, .badName, .badAddress, .badDays, .failedMaking: textOfMaking
        }
    }

    private var textOfKey: String {
        switch self {
        case .noKey:
            "there is no private key: expected one PEM block BEGIN PRIVATE KEY, "
                + "BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE KEY, without blanks before it in "
                + "its line"
        case .severalKeys:
            "there are several private keys: expected one; keep the key of the first certificate"
        case .encryptedKey:
            "the private key is encrypted, and there is nobody to enter a passphrase; remove the "
                + "passphrase: openssl pkey -in encrypted.pem -out key.pem"
        case .unsupportedKey(let kind):
            "keys of the kind \(kind) are not supported: expected RSA of 2048 to 8192 bits, or "
                + "ECDSA on the named curve P-256, P-384 or P-521"
        case .smallKey(let bits):
            "the RSA key has \(bits) bits: expected at least \(PrivateKey.bitsMin); make a new "
                + "key and have its certificate issued"
        case .oversizedKey(let bits):
            "the RSA key has \(bits) bits: expected at most \(PrivateKey.bitsMax), since each "
                + "handshake signs with it; use ECDSA on P-384 for more strength"
        default: ""
        }
    }

    private var textOfChain: String {
        switch self {
        case .keyOfNone:
            "the private key is not that of the certificate: expected the key that the first "
                + "certificate was issued for; renew both together"
        case .leafNotFirst(let place):
            "the private key is that of certificate \(place), not of the first: expected the "
                + "leaf first, then its intermediates; put the certificates in that order"
        case .weakCertificate(let place):
            "certificate \(place) has a signature or a key of less than 112 bits of security, as "
                + "with SHA-1, and peers refuse it; have it issued with SHA-256 or better"
        case .unreadableTimes:
            "the validity of the certificate cannot be decoded; have it issued again"
        case .unreadableNames:
            "the alternative names of the certificate cannot be decoded: expected one well-formed "
                + "subjectAltName extension; have it issued again"
        case .nameWithNUL:
            "a name of the certificate has a NUL byte in it, which serves only to deceive; have "
                + "it issued with plain names"
        case .tooManyNames(let limit):
            "the certificate has more names than the \(limit) supported; use wildcards or "
                + "several certificates"
        default: ""
        }
    }

    private var textOfResponse: String {
        switch self {
        case .noResponse:
            "there is no OCSP response: expected a successful response in DER (RFC 6960); fetch it"
        case .unreadableResponse:
            "the OCSP response cannot be used: expected a successful response in DER (RFC 6960); "
                + "fetch it again"
        case .responseForOthers:
            "the OCSP response says nothing about the first certificate: expected its serial "
                + "number in it; fetch the response again after a renewal"
        case .badStatus(let isRevoked):
            isRevoked
                ? "the OCSP response says that the certificate is revoked; have a new one issued"
                : "the OCSP response says that the certificate is not known; ask its issuer"
        case .earlyResponse:
            "the OCSP response counts only later; check the host's clock, or use it then"
        case .expiredResponse: "the OCSP response is out of date; fetch a new one"
        default: ""
        }
    }

    private var textOfMaking: String {
        switch self {
        case .noName: "a certificate needs at least one name or address"
        case .badName(let place): "name \(place) is no DNS name: expected labels, or *. and labels"
        case .badAddress(let place): "address \(place) is neither an IPv4 nor an IPv6 address"
        case .badDays(let limit): "the days of validity are out of range: expected 1 to \(limit)"
        case .failedMaking:
            "OpenSSL could not make the certificate; see that its random numbers work"
        default: ""
        }
    }
}

extension MaterialFault.Source: CustomStringConvertible {
    package var description: String {
        switch self {
        case .chain: "the certificate text"
        case .key: "the key text"
        case .authorities(let text): "text \(text) of the authorities"
        }
    }
}

extension MaterialFault {
    /// The text of a certificate where it is: `chain`, `key` or `ocsp`, as documents call them.
    package var member: String {
        switch self {
        case .oversizedText(.key, _), .unreadableBlock(_, .key), .noCertificate(.key),
            .tooManyCertificates(.key, _), .misplacedKey(_, .key), .noKey, .severalKeys,
            .encryptedKey, .unsupportedKey, .smallKey, .oversizedKey, .keyOfNone:
            "key"
        case .noResponse, .unreadableResponse, .responseForOthers, .badStatus, .earlyResponse,
            .expiredResponse:
            "ocsp"
        default: "chain"
        }
    }
}
