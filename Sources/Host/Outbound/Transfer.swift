internal import CCurl
internal import SluiceBase

/// One call while libcurl works on it; for the thread `outbound` alone.
///
/// What libcurl calls is in `TransferCallbacks`, what it said at the end in `TransferEnd`.
@safe
final class Transfer {
    /// How far a call has come.
    enum Stage {
        case connecting
        /// A connection is ready; the request is being sent.
        case waiting
        /// The head of the response is there.
        case responding
    }

    let call: Call
    let pool: ConnectionPool
    let easy: UnsafeMutableRawPointer
    private var lines: UnsafeMutablePointer<curl_slist>?
    private var connectTo: UnsafeMutablePointer<curl_slist>?
    /// libcurl's sentence on a failure.
    let errorText: UnsafeMutablePointer<CChar>

    var stage = Stage.connecting
    var head = HeadReader()
    var status = 0
    /// Why a callback made libcurl stop.
    var stopped: (OutboundFailure, String)?
    /// The address that the policy denied.
    var refusedAddress: String?
    var hasAllowedAddress = false
    var bodyBytes = 0
    /// Bytes of `request.body` that libcurl has read.
    var bodyPlace = 0
    var hasReadStream = false
    var isPaused = false
    var isStarved = false
    /// libcurl reads no more: the response, or the raw stream of an upgrade, has ended.
    var hasPeerEnded = false
    /// It has ended as it should, though our request may go on.
    var isResponseWhole = false
    /// Nothing more of the request comes.
    var hasEndedRequest = false
    /// How often a request was begun, and how many bytes had been sent when the last one was.
    var beginnings = 0
    var sentBefore: Int64 = 0

    var connectedAt: UInt64 = 0
    var headAt: UInt64 = 0
    var sentAt: UInt64 = 0
    var movedAt: UInt64 = 0
    /// Bytes of the body that libcurl has sent, and how often it was called in vain since.
    private var uploaded: Int64 = 0
    private var vainCalls = 0
    private static let vainCallsMax = 3

    /// When the heap of deadlines looks after it, and its place there; -1 for none.
    var armedAt = Clock.never
    var heapPlace = -1

    /// Whether it opens a connection; false where only a kept one will do.
    let opens: Bool
    /// A connection was needed and not opened.
    var lacksConnection = false

    /// The first transfer of a call, or the one after `last`, which found no kept connection.
    ///
    /// libcurl 7.88 speaks HTTP/2 in the clear right only on a new connection by prior knowledge,
    /// and on a kept one without.
    init?(_ call: Call, _ pool: ConnectionPool, after last: Transfer?) {
        guard let easy = unsafe curl_easy_init() else { return nil }
        self.call = call
        self.pool = pool
        let isClear = call.request.speaks == .http2PriorKnowledge && !call.request.isSecure
        opens = !isClear || last != nil
        beginnings = last?.beginnings ?? 0
        unsafe self.easy = easy
        unsafe errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(lines)
        unsafe curl_slist_free_all(connectTo)
        unsafe errorText.deallocate()
    }

    var request: PreparedRequest { call.request }

    /// Hands the transfer to libcurl.
    func start() {
        setGeneral()
        setProtocol()
        setBody()
        if request.isSecure { setTLS() }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_context(easy, CURLOPT_PRIVATE, context)
        unsafe ccurl_set_context(easy, CURLOPT_ERRORBUFFER, errorText)
        unsafe setCallbacks(context)
        unsafe curl_multi_add_handle(pool.multi, easy)
    }

    private func set(_ option: CURLoption, _ value: Int) {
        let status = unsafe ccurl_set_number(easy, option, value)
        precondition(status == CURLE_OK, "libcurl knows the option \(option.rawValue)")
    }

    private func set(_ option: CURLoption, _ text: String?) {
        guard let text else {
            unsafe ccurl_set_text(easy, option, nil)
            return
        }
        unsafe ccurl_set_text(easy, option, text)
    }

