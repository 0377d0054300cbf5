internal import CCurl
internal import SluiceBase

/// The connections of one client: a set of transfers of libcurl, with its sockets and its timer.
///
/// For the thread `outbound` alone. HTTP/2 by prior knowledge has a set of its own: libcurl would
/// speak it on a kept connection of HTTP/1.1 to the same host.
///
/// A connection of HTTP/2 serves one call at a time. When calls share one, libcurl 7.88 may take a
/// stream that was reset for a whole response, and a paused call holds up the others.
@safe
final class ConnectionPool {
    let client: OutboundClient
    let loop: OutboundLoop
    let isForPriorKnowledge: Bool
    let multi: UnsafeMutableRawPointer
    /// When libcurl wants to be called without an event.
    private(set) var timerAt = Clock.never

    init?(_ client: OutboundClient, _ loop: OutboundLoop, isForPriorKnowledge: Bool) {
        guard let multi = unsafe curl_multi_init() else { return nil }
        self.client = client
        self.loop = loop
        self.isForPriorKnowledge = isForPriorKnowledge
        unsafe self.multi = multi
        let limits = client.limits
        for (option, value) in [
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, limits.connectionsMax),
            (CURLMOPT_MAX_HOST_CONNECTIONS, limits.connectionsPerHostMax),
            (CURLMOPT_MAXCONNECTS, limits.connectionsMax),
            (CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)),
        ] {
            unsafe ccurl_multi_set_number(multi, option, value)
        }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_multi_set_events(multi, onSocket, onTimer, context)
    }

    /// Closes all connections; no transfer is left.
    func close() { unsafe curl_multi_cleanup(multi) }

    /// Tells libcurl what a socket is ready for (CURL_CSELECT_...).
    func act(on socket: Int32, _ bits: Int32) {
        var running: Int32 = 0
        unsafe curl_multi_socket_action(multi, socket, bits, &running)
        settle()
    }

    /// Calls libcurl when its time has come.
    func expire(at now: UInt64) {
        guard timerAt <= now else { return }
        timerAt = Clock.never
        act(on: CURL_SOCKET_TIMEOUT, 0)
    }

    /// Ends the transfers that libcurl is done with.
    private func settle() {
        var result = CURLE_OK
        while let easy = unsafe ccurl_next_done(multi, &result) {
            guard let context = unsafe ccurl_private(easy) else { continue }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            if transfer.wantsConnection(after: result) {
                loop.reopen(transfer.call)
            } else {
                loop.finish(transfer.call, transfer.failure(of: result))
            }
        }
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        guard milliseconds >= 0 else {
            timerAt = Clock.never
            return
        }
        let now = Clock.now()
        timerAt = Clock.after(UInt64(milliseconds) * Clock.nanosecondsPerMillisecond, from: now)
    }
}

private func onSocket(
    _ easy: UnsafeMutableRawPointer?,
    _ socket: Int32,
    _ what: Int32,
    _ context: UnsafeMutableRawPointer?,
    _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context else { return -1 }
    let pool = unsafe Unmanaged<ConnectionPool>.fromOpaque(context).takeUnretainedValue()
    var transfer: Transfer?
    if let easy = unsafe easy, let known = unsafe ccurl_private(easy) {
        transfer = unsafe Unmanaged<Transfer>.fromOpaque(known).takeUnretainedValue()
    }
    pool.loop.watch(socket, what, pool, transfer)
    transfer?.onWatch(socket, what)
    return 0
}

private func onTimer(
    _: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context else { return -1 }
    unsafe Unmanaged<ConnectionPool>.fromOpaque(context).takeUnretainedValue()
        .setTimer(milliseconds)
    return 0
}
