internal import CFFI
internal import Glibc
internal import SluiceABI
internal import SluiceBase

/// `sluice.http/1`, DIRECT: answers to exchanges, by their number, from any thread.
///
/// Supported: `respond` and `abort`. Everything else returns `SLUICE_E_UNSUPPORTED`.
enum HTTPTable {
    nonisolated(unsafe) static let table = unsafe permanent(
        sluice_http_api(
            header: { _, _, _, _ in unsafe sluice_span() },
            respond: respond,
            inform: { _, _, _ in SLUICE_E_UNSUPPORTED },
            begin: { _, _, _ in SLUICE_E_UNSUPPORTED },
            write: { _, _, _, _ in SLUICE_E_UNSUPPORTED },
            finish: { _, _ in SLUICE_E_UNSUPPORTED },
            abort: abort,
            resume: { _, _ in SLUICE_E_UNSUPPORTED },
            deadline: { _, _ in SLUICE_E_UNSUPPORTED },
            forward: { _, _, _, _ in SLUICE_E_UNSUPPORTED },
            header_set: { _, _, _, _ in SLUICE_E_UNSUPPORTED },
            header_add: { _, _, _, _ in SLUICE_E_UNSUPPORTED },
            header_remove: { _, _, _ in SLUICE_E_UNSUPPORTED },
            path_set: { _, _, _ in SLUICE_E_UNSUPPORTED },
            status_set: { _, _ in SLUICE_E_UNSUPPORTED },
            body_set: { _, _, _, _ in SLUICE_E_UNSUPPORTED },
            held: { _, _, _, _ in SLUICE_E_UNSUPPORTED }
        )
    )

    private static let respond:
        @convention(c) (sluice_rid, UnsafePointer<sluice_response>?) -> sluice_status = {
            id,
            pointer in
            guard let pointer = unsafe pointer else { return SLUICE_E_INVALID }
            let response = unsafe pointer.sized(empty: sluice_response())
            // Everything is checked before the right to answer is taken: a bad answer may be
            // followed by a good one.
            guard let size = unsafe ResponseBytes.size(response) else { return SLUICE_E_INVALID }
            guard size <= Answer.bytesMax else { return SLUICE_E_LIMIT }
            switch Services.process.exchanges.claim(id) {
            case .gone: return SLUICE_E_GONE
            case .taken: return SLUICE_E_STATE
            case .granted: break
            }
            let call = current(id)
            let answer = call?.takeSpare() ?? Answer.make()
            answer.begin(id, .response, status: unsafe response.status, bytes: size)
            unsafe ResponseBytes.write(response, into: answer)
            if let call { call.deliver(answer) } else { Services.process.post(answer) }
            return SLUICE_OK
        }

    /// The call that runs on this thread, if it is the one of `id`.
    private static func current(_ id: sluice_rid) -> ServiceCall? {
        guard let running = unsafe call_current() else { return nil }
        let call = unsafe ServiceCall(running.assumingMemoryBound(to: ServiceCall.Block.self))
        return call.id == id ? call : nil
    }

    private static let abort: @convention(c) (sluice_rid, sluice_span) -> sluice_status = {
        id,
        _ in
        switch Services.process.exchanges.claim(id) {
        case .gone: return SLUICE_E_GONE
        case .taken: return SLUICE_E_STATE
        case .granted: break
        }
        let call = current(id)
        let answer = call?.takeSpare() ?? Answer.make()
        answer.begin(id, .abort)
        if let call { call.deliver(answer) } else { Services.process.post(answer) }
        return SLUICE_OK
    }
}

/// A plugin's response as bytes: checked, then written in one pass.
enum ResponseBytes {
    private static let headersMax = 256
    private static let statuses: ClosedRange<Int32> = 200...599

    /// Bytes of head and body; nil when the response must not be sent.
    static func size(_ response: sluice_response) -> Int? {
        guard unsafe statuses.contains(response.status) else { return nil }
        guard unsafe response.headers.count <= headersMax else { return nil }
        var total = 0
        for index in 0..<(unsafe response.headers.count) {
            guard let items = unsafe response.headers.items else { return nil }
            let name = unsafe items[index].name.bytes
            let value = unsafe items[index].value.bytes
            guard HeaderRule.isName(name), HeaderRule.isValue(value) else { return nil }
            total += name.count + value.count + 4
        }
        for index in 0..<(unsafe response.nbody) {
            guard let chunks = unsafe response.body else { return nil }
            unsafe total += chunks[index].bytes.len
            guard total <= Answer.bytesMax else { return total }
        }
        return total
    }

    /// Writes what `size` has measured into an answer with that much room.
    static func write(_ response: sluice_response, into answer: Answer) {
        let block = unsafe answer.block
        var writer = unsafe ByteWriter(
            start: block.pointee.storage,
            capacity: block.pointee.capacity
        )
        for index in 0..<(unsafe response.headers.count) {
            guard let items = unsafe response.headers.items else { break }
            let name = unsafe items[index].name.bytes
            guard !HeaderRule.isFraming(name) else { continue }
            writer.append(name)
            writer.append(": ")
            writer.append(unsafe items[index].value.bytes)
            writer.append("\r\n")
        }
        unsafe block.pointee.headerLength = writer.count
        for index in 0..<(unsafe response.nbody) {
            guard let chunks = unsafe response.body else { break }
            writer.append(unsafe chunks[index].bytes.bytes)
        }
        unsafe block.pointee.bodyLength = writer.count - block.pointee.headerLength
    }
}

/// What a header line from a plugin may be (RFC 9110 section 5).
enum HeaderRule {
    /// Framing belongs to the host (RFC 9112 section 6, RFC 9110 section 7.6.1).
    private static let framing: [StaticString] = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade",
        "proxy-connection", "trailer", "te",
    ]

    static func isFraming(_ name: Bytes) -> Bool {
        framing.contains { name.equalsIgnoringCase(Bytes($0)) }
    }

    /// Whether the bytes are a token.
    static func isName(_ name: Bytes) -> Bool {
        guard !name.isEmpty else { return false }
        for index in 0..<name.count where !isToken(name[index]) { return false }
        return true
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e, 0x5f, 0x60, 0x7c, 0x7e: true
        default: false
        }
    }

    /// Whether the bytes hold no CR, LF or NUL.
    static func isValue(_ value: Bytes) -> Bool {
        value.index(of: 0x0d) < 0 && value.index(of: 0x0a) < 0 && value.index(of: 0) < 0
    }
}
