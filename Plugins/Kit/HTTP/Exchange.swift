internal import SluiceABI

/// One request and its answer, from the host's first call to `done`.
///
/// Lane only.
@safe
final class Exchange: @unchecked Sendable {
    /// How far the answer is.
    enum Progress {
        /// Nothing has been sent.
        case open
        /// The head has been sent; the body follows.
        case begun
        /// All has been sent, or passed on, or broken off.
        case ended
    }

    let id: sluice_rid
    let tag: UInt32
    let host: Host
    let body: Inlet
    private(set) var progress = Progress.open
    /// Why the host does not want the answer any more.
    private(set) var closed: ClosingCause?
    private(set) var summary: ExchangeSummary?
    var task: Task<Void, Never>?
    /// What will follow the body.
    var trailers: Headers = [:]

    /// What the host wrote; it points at memory of the host until `done`.
    private(set) var words: sluice_request
    private let writable = Signal()
    private let table: UnsafePointer<sluice_http_api>
    /// Own copies, when the task has outlived the host's memory.
    private var arena = Arena()

    init(
        _ id: sluice_rid,
        _ tag: UInt32,
        _ host: Host,
        _ table: UnsafePointer<sluice_http_api>,
        _ words: UnsafePointer<sluice_request>
    ) {
        self.id = id
        self.tag = tag
        self.host = host
        unsafe self.table = unsafe table
        unsafe self.words = whole(words)
        body = Inlet {
            if let resume = unsafe table.pointee.resume { _ = resume(id, SLUICE_REQUEST) }
        }
    }

    deinit {
        arena.free()
    }

    // MARK: The host's calls

    /// The answer is not wanted any more.
    func cancel(_ cause: ClosingCause) {
        closed = cause
        body.fail(PluginError(.canceled, "the request's body has been cut off: \(cause)"))
        writable.wake()
        task?.cancel()
    }

    /// There is room again.
    func wakeWriter() {
        writable.wake()
    }

    /// What the host brings with the request.
    func takeBody(_ bytes: [UInt8], isWhole: Bool) {
        _ = body.take(bytes)
        if isWhole { body.finish(unsafe Headers(words.trailers)) }
    }

    /// The exchange is over, and the host's memory of it about to go; somebody may still look at
    /// it.
    func done(_ exchange: UnsafePointer<sluice_exchange>?, isKept: Bool) {
        summary = unsafe exchange.map { unsafe ExchangeSummary(whole($0)) }
        if isKept { keepWords() }
        if progress != .ended, closed == nil { cancel(summary?.cause ?? .client) }
        progress = .ended
    }

    /// The plugin's function has returned or thrown.
    func taskEnded() {
        task = nil
    }

    // MARK: The plugin's calls

    func respond(_ response: Response) throws(PluginError) {
        try unsafe response.send(id, table)
        progress = .ended
    }

    func inform(_ status: Int, _ headers: Headers) throws(PluginError) {
        guard let inform = unsafe table.pointee.inform else { throw missing("inform") }
        try unsafe withHeaders(headers) { list, report in
            unsafe inform(id, Int32(clamping: status), list, report)
        }
    }

    func begin(_ status: Int, _ headers: Headers) throws(PluginError) {
        guard let begin = unsafe table.pointee.begin else { throw missing("begin") }
        try unsafe withHeaders(headers) { list, report in
            unsafe begin(id, Int32(clamping: status), list, report)
        }
        progress = .begun
    }

    func write(_ bytes: [UInt8]) async throws {
        guard let write = unsafe table.pointee.write else { throw missing("write") }
        if bytes.isEmpty { return }
        while true {
            writable.reset()
            let status = unsafe withChunk(bytes) { chunk in unsafe write(id, chunk, 1, 0) }
            switch status {
            case SLUICE_E_AGAIN:
                try await room()
                return
            case SLUICE_E_LIMIT: try await room()
            case ..<0: throw failure(status, "writing a body")
            default: return
            }
        }
    }

    func finish(_ trailers: Headers) throws(PluginError) {
        guard let finish = unsafe table.pointee.finish else { throw missing("finish") }
        let status = withArena { arena in
            unsafe trailers.lend(&arena) { _, list in unsafe finish(id, list) }
        }
        if status < 0 { throw failure(status, "finishing a body") }
        progress = .ended
    }

