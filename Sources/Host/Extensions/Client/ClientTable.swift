internal import SluiceABI
internal import SluiceBase
internal import SluiceOutbound

/// `sluice.client`, BOUND: calls to other servers, whose events run on the lane.
enum ClientTable {
    private typealias Table = UnsafePointer<sluice_client_api>?
    private typealias Failure = UnsafeMutablePointer<sluice_error>?

    static var table: sluice_client_api {
        unsafe sluice_client_api(
            send: send,
            write: write,
            resume: resume,
            cancel: cancel,
            profile: profile
        )
    }

    private static let send:
        @convention(c) (
            Table, UnsafePointer<sluice_call>?, UnsafePointer<sluice_call_events>?,
            UnsafeMutableRawPointer?, UnsafeMutablePointer<sluice_cid>?, Failure
        ) -> sluice_status = { table, call, events, context, id, failure in
            guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
            guard let call = unsafe call, let events = unsafe events else {
                return unsafe PluginError.fill(
                    failure,
                    SLUICE_E_INVALID,
                    "expected a call and its events"
                )
            }
            let functions = unsafe events.sized(empty: sluice_call_events())
            guard unsafe functions.end != nil else {
                return unsafe PluginError.fill(
                    failure,
                    SLUICE_E_INVALID,
                    "events.end is NULL; every call ends with it"
                )
            }
            do throws(OutboundRefusal) {
                let request = try unsafe CallForm.request(call.sized(empty: sluice_call()))
                let number = try unsafe instance.client.send(request, functions, context)
                if let id = unsafe id { unsafe id.pointee = number }
                return SLUICE_OK
            } catch {
                return unsafe PluginError.fill(failure, error.status, error.description)
            }
        }

    private static let write:
        @convention(c) (Table, sluice_cid, UnsafePointer<sluice_chunk>?, Int, UInt32) ->
            sluice_status = { table, id, chunks, count, flags in
                guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
                let isLast = flags & UInt32(SLUICE_END) != 0
                do throws(OutboundRefusal) {
                    let bytes = try unsafe CallForm.bytes(chunks, count)
                    switch instance.client.write(id, bytes, isLast: isLast) {
                    case .taken: return SLUICE_OK
                    case .again: return SLUICE_E_AGAIN
                    case .limit: return SLUICE_E_LIMIT
                    case .ended: return SLUICE_E_STATE
                    case .gone: return SLUICE_E_GONE
                    }
                } catch {
                    return SLUICE_E_INVALID
                }
            }

    private static let resume: @convention(c) (Table, sluice_cid) -> sluice_status = { table, id in
        guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
        return instance.client.resume(id) ? SLUICE_OK : SLUICE_E_GONE
    }

    private static let cancel: @convention(c) (Table, sluice_cid) -> sluice_status = { table, id in
        guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
        return instance.client.cancel(id) ? SLUICE_OK : SLUICE_E_GONE
    }

    private static let profile:
        @convention(c) (Table, UnsafePointer<sluice_tls_profile>?, Failure) -> sluice_status = {
            table,
            profile,
            failure in
            guard let instance = unsafe caller(table) else { return SLUICE_E_GONE }
            guard let profile = unsafe profile else {
                return unsafe PluginError.fill(failure, SLUICE_E_INVALID, "expected a profile")
            }
            let given = unsafe profile.sized(empty: sluice_tls_profile())
            do throws(OutboundRefusal) {
                let name = unsafe given.name.text
                guard !name.isEmpty else { throw .invalid("tls profile: it has no name") }
                try unsafe instance.client.setProfile(name, CallForm.profile(given))
                return SLUICE_OK
            } catch {
                return unsafe PluginError.fill(failure, error.status, error.description)
            }
        }
}

extension OutboundRefusal {
    /// What a plugin is answered.
    fileprivate var status: sluice_status {
        switch self {
        case .invalid: SLUICE_E_INVALID
        case .limit: SLUICE_E_LIMIT
        case .closed: SLUICE_E_GONE
        }
    }
}

