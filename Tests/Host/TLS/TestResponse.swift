import CTLS

extension TestAuthority {
    /// A response in DER that says of `leaf`, which this authority signed, that it is good.
    func response(for leaf: TestAuthority) -> [UInt8] {
        let basic = unsafe OCSP_BASICRESP_new()
        defer { unsafe OCSP_BASICRESP_free(basic) }
        let identity = unsafe OCSP_cert_to_id(nil, leaf.certificate, certificate)
        defer { unsafe OCSP_CERTID_free(identity) }
        let now = unsafe X509_gmtime_adj(nil, 0)
        let later = unsafe X509_gmtime_adj(nil, 86_400)
        defer {
            unsafe ASN1_TIME_free(now)
            unsafe ASN1_TIME_free(later)
        }
        let good = V_OCSP_CERTSTATUS_GOOD
        unsafe OCSP_basic_add1_status(basic, identity, good, 0, nil, now, later)
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
