internal import CTLS

/// Whose certificate counts when; a leaf, an intermediate or an authority.
package struct CertificateDates: Sendable, Hashable {
    /// Whether a moment is within the time that the issuer vouches for.
    package enum Validity: Sendable, Hashable {
        case notYet
        case valid
        case expired
    }

    /// The subject as RFC 2253 writes it.
    package let subject: String
    /// Seconds since 1970.
    package let notBefore: Int64
    package let notAfter: Int64

    /// nil when a time is malformed.
    init?(_ certificate: OpaquePointer) {
        guard let notBefore = unsafe X509Facts.seconds(X509_get0_notBefore(certificate)),
            let notAfter = unsafe X509Facts.seconds(X509_get0_notAfter(certificate))
        else { return nil }
        subject = unsafe X509Facts.subject(of: certificate)
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Where `second` since 1970 is in the time of validity; both its ends belong to it.
    package func validity(at second: Int64) -> Validity {
        if second < notBefore { return .notYet }
        return second > notAfter ? .expired : .valid
    }
}

extension CertificateList {
    /// The dates of each certificate that has well-formed ones, in their order.
    var dates: [CertificateDates] {
        (0..<count).compactMap { unsafe CertificateDates(self[$0]) }
    }
}
