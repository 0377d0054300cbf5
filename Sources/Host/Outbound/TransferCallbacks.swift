internal import CCurl
internal import Glibc
internal import SluiceBase

/// What libcurl calls while it works on a transfer.
extension Transfer {
    func setCallbacks(_ context: UnsafeMutableRawPointer) {
        unsafe ccurl_set_response(easy, onHeadLine, onBody, context)
        unsafe ccurl_set_request(easy, onRead, onSeek, context)
        unsafe ccurl_set_connection(easy, onOpen, onReady, context)
        let client = unsafe Unmanaged.passUnretained(pool.client).toOpaque()
        unsafe ccurl_set_close(easy, onClose, client)
    }

    /// Makes libcurl end the transfer, for a reason of ours.
    private func stop(_ failure: OutboundFailure, _ sentence: String) {
        if stopped == nil { stopped = (failure, sentence) }
    }

    /// Whether the transfer goes on.
    fileprivate func readHead(_ line: Bytes) -> Bool {
        guard !call.isCancelled else { return false }
        let step = head.read(line)
        let limit = pool.client.limits.headBytesMax
        guard head.bytesCount <= limit else {
            stop(.limit, "the heads of the response have more than \(limit) bytes")
            return false
        }
        return step == .more || stage == .responding || endHead()
    }

    private func endHead() -> Bool {
        let code = head.status
        if code == 101, request.speaks != .upgrade {
            stop(.protocol, "status 101 to a request that is no upgrade")
            return false
        }
        if code < 200, code != 101 { return true }
        guard readLength() else {
            stop(.protocol, "content-length is not one decimal number")
            return false
        }
        if request.followsRedirects, [301, 302, 303, 307, 308].contains(code),
            head.fields.first("location") != nil
        {
            return true
        }
        stage = .responding
        status = code
        headAt = Clock.now()
        movedAt = headAt
        pool.loop.rearm(self)
        call.events.head(call.id, status: code, fields: head.take())
        // The bytes of an upgrade may go now; of one that was refused, nothing is sent.
        if request.speaks == .upgrade { pool.loop.post(call) }
        return true
    }

    /// Whether there is one `content-length` at most, a number; libcurl reads less strictly.
    private func readLength() -> Bool {
        var texts: Set<String> = []
        head.fields.visit { name, value in
            if name.equals("content-length") { texts.insert(value.text) }
        }
        guard let text = texts.first else { return true }
        return texts.count == 1 && text.utf8.allSatisfy { $0 &- 0x30 < 10 } && Int(text) != nil
    }

    /// Bytes taken; `CURL_WRITEFUNC_PAUSE` for none now.
    fileprivate func readBody(_ piece: Bytes) -> Int {
        guard !call.isCancelled else { return 0 }
        guard !isPaused else { return Int(CURL_WRITEFUNC_PAUSE) }
        bodyBytes += piece.count
        guard bodyBytes <= request.responseBytesMax else {
            stop(.limit, "the body has more than \(request.responseBytesMax) bytes")
            return 0
        }
        movedAt = Clock.now()
        if call.events.body(call.id, piece) == .pause { isPaused = true }
        return piece.count
    }

    /// Bytes of the request body written to `target`; `CURL_READFUNC_PAUSE` for none yet.
    fileprivate func writeBody(_ target: UnsafeMutablePointer<UInt8>, _ room: Int) -> Int {
        guard !call.isCancelled else { return Int(CURL_READFUNC_ABORT) }
        let rest = request.body.count - bodyPlace
        if rest > 0 {
            let count = min(room, rest)
            unsafe request.body.withUnsafeBufferPointer { body in
                guard let start = body.baseAddress else { return }
                unsafe target.update(from: start + bodyPlace, count: count)
            }
            bodyPlace += count
            return sent(count)
        }
        guard request.streamsBody, !hasPeerEnded else { return 0 }
        if request.speaks == .upgrade {
            guard stage == .responding else { return starve() }
            if status != 101 { return 0 }
        }
        hasReadStream = true
        switch unsafe call.read(into: target, room) {
        case .bytes(let count): return sent(count)
        case .bytesAndWritable(let count):
            call.events.writable(call.id)
            return sent(count)
        case .nothing: return starve()
        case .end:
            hasEndedRequest = true
            return 0
        }
    }

    private func starve() -> Int {
        isStarved = true
        return Int(CURL_READFUNC_PAUSE)
    }

    private func sent(_ count: Int) -> Int {
        sentAt = Clock.now()
        movedAt = sentAt
        return count
    }

    /// The body is to be sent once more from its beginning; whether that is possible.
    fileprivate func rewind() -> Bool {
        guard !hasReadStream else { return false }
        bodyPlace = 0
        return true
    }

    /// A socket for an address that the policy allows; -1 for none.
    fileprivate func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Int32 {
        guard opens else {
            lacksConnection = true
            return -1
        }
        let policy = pool.client.policy
        if unsafe address.pointee.family == AF_UNIX {
            guard policy.allowsUnixSockets else {
                refusedAddress = request.socketPath
                return -1
            }
        } else {
            let length = Int(unsafe address.pointee.addrlen)
            let peer = unsafe withUnsafePointer(to: &address.pointee.addr) { start in
                unsafe start.withMemoryRebound(to: UInt8.self, capacity: length) {
                    PeerAddress(socketAddress: unsafe Bytes(start: $0, count: length))
                }
            }
            guard policy.allows(peer) else {
                refusedAddress = peer.hostText
                return -1
            }
        }
        hasAllowedAddress = true
        let socket = unsafe ccurl_socket(address)
        guard socket >= 0 else { return -1 }
        pool.client.counters.add(.connectionsOpened)
        pool.client.counters.add(.connectionsOpen)
        return socket
    }