    private func setGeneral() {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_NOSIGNAL, 1)
        // Without it the thread waits for the resolver when a call ends meanwhile.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_BUFFERSIZE, OutboundLimits.pieceBytesMax)
        set(CURLOPT_UPLOAD_BUFFERSIZE, OutboundLimits.pieceBytesMax)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.deadlines.connect))
        if request.followsRedirects {
            set(CURLOPT_FOLLOWLOCATION, 1)
            set(CURLOPT_MAXREDIRS, OutboundLimits.redirectsMax)
        }
        if !pool.client.usesEnvironmentProxy || request.socketPath != nil {
            set(CURLOPT_PROXY, "")
        }
        if let path = request.socketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        for line in request.lines {
            unsafe line.withUnsafeBufferPointer { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                    guard let start = text.baseAddress else { return }
                    unsafe lines = curl_slist_append(lines, start)
                }
            }
        }
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, lines)
        if let other = request.connectTo {
            unsafe connectTo = curl_slist_append(nil, other)
            unsafe ccurl_set_list(easy, CURLOPT_CONNECT_TO, connectTo)
        }
    }

    private func setProtocol() {
        let version: Int
        switch request.speaks {
        case .http1: version = CURL_HTTP_VERSION_1_1
        case .http2: version = CURL_HTTP_VERSION_2TLS
        case .http2PriorKnowledge where !opens: version = CURL_HTTP_VERSION_2_0
        case .http2PriorKnowledge:
            version = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
            if !request.isSecure { set(CURLOPT_FRESH_CONNECT, 1) }
        case .upgrade:
            version = CURL_HTTP_VERSION_1_1
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        }
        set(CURLOPT_HTTP_VERSION, version)
    }

    private func setBody() {
        if request.hasBody {
            set(CURLOPT_UPLOAD, 1)
            unsafe ccurl_set_length(easy, CURLOPT_INFILESIZE_LARGE, Int64(request.bodyLength))
        }
        if request.method == "HEAD", !request.hasBody {
            set(CURLOPT_NOBODY, 1)
        } else {
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func setTLS() {
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        guard let profile = request.profile else { return }
        if profile.isInsecure {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if !profile.authorities.isEmpty {
            set(CURLOPT_CAPATH, nil)
            set(CURLOPT_CAINFO_BLOB, bytes: profile.authorities)
        }
        if !profile.certificate.isEmpty {
            set(CURLOPT_SSLCERT_BLOB, bytes: profile.certificate)
            set(CURLOPT_SSLKEY_BLOB, bytes: profile.key)
        }
    }

    private func set(_ option: CURLoption, bytes: [UInt8]) {
        unsafe ccurl_set_bytes(easy, option, bytes, bytes.count)
    }

    /// libcurl divides this time among the addresses of a name.
    private func milliseconds(_ nanoseconds: UInt64) -> Int {
        Int(Int32(clamping: max(1, nanoseconds / Clock.nanosecondsPerMillisecond)))
    }
}

/// Going on after a pause, and deadlines.
extension Transfer {
    /// [outbound] More of the response is wanted.
    func resumeResponse() {
        guard isPaused else { return }
        isPaused = false
        movedAt = Clock.now()
        applyPause()
    }

    /// [outbound] More of the request may have come.
    func resumeRequest() {
        // Of an upgrade, nobody has looked for bytes before its head came.
        let begins = request.speaks == .upgrade && stage == .responding && !hasReadStream
        guard isStarved, call.canRead || hasPeerEnded || begins else { return }
        isStarved = false
        applyPause()
    }

    /// libcurl delivers what it holds during this call.
    private func applyPause() {
        let bits = (isPaused ? CURLPAUSE_RECV : 0) | (isStarved ? CURLPAUSE_SEND : 0)
        unsafe curl_easy_pause(easy, bits)
    }

    /// Notes that libcurl was called to write; whether it has to wait for the peer first.
    ///
    /// libcurl 7.88 goes on asking for a socket that is ready while the window of its stream of
    /// HTTP/2 is full (RFC 9113 5.2); what opens it comes by the same socket.
    func isBlockedAfterWrite() -> Bool {
        guard request.speaks == .http2 || request.speaks == .http2PriorKnowledge else {
            return false
        }
        let sent = unsafe ccurl_length(easy, CURLINFO_SIZE_UPLOAD_T)
        vainCalls = sent == uploaded ? vainCalls + 1 : 0
        uploaded = sent
        return vainCalls >= Self.vainCallsMax
    }

    /// When the call is too late; `Clock.never` when it cannot be.
    var deadline: UInt64 { min(deadlineOfStage, deadlineOfAll) }

    private var deadlineOfAll: UInt64 {
        Clock.after(request.deadlines.total, from: call.startedAt)
    }

    private var deadlineOfStage: UInt64 {
        let times = request.deadlines
        switch stage {
        case .connecting: return Clock.after(times.connect, from: call.startedAt)
        case .waiting: return Clock.after(times.head, from: max(connectedAt, sentAt))
        case .responding: return isPaused ? Clock.never : Clock.after(times.idle, from: movedAt)
        }
    }

    /// Which of the deadlines has passed.
    func timeout(at now: UInt64) -> (OutboundFailure, String) {
        let times = request.deadlines
        func text(_ nanoseconds: UInt64) -> String {
            "\(nanoseconds / Clock.nanosecondsPerMillisecond) ms"
        }
        if deadlineOfAll <= now { return (.totalTimeout, "not over after \(text(times.total))") }
        switch stage {
        case .connecting:
            return (.connectTimeout, "no connection to \(peer) after \(text(times.connect))")
        case .waiting:
            return (.headTimeout, "no response from \(peer) after \(text(times.head))")
        case .responding:
            return (.idleTimeout, "nothing from \(peer) for \(text(times.idle))")
        }
    }

    /// The peer, for sentences.
    var peer: String { request.socketPath ?? request.host }
}
