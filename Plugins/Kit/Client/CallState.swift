internal import SluiceABI

/// One call, from `send` to its end: what the host's events fill.
///
/// Lane only.
@safe
final class CallState: @unchecked Sendable {
    private(set) var status = 0
    private(set) var headers: Headers = [:]
    private(set) var body = Inlet {}
    private(set) var summary: CallSummary?
    private(set) var failure: CallFailure?

    private let client: Client
    private var id: sluice_cid = 0
    private let head = Signal()
    private let writable = Signal()

    init(_ client: Client) {
        self.client = client
    }

    /// The host has taken the call.
    func begun(_ id: sluice_cid) {
        self.id = id
        let client = client
        body = Inlet {
            if let resume = unsafe client.table.pointee.resume {
                _ = unsafe resume(client.table, id)
            }
        }
    }

    /// Waits for the head.
    func waitForHead() async throws {
        while status == 0 {
            if let failure { throw failure }
            if summary != nil { throw PluginError(.internal, "the call ended without a head") }
            do {
                try await head.wait()
            } catch {
                cancel()
                throw error
            }
        }
    }

    func write(_ bytes: [UInt8], isLast: Bool) async throws {
        guard let write = unsafe client.table.pointee.write else { throw missing("write") }
        if bytes.isEmpty, !isLast { return }
        while true {
            writable.reset()
            let status = unsafe withChunk(bytes) { chunk in
                unsafe write(client.table, id, chunk, 1, isLast ? SLUICE_END : 0)
            }
            switch status {
            case SLUICE_E_AGAIN:
                if !isLast { try await room() }
                return
            case SLUICE_E_LIMIT: try await room()
            case ..<0: throw failure ?? refused(status, "writing the body of a call")
            default: return
            }
        }
    }

    /// The end of the call follows, unless it has come.
    func cancel() {
        guard summary == nil, let cancel = unsafe client.table.pointee.cancel else { return }
        _ = unsafe cancel(client.table, id)
    }

    private func room() async throws {
        do {
            try await writable.wait()
        } catch {
            cancel()
            throw error
        }
        if let failure { throw failure }
    }

    // MARK: The host's events

    fileprivate func tookHead(_ status: Int, _ headers: Headers) {
        self.status = status
        self.headers = headers
        head.wake()
    }

    fileprivate func tookEnd(_ trailers: Headers, _ result: sluice_call_result) {
        summary = unsafe CallSummary(result)
        if unsafe result.outcome == SLUICE_OK {
            body.finish(trailers)
        } else {
            let failure = unsafe CallFailure(result)
            self.failure = failure
            body.fail(failure)
        }
        head.wake()
        writable.wake()
    }

    fileprivate func tookRoom() {
        writable.wake()
    }

    fileprivate func enter<Answer>(_ body: () -> Answer) -> Answer {
        client.lane.enter(body)
    }
}

func callHead(
    _ context: UnsafeMutableRawPointer?,
    _ id: sluice_cid,
    _ status: Int32,
    _ headers: sluice_headers
) {
    guard let context = unsafe context else { return }
    let state = unsafe Unmanaged<CallState>.fromOpaque(context).takeUnretainedValue()
    state.enter { state.tookHead(Int(status), unsafe Headers(headers)) }
}

func callBody(
    _ context: UnsafeMutableRawPointer?,
    _ id: sluice_cid,
    _ pieces: UnsafePointer<sluice_chunk>?,
    _ count: Int
) -> sluice_status {
    guard let context = unsafe context else { return SLUICE_OK }
    let state = unsafe Unmanaged<CallState>.fromOpaque(context).takeUnretainedValue()
    return state.enter {
        state.body.take(unsafe Array(pieces, count)) ? SLUICE_OK : SLUICE_E_AGAIN
    }
}

func callWritable(_ context: UnsafeMutableRawPointer?, _ id: sluice_cid) {
    guard let context = unsafe context else { return }
    let state = unsafe Unmanaged<CallState>.fromOpaque(context).takeUnretainedValue()
    state.enter { state.tookRoom() }
}

func callEnd(
    _ context: UnsafeMutableRawPointer?,
    _ id: sluice_cid,
    _ trailers: sluice_headers,
    _ result: UnsafePointer<sluice_call_result>?
) {
    guard let context = unsafe context else { return }
    let state = unsafe Unmanaged<CallState>.fromOpaque(context).takeRetainedValue()
    let words = unsafe result.map { unsafe whole($0) } ?? sluice_call_result()
    state.enter { unsafe state.tookEnd(Headers(trailers), words) }
}
