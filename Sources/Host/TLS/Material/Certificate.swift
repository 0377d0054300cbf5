internal import CTLS

/// A certificate with its chain and private key, parsed and checked; immutable.
///
/// The pointers are those of OpenSSL and valid as long as this object, which the caller keeps;
/// contexts take references of their own. Any thread may read through them.
@safe
package final class Certificate: @unchecked Sendable {
    /// The kind of its key: a server presents one of each.
    package enum KeyKind: UInt8, Sendable, Hashable {
        case rsa
        case ecdsa
    }

    /// Whether a moment is within the time that the issuer vouches for.
    package enum Validity: Sendable, Hashable {
        case notYet
        case valid
        case expired
    }

    /// Certificates in a chain, the leaf among them.
    package static let certificatesMax = 32
    /// Names of any kind in one certificate.
    package static let namesMax = 1_000
    /// Bytes of the text of a chain.
    package static let bytesMax = 1 << 20

    /// The DNS names that it covers, in lower-case: exact ones, and wildcards with their `*.`.
    package let names: [String]
    package let keyKind: KeyKind
    /// SHA-256 over chain, key and OCSP response.
    package let digest: [UInt8]
    /// SHA-256 of the leaf in DER: what others call the certificate by.
    package let fingerprint: [UInt8]
    /// The leaf's subject as RFC 2253 writes it.
    package let subject: String
    /// The leaf in DER.
    package let leafBytes: [UInt8]
    /// Seconds since 1970.
    package let notBefore: Int64
    package let notAfter: Int64
    /// The leaf, an `X509 *`.
    package let leaf: OpaquePointer
    /// The intermediates in their order, each an `X509 *`.
    package let chain: [OpaquePointer]
    /// The private key, an `EVP_PKEY *`.
    package let key: OpaquePointer
    /// What is stapled, in DER; empty: nothing.
    package let ocspResponse: [UInt8]

    private let certificates: CertificateList
    private let privateKey: PrivateKey

    /// Parses PEM texts; the leaf comes first in `chain`.
    ///
    /// Text outside the blocks is skipped. That the certificate has expired, or is not valid yet,
    /// is no fault: see `validity`.
    package init(chain: [UInt8], key: [UInt8], ocsp: [UInt8]? = nil) throws(MaterialFault) {
        defer { ERR_clear_error() }
        let certificates = try CertificateList(
            chain,
            .chain,
            limit: Self.certificatesMax,
            bytesMax: Self.bytesMax
        )
        let privateKey = try PrivateKey(key)
        let pointers = unsafe certificates.pointers
        try unsafe Self.check(pointers, against: privateKey)
        let leaf = unsafe pointers[0]
        guard let notBefore = unsafe X509Facts.seconds(X509_get0_notBefore(leaf)),
            let notAfter = unsafe X509Facts.seconds(X509_get0_notAfter(leaf))
        else { throw .unreadableTimes }
        names = try unsafe CertificateNames.read(leaf)
        ocspResponse = ocsp ?? []
        if !ocspResponse.isEmpty { try unsafe StapledResponse.check(ocspResponse, about: leaf) }

        let fingerprints = unsafe pointers.map { unsafe SHA256.digest(X509Facts.bytes(of: $0)) }
        fingerprint = fingerprints[0]
        // Digests of one length, the last two always of key and response: what is hashed has one
        // reading only.
        digest = SHA256.digest(
            fingerprints.flatMap(\.self) + privateKey.digest + SHA256.digest(ocspResponse)
        )
        subject = unsafe X509Facts.subject(of: leaf)
        leafBytes = unsafe X509Facts.bytes(of: leaf)
        keyKind = privateKey.kind
        self.notBefore = notBefore
        self.notAfter = notAfter
        unsafe self.leaf = unsafe leaf
        unsafe self.chain = unsafe Array(pointers.dropFirst())
        unsafe self.key = unsafe privateKey.pointer
        self.certificates = certificates
        self.privateKey = privateKey
    }

    /// Where `seconds` since 1970 is in the time of validity; both its ends belong to it.
    package func validity(at seconds: Int64) -> Validity {
        seconds < notBefore ? .notYet : seconds > notAfter ? .expired : .valid
    }

    private static func check(
        _ certificates: [OpaquePointer],
        against key: borrowing PrivateKey
    ) throws(MaterialFault) {
        for place in unsafe certificates.indices {
            guard unsafe key.fits(certificates[place]) else { continue }
            guard place == 0 else { throw .leafNotFirst(place: place + 1) }
            return try unsafe checkStrength(certificates)
        }
        throw .keyOfNone
    }

    private static func checkStrength(
        _ certificates: [OpaquePointer]
    ) throws(MaterialFault) {
        for place in unsafe certificates.indices {
            guard unsafe !X509Facts.isWeak(certificates[place]) else {
                throw .weakCertificate(place: place + 1)
            }
        }
    }
}
