internal import SluiceBase
internal import SluiceHTTP
internal import SluiceTLS

/// Warnings about what is used all the same and does not count at this time.
extension Compiling {
    /// Warns of a certificate that clients refuse, and of a response that is not stapled.
    mutating func checkDates(of form: CertificateForm) {
        let certificate = form.certificate
        let leaf = certificate.dates
        switch leaf.validity(at: now) {
        case .valid: break
        case .expired:
            warn(
                .certificateExpired,
                form.key,
                "/chain",
                "expired at \(Self.date(leaf.notAfter)): it is still presented, and clients refuse "
                    + "it; renew it"
            )
        case .notYet:
            warn(
                .certificateNotYetValid,
                form.key,
                "/chain",
                "not valid before \(Self.date(leaf.notBefore)): it is presented all the same, and "
                    + "clients refuse it; check the host's clock, or use it later"
            )
        }
        for issuer in certificate.issuers where issuer.validity(at: now) == .expired {
            warn(
                .certificateExpired,
                form.key,
                "/chain",
                "its intermediate \"\(issuer.subject)\" expired at "
                    + "\(Self.date(issuer.notAfter)): it is still presented, and clients refuse "
                    + "it; get the new one from the issuer"
            )
        }
        if let fault = certificate.responseFault(at: now) {
            let text = "\(fault); the certificate is presented without it until then"
            warn(.badOCSP, form.key, "/ocsp", text)
        }
    }

    /// Warns of authorities that vouch for nobody any more.
    mutating func checkDates(of form: TrustForm) {
        let dates = form.authorities.dates
        let expired = dates.filter { $0.validity(at: now) == .expired }
        guard let first = expired.first else { return }
        let all = expired.count == dates.count && !form.authorities.trustsSystem
        let extent =
            all ? "all authorities have expired" : "\(expired.count) of \(dates.count) have expired"
        warn(
            .certificateExpired,
            form.key,
            "/certificates",
            "\(extent), the first is \"\(first.subject)\" at \(Self.date(first.notAfter)): what "
                + "they have issued is refused; replace them"
        )
    }

    private mutating func warn(
        _ code: ProblemCode,
        _ key: DocumentKey,
        _ pointer: String,
        _ text: String
    ) {
        report(code, .warning, key, pointer: pointer, text)
    }

    private static func date(_ second: Int64) -> String {
        var line = DateLine()
        line.update(unixSecond: max(0, second))
        return line.bytes.text
    }
}
