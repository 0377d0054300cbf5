internal import SluiceABI
public import SluiceKit

/// One outbound call of a simulated instance; the test answers it.
///
/// Lane only.
@safe
public final class SimulatedCall {
    /// The method.
    public let method: String
    /// The URL.
    public let url: String
    /// Header lines.
    public let headers: Headers
    /// SLUICE_CALL_*.
    public let flags: UInt32
    /// The times for connection, head, pieces and the whole, as the header numbers them.
    public let timeouts: [UInt64]
    /// The name of its TLS profile.
    public let tlsProfile: String
    /// The body, as far as it has come.
    public internal(set) var body: [UInt8]
    /// Whether the body is whole.
    public internal(set) var hasBody: Bool
    /// Bytes of a streamed body that are taken before there is no room.
    public var room = Int.max
    /// Whether the plugin has asked to pause the answer's body.
    public internal(set) var isPaused = false
    /// Whether the plugin has cancelled it.
    public internal(set) var isCanceled = false
    /// Whether its end was reported.
    public private(set) var hasEnded = false

    let id: UInt64
    private unowned let host: SimulatedHost
    private let events: sluice_call_events
    private let context: UnsafeMutableRawPointer?

    init(
        _ id: UInt64,
        _ host: SimulatedHost,
        _ words: sluice_call,
        _ events: sluice_call_events,
        _ context: UnsafeMutableRawPointer?
    ) {
        self.id = id
        self.host = host
        self.events = events
        unsafe self.context = unsafe context
        unsafe method = String(words.method)
        unsafe url = String(words.url)
        unsafe headers = Headers(words.headers)
        unsafe flags = words.flags
        unsafe timeouts = [words.connect_ns, words.head_ns, words.idle_ns, words.total_ns]
        unsafe tlsProfile = String(words.tls_profile)
        unsafe body = Array(words.body, words.nbody)
        unsafe hasBody = words.flags & SLUICE_CALL_STREAM_BODY == 0
    }

    /// The peer answers: the head.
    public func answer(_ status: Int, headers: Headers = [:]) {
        unsafe withHeaders(headers) { list in unsafe events.head?(context, id, Int32(status), list)
        }
        host.run()
    }

    /// The peer sends a piece of the body.
    public func send(_ piece: [UInt8]) {
        let status = unsafe withPieces([piece]) { pieces, count in
            unsafe events.body?(context, id, pieces, count)
        }
        if status == SLUICE_E_AGAIN { isPaused = true }
        host.run()
    }

    /// The peer sends text.
    public func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// The peer takes `bytes` more of a streamed body.
    public func makeRoom(_ bytes: Int = .max) {
        room = room.addingReportingOverflow(bytes).overflow ? .max : room + bytes
        unsafe events.writable?(context, id)
        host.run()
    }

    /// The answer is whole.
    public func end(trailers: Headers = [:]) {
        finish(.init(rawValue: SLUICE_FAIL_NONE), wasMaybeSent: true, "", trailers)
    }

    /// The call fails.
    public func fail(_ kind: CallFailure.Kind, _ text: String, wasMaybeSent: Bool = true) {
        finish(kind, wasMaybeSent: wasMaybeSent, text, [:])
    }

    private func finish(
        _ kind: CallFailure.Kind,
        wasMaybeSent: Bool,
        _ text: String,
        _ trailers: Headers
    ) {
        guard !hasEnded else { return }
        hasEnded = true
        var result = unsafe sluice_call_result()
        unsafe result.size = UInt32(MemoryLayout<sluice_call_result>.size)
        let isWhole = kind.rawValue == SLUICE_FAIL_NONE
        unsafe result.outcome =
            isWhole ? SLUICE_OK : kind == .canceled ? SLUICE_E_CANCELED : SLUICE_E_IO
        unsafe result.failed = kind.rawValue
        unsafe result.maybe_sent = wasMaybeSent ? 1 : 0
        unsafe result.attempts = 1
        unsafe withSpans([text]) { spans in
            unsafe result.detail = spans[0]
            unsafe withHeaders(trailers) { list in unsafe events.end?(context, id, list, &result) }
        }
        host.run()
    }
}

func clientTable() -> sluice_client_api {
    unsafe sluice_client_api(
        send: send,
        write: write,
        resume: resume,
        cancel: cancel,
        profile: profile
    )
}

private typealias Table = UnsafePointer<sluice_client_api>

private func call(_ table: Table?, _ id: UInt64) -> SimulatedCall? {
    guard let call = unsafe host(table)?.calls.first(where: { $0.id == id }), !call.hasEnded else {
        return nil
    }
    return call
}

private func send(
    _ table: Table?,
    _ words: UnsafePointer<sluice_call>?,
    _ events: UnsafePointer<sluice_call_events>?,
    _ context: UnsafeMutableRawPointer?,
    _ id: UnsafeMutablePointer<UInt64>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let host = unsafe host(table), let words = unsafe words?.pointee,
        let events = unsafe events?.pointee
    else { return SLUICE_E_INVALID }
    if let refusal = host.clientRefusal { return unsafe fail(report, refusal) }
    let call = unsafe SimulatedCall(host.newID(), host, words, events, context)
    call.room = host.clientRoom
    host.calls.append(call)
    unsafe id?.pointee = call.id
    return SLUICE_OK
}

private func write(
    _ table: Table?,
    _ id: UInt64,
    _ chunks: UnsafePointer<sluice_chunk>?,
    _ count: Int,
    _ flags: UInt32
) -> Int32 {
    guard let call = unsafe call(table, id) else { return SLUICE_E_GONE }
    let piece = unsafe Array(chunks, count)
    let written = call.body.count + piece.count
    if written / 2 > call.room { return SLUICE_E_LIMIT }
    call.body += piece
    if flags & SLUICE_END != 0 { call.hasBody = true }
    return written > call.room ? SLUICE_E_AGAIN : SLUICE_OK
}

private func resume(_ table: Table?, _ id: UInt64) -> Int32 {
    guard let call = unsafe call(table, id) else { return SLUICE_E_GONE }
    call.isPaused = false
    return SLUICE_OK
}

private func cancel(_ table: Table?, _ id: UInt64) -> Int32 {
    guard let call = unsafe call(table, id), !call.isCanceled else { return SLUICE_E_GONE }
    call.isCanceled = true
    return unsafe host(table)?.post { _ in call.fail(.canceled, "the call was cancelled") }
        ?? SLUICE_E_GONE
}

private func profile(
    _ table: Table?,
    _ profile: UnsafePointer<sluice_tls_profile>?,
    _ report: UnsafeMutablePointer<sluice_error>?
) -> Int32 {
    guard let host = unsafe host(table), let words = unsafe profile?.pointee else {
        return SLUICE_E_INVALID
    }
    unsafe host.tlsProfiles.insert(String(words.name))
    return SLUICE_OK
}
