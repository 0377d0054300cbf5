internal import CTLS

/// An OCSP response that is to be stapled, checked (RFC 6960, RFC 6066 section 8).
///
/// A client that gets a response without a good word about the certificate fails the handshake,
/// which it would not without any response. The signature is left to the client.
struct StapledResponse: Sendable {
    /// Bytes of a response.
    static let bytesMax = 1 << 16

    /// The response in DER.
    let bytes: [UInt8]
    /// The seconds since 1970 in which it may be stapled, both included.
    let seconds: ClosedRange<Int64>

    /// Throws unless the response succeeded and says that `leaf` is good, whenever that is.
    init(_ response: [UInt8], about leaf: OpaquePointer) throws(MaterialFault) {
        guard !response.isEmpty else { throw .noResponse }
        guard response.count <= Self.bytesMax, let parsed = unsafe Self.parse(response) else {
            throw .unreadableResponse
        }
        defer { unsafe OCSP_RESPONSE_free(parsed) }
        guard unsafe OCSP_response_status(parsed) == OCSP_RESPONSE_STATUS_SUCCESSFUL,
            let basic = unsafe OCSP_response_get1_basic(parsed)
        else { throw .unreadableResponse }
        defer { unsafe OCSP_BASICRESP_free(basic) }
        let serial = unsafe X509_get0_serialNumber(leaf)
        for place in 0..<(unsafe OCSP_resp_count(basic)) {
            let single = unsafe OCSP_resp_get0(basic, place)
            var other: UnsafeMutablePointer<ASN1_INTEGER>?
            unsafe OCSP_id_get0_info(nil, nil, nil, &other, OCSP_SINGLERESP_get0_id(single))
            guard unsafe ASN1_INTEGER_cmp(serial, other) == 0 else { continue }
            bytes = response
            seconds = try unsafe Self.seconds(of: single)
            return
        }
        throw .responseForOthers
    }

    /// Why it is not stapled at `second` since 1970; nil: it is.
    func fault(at second: Int64) -> MaterialFault? {
        if seconds.contains(second) { return nil }
        return second < seconds.lowerBound ? .earlyResponse : .expiredResponse
    }

    /// When the word about one certificate counts; without an end it counts until it is replaced.
    private static func seconds(
        of single: OpaquePointer?
    ) throws(MaterialFault) -> ClosedRange<Int64> {
        var first: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var next: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        let status = unsafe OCSP_single_get0_status(single, nil, nil, &first, &next)
        guard status == V_OCSP_CERTSTATUS_GOOD else {
            throw .badStatus(isRevoked: status == V_OCSP_CERTSTATUS_REVOKED)
        }
        var end: Int64? = .max
        if let next = unsafe next { end = unsafe X509Facts.seconds(next) }
        guard let begin = unsafe X509Facts.seconds(first), let end, begin <= end else {
            throw .unreadableResponse
        }
        return begin...end
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