/// What the header says of a call, in the words of the outbound client.
private enum CallForm {
    static func request(_ call: sluice_call) throws(OutboundRefusal) -> OutboundRequest {
        var request = OutboundRequest(unsafe call.url.text)
        if unsafe call.method.len > 0 { request.method = unsafe call.method.text }
        request.speaks = try unsafe speaks(call.flags)
        request.streamsBody = unsafe call.flags & UInt32(SLUICE_CALL_STREAM_BODY) != 0
        request.followsRedirects = unsafe call.flags & UInt32(SLUICE_CALL_FOLLOW) != 0
        if unsafe call.tls_profile.len > 0 { request.profile = unsafe call.tls_profile.text }
        if unsafe call.bearer_file.len > 0 { request.bearerFile = unsafe call.bearer_file.text }
        request.fields = try unsafe fields(call.headers)
        request.body = try unsafe bytes(call.body, call.nbody)
        request.deadlines = unsafe OutboundDeadlines(
            connect: call.connect_ns,
            head: call.head_ns,
            idle: call.idle_ns,
            total: call.total_ns
        )
        let limit = unsafe call.max_body
        if limit > 0 { request.responseBytesMax = Int(clamping: limit) }
        return request
    }

    private static func speaks(_ flags: UInt32) throws(OutboundRefusal) -> OutboundProtocol {
        let chosen: [(UInt32, OutboundProtocol)] = [
            (UInt32(SLUICE_CALL_H2), .http2), (UInt32(SLUICE_CALL_H2C), .http2PriorKnowledge),
            (UInt32(SLUICE_CALL_UPGRADE), .upgrade),
        ].filter { flags & $0.0 != 0 }
        guard chosen.count < 2 else {
            throw .invalid("flags: at most one of SLUICE_CALL_H2, _H2C and _UPGRADE")
        }
        return chosen.first?.1 ?? .http1
    }

    private static func fields(_ headers: sluice_headers) throws(OutboundRefusal)
        -> [OutboundField]
    {
        let count = unsafe headers.count
        guard count <= OutboundLimits.fieldsMax else {
            throw .invalid("headers: \(count), at most \(OutboundLimits.fieldsMax)")
        }
        guard unsafe count == 0 || headers.items != nil else {
            throw .invalid("headers: items is NULL")
        }
        var fields: [OutboundField] = []
        for index in 0..<count {
            guard let header = unsafe headers.items?[index] else { break }
            guard unsafe header.name.isWhole && header.value.isWhole else {
                throw .invalid("headers: item \(index) has a span without a place")
            }
            fields.append(unsafe OutboundField(header.name.text, header.value.bytes.array))
        }
        return fields
    }

    /// The bytes of chunks, copied.
    static func bytes(_ chunks: UnsafePointer<sluice_chunk>?, _ count: Int)
        throws(OutboundRefusal) -> [UInt8]
    {
        guard unsafe count == 0 || chunks != nil else { throw .invalid("chunks is NULL") }
        var bytes: [UInt8] = []
        for index in 0..<count {
            guard let span = unsafe chunks?[index].bytes, unsafe span.isWhole else {
                throw .invalid("chunk \(index) is a span without a place")
            }
            guard unsafe span.len <= OutboundLimits.bodyBytesMax - bytes.count else {
                throw .limit("the body has more than \(OutboundLimits.bodyBytesMax) bytes at once")
            }
            if index == 0, count == 1 { return unsafe span.bytes.array }
            unsafe bytes += span.bytes.array
        }
        return bytes
    }

    static func profile(_ given: sluice_tls_profile) throws(OutboundRefusal) -> TLSProfile {
        try unsafe TLSProfile(
            authorities: given.ca_pem.bytes.array,
            certificate: given.cert_pem.bytes.array,
            key: given.key_pem.bytes.array,
            serverName: given.server_name.len > 0 ? given.server_name.text : nil,
            isInsecure: given.flags & UInt32(SLUICE_TLS_INSECURE) != 0
        )
    }
}
