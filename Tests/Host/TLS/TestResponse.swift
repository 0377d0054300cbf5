import CTLS
import Glibc

extension TestAuthority {
    /// A response in DER about `leaf`, which this authority signed; the times are in seconds from
    /// now, and without `ends` it has no end.
    func response(
        for leaf: TestAuthority,
        _ status: Int32 = V_OCSP_CERTSTATUS_GOOD,
        starts: Int = 0,
        ends: Int? = 86_400
    ) -> [UInt8] {
        let basic = unsafe OCSP_BASICRESP_new()
        defer { unsafe OCSP_BASICRESP_free(basic) }
        let identity = unsafe OCSP_cert_to_id(nil, leaf.certificate, certificate)
        defer { unsafe OCSP_CERTID_free(identity) }
        let now = unsafe X509_gmtime_adj(nil, starts)
        let later = unsafe ends.flatMap { unsafe X509_gmtime_adj(nil, $0) }
        defer {
            unsafe ASN1_TIME_free(now)
            unsafe ASN1_TIME_free(later)
        }
        let isRevoked = status == V_OCSP_CERTSTATUS_REVOKED
        let revoked = unsafe isRevoked ? now : nil
        unsafe OCSP_basic_add1_status(basic, identity, status, 0, revoked, now, later)
        unsafe OCSP_basic_sign(basic, certificate, key.pointer, EVP_sha256(), nil, 0)
        let made = unsafe OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic)
        defer { unsafe OCSP_RESPONSE_free(made) }
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_OCSP_RESPONSE(made, &start)
        precondition(count > 0, "a response")
        defer { unsafe CRYPTO_free(start, "", 0) }
        return unsafe [UInt8](UnsafeBufferPointer(start: start, count: Int(count)))
    }
}

/// Waits until a second since 1970 is over.
func awaitEnd(of second: Int64) {
    while ctls_seconds() <= second { poll(nil, 0, 20) }
}
