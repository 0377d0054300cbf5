internal import CTLS

/// What is wrong with an OCSP response that is to be stapled (RFC 6960, RFC 6066 section 8).
///
/// A client that gets a response without a word about the certificate fails the handshake, which
/// it would not without any response. Signature and times are left to the client: a response
/// that is out of date today may be replaced tomorrow.
enum StapledResponse {
    /// Bytes of a response.
    static let bytesMax = 1 << 16

    /// Throws unless the response succeeded and is about `leaf`.
    static func check(_ response: [UInt8], about leaf: OpaquePointer) throws(MaterialFault) {
        guard response.count <= bytesMax, let parsed = unsafe parse(response) else {
            throw .unreadableResponse
        }
        defer { unsafe OCSP_RESPONSE_free(parsed) }
        guard unsafe OCSP_response_status(parsed) == OCSP_RESPONSE_STATUS_SUCCESSFUL,
            let basic = unsafe OCSP_response_get1_basic(parsed)
        else { throw .unreadableResponse }
        defer { unsafe OCSP_BASICRESP_free(basic) }
        let serial = unsafe X509_get0_serialNumber(leaf)
        for place in 0..<(unsafe OCSP_resp_count(basic)) {
            let identity = unsafe OCSP_SINGLERESP_get0_id(OCSP_resp_get0(basic, place))
            var other: UnsafeMutablePointer<ASN1_INTEGER>?
            unsafe OCSP_id_get0_info(nil, nil, nil, &other, identity)
            if unsafe ASN1_INTEGER_cmp(serial, other) == 0 { return }
        }
        throw .responseForOthers
    }

    /// The response, which the caller owns; nil when the bytes are not one and nothing but one.
    private static func parse(_ response: [UInt8]) -> OpaquePointer? {
        unsafe response.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            guard let parsed = unsafe d2i_OCSP_RESPONSE(nil, &cursor, bytes.count) else {
                return nil
            }
            let used = unsafe bytes.baseAddress.map { unsafe cursor == $0 + bytes.count }
            if used == true { return unsafe parsed }
            unsafe OCSP_RESPONSE_free(parsed)
            return nil
        }
    }
}
