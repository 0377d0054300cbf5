internal import SluiceABI

/// The table behind answers; an `Exchange` carries it.
///
/// Any thread.
@safe
public struct HTTP: @unchecked Sendable {
    let table: UnsafePointer<sluice_http_api>

    init(_ table: UnsafePointer<sluice_http_api>) {
        unsafe self.table = unsafe table
    }

    /// The exchange with this id, to answer it.
    public func exchange(_ id: UInt64) -> Exchange {
        Exchange(id: id, http: self)
    }
}

/// One request that waits for an answer.
///
/// Any thread, for ever: an id that is over answers `.gone`.
public struct Exchange: Sendable {
    /// The header's sluice_rid.
    public let id: UInt64
    private let http: HTTP

    init(id: UInt64, http: HTTP) {
        self.id = id
        self.http = http
    }

    /// Answers at once, whole.
    public func respond(_ response: Response) throws(PluginError) {
        guard let respond = unsafe http.table.pointee.respond else { throw missing("respond") }
        try unsafe withErrorReport { report in
            withArena { arena in
                var words = unsafe sluice_response()
                unsafe words.size = UInt32(MemoryLayout<sluice_response>.size)
                unsafe words.status = Int32(response.status)
                unsafe words.reason = arena.span(response.reason)
                let headers = unsafe response.headers.map { header in unsafe header.words(&arena) }
                var chunk = unsafe sluice_chunk(bytes: arena.span(response.body), owner: nil)
                return unsafe headers.withUnsafeBufferPointer { headers in
                    unsafe withUnsafePointer(to: &chunk) { chunk in
                        unsafe words.headers = sluice_headers(
                            items: headers.baseAddress,
                            count: headers.count
                        )
                        unsafe words.body = chunk
                        unsafe words.nbody = 1
                        return unsafe respond(id, &words, report)
                    }
                }
            }
        }
    }

    /// Sends the head of an answer whose body follows.
    public func begin(status code: Int, headers: [Header] = []) throws(PluginError) {
        guard let begin = unsafe http.table.pointee.begin else { throw missing("begin") }
        try unsafe withErrorReport { report in
            unsafe withHeaders(headers) { list in unsafe begin(id, Int32(code), list, report) }
        }
    }

    /// Sends a piece of the body; false: taken, but wait for `writable` before more.
    public func write(_ bytes: [UInt8]) throws(PluginError) -> Bool {
        guard let write = unsafe http.table.pointee.write else { throw missing("write") }
        let status = withArena { arena in
            var chunk = unsafe sluice_chunk(bytes: arena.span(bytes), owner: nil)
            return unsafe write(id, &chunk, 1, 0)
        }
        if status == SLUICE_E_AGAIN { return false }
        if status < 0 { throw refused(status, "writing a body") }
        return true
    }

    /// Ends the body.
    public func finish(trailers: [Header] = []) throws(PluginError) {
        guard let finish = unsafe http.table.pointee.finish else { throw missing("finish") }
        let status = unsafe withHeaders(trailers) { list in unsafe finish(id, list) }
        if status < 0 { throw refused(status, "finishing a body") }
    }

    /// Breaks the exchange off; `reason` is a short word for the access log.
    public func abort(_ reason: String) throws(PluginError) {
        guard let abort = unsafe http.table.pointee.abort else { throw missing("abort") }
        let status = withArena { arena in unsafe abort(id, arena.span(reason)) }
        if status < 0 { throw refused(status, "aborting an exchange") }
    }
}

/// One header line.
public struct Header: Sendable, Equatable {
    /// Lower case when it comes from the host.
    public var name: String
    /// The value; octets that are not UTF-8 are shown as U+FFFD.
    public var value: String
    /// Keep it out of logs.
    public var isSensitive: Bool

    /// Makes a header line.
    public init(_ name: String, _ value: String, isSensitive: Bool = false) {
        self.name = name
        self.value = value
        self.isSensitive = isSensitive
    }

    init(_ words: sluice_header) {
        unsafe name = String(words.name)
        unsafe value = String(words.value)
        unsafe isSensitive = words.flags & SLUICE_HEADER_SENSITIVE != 0
    }

    func words(_ arena: inout Arena) -> sluice_header {
        unsafe sluice_header(
            name: arena.span(name),
            value: arena.span(value),
            flags: isSensitive ? SLUICE_HEADER_SENSITIVE : 0,
            reserved: 0
        )
    }
}

/// A whole answer.
public struct Response: Sendable {
    /// HTTP status, 200 to 599.
    public var status: Int
    /// Header lines; the host sets the framing ones.
    public var headers: [Header]
    /// The body.
    public var body: [UInt8]
    /// A short word for the access log.
    public var reason: String

    /// Makes an answer.
    public init(
        status: Int,
        headers: [Header] = [],
        body: [UInt8] = [],
        reason: String = ""
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.reason = reason
    }
}

private func withHeaders(
    _ headers: [Header],
    _ body: (sluice_headers) -> sluice_status
) -> sluice_status {
    withArena { arena in
        let words = unsafe headers.map { header in unsafe header.words(&arena) }
        return unsafe words.withUnsafeBufferPointer { list in
            unsafe body(sluice_headers(items: list.baseAddress, count: list.count))
        }
    }
}
