internal import CCurl
internal import SluiceBase

/// What libcurl said at the end of a transfer, as a kind of failure and one sentence.
extension Transfer {
    /// Why a transfer failed that ended with `result`; nil when it did not.
    func failure(of result: CURLcode) -> (OutboundFailure, String)? {
        if let stopped { return stopped }
        if call.isCancelled { return (.cancelled, "cancelled by the caller") }
        switch result {
        case CURLE_OK:
            return nil
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return (.resolve, "the name \(request.host) has no address")
        case CURLE_COULDNT_CONNECT:
            return connectFailure
        case CURLE_OPERATION_TIMEDOUT:
            return timeout(at: Clock.now())
        case CURLE_TOO_MANY_REDIRECTS:
            return (.limit, "more than \(OutboundLimits.redirectsMax) redirects")
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING:
            return isProtocolText ? (.protocol, text) : (.reset, resetSentence)
        case CURLE_SEND_FAIL_REWIND:
            return (.reset, "the connection to \(peer) was lost, and the body is not kept")
        case CURLE_HTTP2_STREAM:
            return (.reset, text)
        case CURLE_OUT_OF_MEMORY:
            return (.limit, "the head of the response is too long")
        default:
            return Self.isTLS(result) ? (.tls, tlsSentence) : (.protocol, text)
        }
    }

    /// libcurl's own sentence.
    private var text: String {
        let text = unsafe String(cString: errorText)
        return text.isEmpty ? "the peer broke the rules of HTTP" : text
    }

    private static func isTLS(_ result: CURLcode) -> Bool {
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_INITFAILED,
        ].contains(result)
    }

    private var connectFailure: (OutboundFailure, String) {
        if let refusedAddress, !hasAllowedAddress {
            return (.refused, "the address policy denies \(refusedAddress)")
        }
        let number = unsafe ccurl_number(easy, CURLINFO_OS_ERRNO)
        let reason = number == 0 ? text : Errno(Int32(number)).description
        return (.connect, "\(peer): \(reason)")
    }

    /// Whether libcurl found fault with what the peer sent, though its code says a lost connection.
    private var isProtocolText: Bool {
        ["chunked-encoding", "nghttp2", "Too large response headers", "Invalid"].contains {
            text.contains($0)
        }
    }

    private var resetSentence: String {
        switch stage {
        case .connecting: "the connection to \(peer) was lost"
        case .waiting: "the connection to \(peer) was lost before the response"
        case .responding:
            "the connection to \(peer) was lost after \(bodyBytes) bytes of the body"
        }
    }

    /// libcurl says what it wanted to do; the reason is what counts.
    private var tlsSentence: String {
        let name = request.profile?.serverName ?? request.host
        if text.contains("no alternative certificate subject name")
            || text.contains("does not match target host name")
        {
            return "the certificate has no name that matches host \(name)"
        }
        if let range = text.firstRange(of: "SSL certificate problem: ") {
            return "certificate verify failed (\(text[range.upperBound...])) for host \(name)"
        }
        return "\(text) (host \(name))"
    }

    /// Takes the transfer from libcurl, and says what is known of it.
    func close() -> OutboundEnd {
        var end = OutboundEnd()
        let sent = unsafe ccurl_number(easy, CURLINFO_REQUEST_SIZE)
        let redirects = unsafe ccurl_number(easy, CURLINFO_REDIRECT_COUNT)
        end.sentBytes = Int(sent + (unsafe ccurl_length(easy, CURLINFO_SIZE_UPLOAD_T)))
        end.receivedBytes = head.bytesCount + bodyBytes
        end.attempts = max(0, beginnings - Int(redirects))
        end.mayHaveReceived = beginnings > 0 && (sent > 0 || !sendsPlainly)
        end.status = status
        if connectedAt > 0 { end.connectNanoseconds = connectedAt - call.startedAt }
        if headAt > 0 { end.headNanoseconds = headAt - call.startedAt }
        if stage == .responding { end.trailers = head.take() }
        unsafe curl_multi_remove_handle(pool.multi, easy)
        return end
    }
}
