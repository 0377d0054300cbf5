internal import SluiceABI

/// Outbound HTTP of the instance.
///
/// Lane only.
///
///     let answer = try await host.client.send(Call("GET", "https://api.test/v1/things"))
///     guard answer.status == 200 else { throw Response.text(502, "no things") }
///     for try await line in answer.body.lines() { ... }
@safe
public struct Client: @unchecked Sendable {
    let table: UnsafePointer<sluice_client_api>
    let lane: Lane

    init(_ table: UnsafePointer<sluice_client_api>, _ lane: Lane) {
        unsafe self.table = unsafe table
        self.lane = lane
    }

    /// Sends a whole request, and returns when the head of its answer has come.
    ///
    /// Throws `PluginError` when the request is wrong or refused at once, `CallFailure` when the
    /// call fails. Cancelling the task, now or while the body is read, cancels the call; so does
    /// letting go of the answer.
    public func send(_ call: Call) async throws -> Answer {
        try await open(call).answer()
    }

    /// Begins a call; a body that is `.streamed` follows by `OpenCall.write`.
    public func open(_ call: Call) throws(PluginError) -> OpenCall {
        guard let send = unsafe table.pointee.send else { throw missing("send") }
        var events = sluice_call_events()
        events.size = UInt32(MemoryLayout<sluice_call_events>.size)
        unsafe events.head = callHead
        unsafe events.body = callBody
        unsafe events.writable = callWritable
        unsafe events.end = callEnd
        let state = CallState(self)
        let context = unsafe Unmanaged.passRetained(state).toOpaque()
        var id: sluice_cid = 0
        do throws(PluginError) {
            try unsafe withErrorReport { report in
                withArena { arena in
                    unsafe call.lend(&arena) { words in
                        unsafe send(table, words, &events, context, &id, report)
                    }
                }
            }
        } catch {
            unsafe Unmanaged<CallState>.fromOpaque(context).release()
            throw error
        }
        state.begun(id)
        return OpenCall(state)
    }

    /// Makes a TLS profile, or replaces the one of its name; calls that follow use it.
    public func profile(_ profile: TLSProfile) throws(PluginError) {
        guard let function = unsafe table.pointee.profile else { throw missing("profile") }
        try unsafe withErrorReport { report in
            withArena { arena in
                var words = unsafe sluice_tls_profile()
                unsafe words.size = UInt32(MemoryLayout<sluice_tls_profile>.size)
                unsafe words.flags = profile.isInsecure ? SLUICE_TLS_INSECURE : 0
                unsafe words.name = arena.span(profile.name)
                if let pem = profile.authorities { unsafe words.ca_pem = arena.span(pem) }
                if let pem = profile.certificate { unsafe words.cert_pem = arena.span(pem) }
                if let pem = profile.key { unsafe words.key_pem = arena.span(pem) }
                unsafe words.server_name = arena.span(profile.serverName)
                return unsafe function(table, &words, report)
            }
        }
    }
}

extension Call {
    /// Lends the call to the host.
    fileprivate func lend(
        _ arena: inout Arena,
        _ send: (UnsafePointer<sluice_call>) -> sluice_status
    ) -> sluice_status {
        var words = unsafe sluice_call()
        unsafe words.size = UInt32(MemoryLayout<sluice_call>.size)
        unsafe words.flags = flags
        unsafe words.method = arena.span(method)
        unsafe words.url = arena.span(url)
        unsafe words.tls_profile = arena.span(tlsProfile)
        unsafe words.bearer_file = arena.span(bearerFile)
        unsafe words.connect_ns = connectTimeout.nanoseconds
        unsafe words.head_ns = headTimeout.nanoseconds
        unsafe words.idle_ns = idleTimeout.nanoseconds
        unsafe words.total_ns = totalTimeout.nanoseconds
        unsafe words.max_body = bodyBytesMax
        var bytes: [UInt8]?
        if case .bytes(let whole) = body { bytes = whole }
        return unsafe headers.lend(&arena) { _, list in
            unsafe words.headers = list
            return unsafe withChunk(bytes ?? []) { chunk in
                if bytes != nil {
                    unsafe words.body = chunk
                    unsafe words.nbody = 1
                }
                return unsafe send(&words)
            }
        }
    }

    private var flags: UInt32 {
        var flags: UInt32 = 0
        if case .streamed = body { flags |= SLUICE_CALL_STREAM_BODY }
        if followsRedirects { flags |= SLUICE_CALL_FOLLOW }
        if isUpgrade { flags |= SLUICE_CALL_UPGRADE }
        switch version {
        case .any: break
        case .preferHTTP2: flags |= SLUICE_CALL_H2
        case .clearHTTP2: flags |= SLUICE_CALL_H2C
        }
        return flags
    }
}