    /// A connection is ready for the request; whether it may be sent.
    ///
    /// More than once when libcurl follows a redirect, and when it has found a kept connection
    /// dead and tries another. Then only what may be repeated is (RFC 9110 9.2.2).
    fileprivate func begin() -> Bool {
        let sent = unsafe ccurl_number(easy, CURLINFO_REQUEST_SIZE)
        let redirects = unsafe ccurl_number(easy, CURLINFO_REDIRECT_COUNT)
        let isRepeat = beginnings > Int(redirects)
        if isRepeat, sent > sentBefore || !sendsPlainly, !request.isIdempotent {
            stop(.reset, Self.lostAfterSending(peer))
            return false
        }
        beginnings += 1
        refusedAddress = nil
        hasAllowedAddress = false
        (isStarved, hasPeerEnded) = (false, false)
        sentBefore = sent
        connectedAt = Clock.now()
        if stage == .connecting { stage = .waiting }
        pool.loop.rearm(self)
        return true
    }

    static func lostAfterSending(_ peer: String) -> String {
        "the kept connection to \(peer) was lost after the request was sent"
    }

    /// Whether libcurl's count of sent bytes is what the kernel took.
    var sendsPlainly: Bool {
        !request.isSecure && (request.speaks == .http1 || request.speaks == .upgrade)
    }

    /// libcurl has changed what it wants of a socket (CURL_POLL_...).
    ///
    /// When it stops to read, the response has ended, or the raw bytes of an upgrade; libcurl
    /// itself would wait for the end of a streamed request. Over HTTP/2, and where the connection
    /// goes on, the response is whole, and the request is given up. Else the request is ended, so
    /// that libcurl judges the response.
    ///
    /// When libcurl 7.88 gets a stream of HTTP/2 and its reset at once, it drops the response and
    /// waits likewise.
    ///
    /// When libcurl stops to write raw bytes, all were sent, and the end of our stream may follow.
    /// Under TLS it cannot be sent.
    func onWatch(_ socket: Int32, _ what: Int32) {
        guard request.streamsBody else { return }
        if stage == .waiting, what == CURL_POLL_REMOVE, isStarved { return notePeerEnd() }
        guard stage == .responding else { return }
        if what == CURL_POLL_IN, hasEndedRequest, status == 101, !request.isSecure {
            shutdown(socket, Int32(SHUT_WR))
        }
        guard what != CURL_POLL_IN, what != CURL_POLL_INOUT, !isPaused, !hasPeerEnded else {
            return
        }
        let isHTTP2 = unsafe ccurl_number(easy, CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0
        let goesOn = !request.isSecure && SocketControl.isQuiet(socket)
        isResponseWhole = status != 101 && (isHTTP2 || goesOn)
        notePeerEnd()
    }

    private func notePeerEnd() {
        hasPeerEnded = true
        pool.loop.post(call)
    }
}

private func transfer(_ context: UnsafeMutableRawPointer) -> Transfer {
    unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

private func onHeadLine(
    _ start: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let start = unsafe start, let context = unsafe context else { return 0 }
    let length = size * count
    return unsafe start.withMemoryRebound(to: UInt8.self, capacity: length) {
        let line = unsafe Bytes(start: $0, count: length)
        return unsafe transfer(context).readHead(line) ? length : length + 1
    }
}

private func onBody(
    _ start: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let start = unsafe start, let context = unsafe context else { return 0 }
    let length = size * count
    return unsafe start.withMemoryRebound(to: UInt8.self, capacity: length) {
        unsafe transfer(context).readBody(Bytes(start: $0, count: length))
    }
}

private func onRead(
    _ start: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let start = unsafe start, let context = unsafe context else { return 0 }
    let room = size * count
    return unsafe start.withMemoryRebound(to: UInt8.self, capacity: room) {
        unsafe transfer(context).writeBody($0, room)
    }
}

private func onSeek(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32)
    -> Int32
{
    guard let context = unsafe context, offset == 0, origin == SEEK_SET else {
        return CURL_SEEKFUNC_FAIL
    }
    return unsafe transfer(context).rewind() ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

private func onOpen(
    _ context: UnsafeMutableRawPointer?,
    _: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context = unsafe context, let address = unsafe address else { return -1 }
    return unsafe transfer(context).open(address)
}

private func onReady(
    _ context: UnsafeMutableRawPointer?,
    _: UnsafeMutablePointer<CChar>?,
    _: UnsafeMutablePointer<CChar>?,
    _: Int32,
    _: Int32
) -> Int32 {
    guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
    return unsafe transfer(context).begin() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

private func onClose(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    guard let context = unsafe context else { return -1 }
    let client = unsafe Unmanaged<OutboundClient>.fromOpaque(context).takeUnretainedValue()
    client.counters.add(.connectionsOpen, -1)
    return close(socket)
}
