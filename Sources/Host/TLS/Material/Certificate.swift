internal import CTLS

/// A certificate with its chain and private key, parsed and checked; immutable.
@safe
package final class Certificate: @unchecked Sendable {
    /// The kind of its key: a server presents one of each.
    package enum KeyKind: UInt8, Sendable, Hashable {
        case rsa
        case ecdsa
    }

    /// The DNS names that it covers, in lower-case: exact ones, and wildcards with their `*.`.
    package let names: [String]
    package let keyKind: KeyKind
    /// SHA-256 over chain, key and OCSP response.
    package let digest: [UInt8]
    /// Seconds since 1970.
    package let notBefore: Int64
    package let notAfter: Int64

    /// Parses PEM texts; the leaf comes first in `chain`.
    package init(chain: [UInt8], key: [UInt8], ocsp: [UInt8]? = nil) throws(MaterialFault) {
        throw MaterialFault.unreadable
    }
}

/// Why a certificate, a key or a set of authorities cannot be used.
package enum MaterialFault: Error {
    case unreadable
}
