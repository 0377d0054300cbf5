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
    /// The leaf in DER.
    package let leafBytes: [UInt8]
    /// The leaf's subject and times.
    package let dates: CertificateDates
    /// Those of the intermediates.
    package let issuers: [CertificateDates]
    /// The leaf, an `X509 *`.
    package let leaf: OpaquePointer
    /// The intermediates in their order, each an `X509 *`.
    package let chain: [OpaquePointer]
    /// The private key, an `EVP_PKEY *`.
    package let key: OpaquePointer

    /// What is stapled; or why nothing is, whenever that is.
    private let staple: Result<StapledResponse, MaterialFault>?
    private let certificates: CertificateList
    private let privateKey: PrivateKey

    /// Parses PEM texts; the leaf comes first in `chain`.
    ///
    /// Text outside the blocks is skipped. That the certificate has expired, or is not valid yet,
    /// is no fault: see `dates`. Nor is a response that is of no use, which is not stapled: see
    /// `responseFault`.
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
        guard let dates = unsafe CertificateDates(leaf) else { throw .unreadableTimes }
        names = try unsafe CertificateNames.read(leaf)
        if let ocsp {
            staple = Result { () throws(MaterialFault) in
                try unsafe StapledResponse(ocsp, about: leaf)
            }
        } else {
            staple = nil
        }

        let fingerprints = unsafe pointers.map { unsafe SHA256.digest(X509Facts.bytes(of: $0)) }
        fingerprint = fingerprints[0]
        // Digests of one length, the last two always of key and response: what is hashed has one
        // reading only.
        digest = SHA256.digest(
            fingerprints.flatMap(\.self) + privateKey.digest + SHA256.digest(ocsp ?? [])
        )
        leafBytes = unsafe X509Facts.bytes(of: leaf)
        keyKind = privateKey.kind
        self.dates = dates
        issuers = unsafe pointers.dropFirst().compactMap { unsafe CertificateDates($0) }
        unsafe self.leaf = unsafe leaf
        unsafe self.chain = unsafe Array(pointers.dropFirst())
        unsafe self.key = unsafe privateKey.pointer
        self.certificates = certificates
        self.privateKey = privateKey
    }

    /// The leaf's subject as RFC 2253 writes it.
    package var subject: String { dates.subject }

    /// Whether it came with an OCSP response that may be stapled at some time.
    var hasResponse: Bool { (try? staple?.get()) != nil }

    /// What is stapled at `second` since 1970, in DER; empty: nothing.
    package func response(at second: Int64) -> [UInt8] {
        guard case .success(let staple)? = staple, staple.fault(at: second) == nil else {
            return []
        }
        return staple.bytes
    }

    /// Why the OCSP response that it came with is not stapled at `second` since 1970.
    package func responseFault(at second: Int64) -> MaterialFault? {
        switch staple {
        case nil: nil
        case .success(let staple): staple.fault(at: second)
        case .failure(let fault): fault
        }
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
