internal import CCurl
internal import SluiceBase

/// What libcurl said at the end of a transfer, as a kind of failure and one sentence.
extension Transfer {
    /// Why a transfer failed that ended with `result`; nil when it did not.
    func failure(of result: CURLcode) -> (OutboundFailure, String)? {
        if let stopped { return stopped }
        if call.isCancelled { return (.cancelled, "cancelled by the caller") }
        if isResponseWhole { return nil }
        switch result {
        case CURLE_OK:
            // libcurl takes the end of a connection inside a head for the end of the response.
            return stage == .responding ? nil : (.reset, resetSentence)
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
            return (.reset, resetSentence)
        case CURLE_HTTP2_STREAM:
            return (.reset, text)
        case CURLE_HTTP2:
            return isSilent ? (.reset, resetSentence) : (.protocol, text)
        case CURLE_BAD_CONTENT_ENCODING:
            return (.protocol, "the transfer coding of the response is unknown")
        case CURLE_UNSUPPORTED_PROTOCOL:
            return (.protocol, protocolSentence)
        case CURLE_OUT_OF_MEMORY:
            return (.limit, "the head of the response is too long")
        default:
            return Self.isTLS(result) ? (.tls, tlsSentence) : (.protocol, text)
        }
    }

    /// The end of a call that libcurl does not come to by itself.
    struct EarlyEnd {
        let failure: (OutboundFailure, String)?
    }

    /// What ends a call whose peer is done while its request goes on; nil: libcurl has to judge.
    var endBeforeRequest: EarlyEnd? {
        if isResponseWhole { return EarlyEnd(failure: nil) }
        return stage == .responding ? nil : EarlyEnd(failure: (.reset, resetSentence))
    }

    /// Whether the call needs a connection of its own: no kept one was there, or it was lost before
    /// a response to what may be sent again.
    func wantsConnection(after result: CURLcode) -> Bool {
        guard lacksConnection, result == CURLE_COULDNT_CONNECT, stopped == nil else { return false }
        guard beginnings > 0, !request.isIdempotent || hasReadStream else { return true }
        stopped = (.reset, Self.lostAfterSending(peer))
        return false
    }

    /// libcurl's own sentence.
    private var text: String {
        isSilent ? "the peer broke the rules of HTTP" : unsafe String(cString: errorText)
    }

    private var isSilent: Bool { unsafe errorText.pointee == 0 }

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

    /// The code is the same for a response and a URL that libcurl does not take.
    private var protocolSentence: String {
        if text.contains("HTTP/0.9") { return "the response is not HTTP" }
        if text.hasPrefix("Protocol ") { return "a redirect to neither http nor https" }
        return text
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

    /// Takes the transfer from libcurl.
    func leave() { unsafe curl_multi_remove_handle(pool.multi, easy) }

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
        leave()
        return end
    }
}
