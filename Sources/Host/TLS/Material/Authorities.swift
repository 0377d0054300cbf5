internal import CTLS

/// Certificate authorities that certificates of peers must chain to; immutable.
@safe
package final class Authorities: @unchecked Sendable {
    /// SHA-256 over its certificates, and whether the system's are trusted too.
    package let digest: [UInt8]

    /// Parses PEM texts, each with one or more certificates.
    package init(_ texts: [[UInt8]], trustsSystem: Bool) throws(MaterialFault) {
        throw MaterialFault.unreadable
    }

    /// Trusts what any of `parts` trusts.
    package init(merging parts: [Authorities]) {
        digest = parts.flatMap(\.digest)
    }
}