    func abort(_ reason: String) throws(PluginError) {
        guard let abort = unsafe table.pointee.abort else { throw missing("abort") }
        let status = withArena { arena in unsafe abort(id, arena.span(reason)) }
        progress = .ended
        if status < 0 { throw failure(status, "breaking an exchange off") }
    }

    func forward(_ forward: Forward) throws(PluginError) {
        guard let function = unsafe table.pointee.forward else { throw missing("forward") }
        try unsafe withErrorReport { report in
            withArena { arena in
                var words = unsafe sluice_forward()
                unsafe words.size = UInt32(MemoryLayout<sluice_forward>.size)
                unsafe words.source = arena.span(forward.source)
                unsafe words.pool = arena.span(forward.pool)
                unsafe words.path = arena.span(forward.path)
                let names = unsafe forward.remove.map { name in unsafe arena.span(name) }
                return unsafe forward.set.lend(&arena) { _, list in
                    unsafe words.set = list
                    return unsafe names.withUnsafeBufferPointer { names in
                        unsafe words.remove = names.baseAddress
                        unsafe words.nremove = names.count
                        return unsafe function(id, &words, report)
                    }
                }
            }
        }
        progress = .ended
    }

    func deadline(_ nanoseconds: UInt64) throws(PluginError) {
        guard let deadline = unsafe table.pointee.deadline else { throw missing("deadline") }
        let status = deadline(id, nanoseconds)
        if status < 0 { throw failure(status, "moving the deadline") }
    }

    /// Waits until there is room, or the answer is not wanted any more.
    private func room() async throws {
        try await writable.wait()
        if let closed { throw PluginError(.canceled, "the answer is not wanted: \(closed)") }
    }

    private func failure(_ status: sluice_status, _ deed: String) -> PluginError {
        if status == SLUICE_E_GONE, let closed { return PluginError(.gone, "\(deed): \(closed)") }
        return refused(status, deed)
    }

    // MARK: Memory

    /// Copies what the task may still look at.
    private func keepWords() {
        unsafe words.method_name = arena.span(words.method_name)
        unsafe words.scheme = arena.span(words.scheme)
        unsafe words.authority = arena.span(words.authority)
        unsafe words.path = arena.span(words.path)
        unsafe words.suffix = arena.span(words.suffix)
        unsafe words.query = arena.span(words.query)
        unsafe words.peer = arena.span(words.peer)
        unsafe words.sni = arena.span(words.sni)
        unsafe words.client_cert = arena.span(words.client_cert)
        unsafe words.request_id = arena.span(words.request_id)
        unsafe words.route = arena.span(words.route)
        unsafe words.trace_parent = arena.span(words.trace_parent)
        unsafe words.headers = arena.headers(words.headers)
        unsafe words.trailers = arena.headers(words.trailers)
    }
}

extension Response {
    /// Answers an exchange with it.
    ///
    /// Any thread.
    func send(
        _ id: sluice_rid,
        _ table: UnsafePointer<sluice_http_api>
    ) throws(PluginError) {
        guard let respond = unsafe table.pointee.respond else { throw missing("respond") }
        try unsafe withErrorReport { report in
            withArena { arena in
                var words = unsafe sluice_response()
                unsafe words.size = UInt32(MemoryLayout<sluice_response>.size)
                unsafe words.status = Int32(clamping: status)
                unsafe words.reason = arena.span(reason)
                return unsafe headers.lend(&arena) { _, headers in
                    unsafe words.headers = headers
                    return unsafe withChunk(body) { chunk in
                        unsafe words.body = chunk
                        unsafe words.nbody = 1
                        return unsafe respond(id, &words, report)
                    }
                }
            }
        }
    }
}

/// Lends bytes as one chunk without an owner.
func withChunk<Answer>(
    _ bytes: [UInt8],
    _ body: (UnsafePointer<sluice_chunk>) -> Answer
) -> Answer {
    unsafe bytes.withUnsafeBufferPointer { bytes in
        var chunk = unsafe sluice_chunk(
            bytes: sluice_bytes(bytes.baseAddress, bytes.count),
            owner: nil
        )
        return unsafe withUnsafePointer(to: &chunk) { unsafe body($0) }
    }
}
