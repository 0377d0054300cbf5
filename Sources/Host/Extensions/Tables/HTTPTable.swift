internal import CLinux
internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceHTTP

/// `sluice.http`, DIRECT: answers to exchanges, by their number, from any thread.
enum HTTPTable {
    private typealias Failure = UnsafeMutablePointer<sluice_error>?

    nonisolated(unsafe) static let table = unsafe permanent(
        sluice_http_api(
            header: header,
            respond: respond,
            inform: inform,
            begin: begin,
            write: write,
            finish: finish,
            abort: abort,
            resume: resume,
            deadline: deadline,
            forward: forward,
            header_set: FilterTable.headerSet,
            header_add: FilterTable.headerAdd,
            header_remove: FilterTable.headerRemove,
            path_set: FilterTable.pathSet,
            status_set: FilterTable.statusSet,
            body_set: FilterTable.bodySet,
            held: FilterTable.held
        )
    )

    private static let respond:
        @convention(c) (sluice_rid, UnsafePointer<sluice_response>?, Failure) -> sluice_status = {
            id,
            pointer,
            failure in
            guard let pointer = unsafe pointer else {
                return unsafe PluginError.fill(failure, SLUICE_E_INVALID, "expected a response")
            }
            let response = unsafe pointer.sized(empty: sluice_response())
            // Everything is checked before the right to answer is taken: a bad answer may be
            // followed by a good one.
            let size: Int
            do throws(AnswerRefusal) {
                size = try unsafe ResponseBytes.size(response, statuses: 200...599)
            } catch {
                return unsafe PluginError.fill(failure, error.status, error.text)
            }
            if let refusal = refusal(Services.process.exchanges.claim(id)) { return refusal }
            let call = current(id)
            let answer = call?.takeSpare() ?? Answer.make()
            answer.begin(id, .response, status: unsafe response.status, bytes: size)
            unsafe ResponseBytes.write(response, into: answer)
            if let call { call.deliver(answer) } else { Services.process.post(answer) }
            return SLUICE_OK
        }

    private static let begin:
        @convention(c) (sluice_rid, Int32, sluice_headers, Failure) -> sluice_status = {
            id,
            status,
            headers,
            failure in
            if status == 101 { return unsafe switchProtocols(id, headers, failure) }
            var response = unsafe sluice_response()
            unsafe response.status = status
            unsafe response.headers = headers
            let size: Int
            do throws(AnswerRefusal) {
                size = try unsafe ResponseBytes.size(response, statuses: 200...599)
            } catch {
                return unsafe PluginError.fill(failure, error.status, error.text)
            }
            if let refusal = refusal(Services.process.exchanges.begin(id)) { return refusal }
            let answer = Answer.make(bytes: size)
            answer.begin(id, .head, status: status)
            unsafe ResponseBytes.write(response, into: answer)
            Services.process.post(answer)
            return SLUICE_OK
        }

    private static let write:
        @convention(c) (sluice_rid, UnsafePointer<sluice_chunk>?, Int, UInt32) -> sluice_status = {
            id,
            chunks,
            count,
            flags in
            let exchanges = Services.process.exchanges
            if let refusal = refusal(exchanges.isBegun(id)) { return refusal }
            guard unsafe count == 0 || chunks != nil else { return SLUICE_E_INVALID }
            var total = 0
            for index in 0..<count {
                guard let span = unsafe chunks?[index].bytes, unsafe span.isWhole else {
                    return SLUICE_E_INVALID
                }
                guard unsafe span.len <= Answer.bytesMax - total else { return SLUICE_E_LIMIT }
                unsafe total += span.len
            }
            let room = exchanges.spend(total, id)
            switch room {
            case .gone: return SLUICE_E_GONE
            case .refused: return SLUICE_E_LIMIT
            case .taken, .full: break
            }
            let isLast = flags & UInt32(SLUICE_END) != 0
            if isLast, let refusal = refusal(exchanges.finish(id)) { return refusal }
            for index in 0..<count {
                guard let chunk = unsafe chunks?[index] else { continue }
                unsafe post(id, chunk, isLast: isLast && index == count - 1)
            }
            if isLast, count == 0 { unsafe post(id, sluice_chunk(), isLast: true) }
            return room == .full && !isLast ? SLUICE_E_AGAIN : SLUICE_OK
        }

    private static let finish: @convention(c) (sluice_rid, sluice_headers) -> sluice_status = {
        id,
        trailers in
        var response = unsafe sluice_response()
        unsafe response.headers = trailers
        guard let size = try? unsafe ResponseBytes.size(response, statuses: 0...0),
            unsafe ResponseBytes.areTrailers(trailers)
        else { return SLUICE_E_INVALID }
        if let refusal = refusal(Services.process.exchanges.finish(id)) { return refusal }
        let piece = Answer.make(bytes: size)
        piece.begin(id, .piece)
        if unsafe trailers.count > 0 { unsafe ResponseBytes.write(response, into: piece) }
        unsafe piece.block.pointee.isLast = true
        Services.process.post(piece)
        return SLUICE_OK
    }

    private static let resume: @convention(c) (sluice_rid, UInt32) -> sluice_status = { id, side in
        guard !RequestID.isFilter(id) else { return FilterTable.resume(id, side) }
        guard side == UInt32(SLUICE_REQUEST) else { return SLUICE_E_INVALID }
        let exchanges = Services.process.exchanges
        guard exchanges.isCurrent(id) else { return SLUICE_E_GONE }
        guard exchanges.resume(id) else { return SLUICE_OK }
        let taken = Answer.make(bytes: 0)
        taken.begin(id, .taken)
        Services.process.post(taken)
        return SLUICE_OK
    }

    /// Sends a piece: the bytes of an owner stay where they are.
    private static func post(_ id: sluice_rid, _ chunk: sluice_chunk, isLast: Bool) {
        let count = unsafe chunk.bytes.len
        let piece = Answer.make(bytes: unsafe chunk.owner == nil ? count : 0)
        if let owner = unsafe chunk.owner {
            piece.begin(id, .piece)
            unsafe BytesTable.retain(owner)
            unsafe piece.block.pointee.owner = owner
            unsafe piece.block.pointee.owned = chunk.bytes
        } else {
            piece.begin(id, .piece)
            if let data = unsafe chunk.bytes.data {
                unsafe memcpy(piece.block.pointee.storage, data, count)
            }
            unsafe piece.block.pointee.bodyLength = count
        }
        unsafe piece.block.pointee.isLast = isLast
        Services.process.post(piece)
    }

    /// What a plugin is answered that may not do what it asked for; nil: it may.
    static func refusal(_ claim: Exchanges.Claim) -> sluice_status? {
        switch claim {
        case .gone: SLUICE_E_GONE
        case .taken: SLUICE_E_STATE
        case .granted: nil
        }
    }

    /// The call that runs on this thread, if it is the one of `id`.
    static func current(_ id: sluice_rid) -> ServiceCall? {
        guard let running = unsafe clinux_call_get() else { return nil }
        let call = unsafe ServiceCall(running.assumingMemoryBound(to: ServiceCall.Block.self))
        return call.id == id ? call : nil
    }

    private static let abort: @convention(c) (sluice_rid, sluice_span) -> sluice_status = {
        id,
        reason in
        let exchanges = Services.process.exchanges
        if exchanges.isCurrent(id), let call = Services.process.call(id) {
            let instance = Entered.name(unsafe call.block.pointee.slot.pointee.instance)
            Log.info(unsafe "plugin \(instance) broke an exchange off: \(reason.text)")
        }
        if let refusal = refusal(exchanges.claim(id)) {
            guard exchanges.finish(id) == .granted else { return refusal }
            // Behind the pieces that are on their way.
            let answer = Answer.make(bytes: 0)
            answer.begin(id, .abort)
            Services.process.post(answer)
            return SLUICE_OK
        }
        let call = current(id)
        let answer = call?.takeSpare() ?? Answer.make()
        answer.begin(id, .abort)
        if let call { call.deliver(answer) } else { Services.process.post(answer) }
        return SLUICE_OK
    }
}

/// Why an answer of a plugin cannot be sent: a sentence about the first thing that is wrong.
struct AnswerRefusal: Error {
    let status: sluice_status
    let text: String

    init(_ text: String, _ status: sluice_status = SLUICE_E_INVALID) {
        self.status = status
        self.text = text
    }
}

/// A plugin's response as bytes: checked, then written in one pass.
enum ResponseBytes {
    private static let headersMax = 256

    /// Bytes of head and body; throws what must not be sent.
    static func size(
        _ response: sluice_response,
        statuses: ClosedRange<Int32>
    ) throws(AnswerRefusal) -> Int {
        guard unsafe statuses.contains(response.status) else {
            let range = "\(statuses.lowerBound) to \(statuses.upperBound)"
            throw AnswerRefusal(unsafe "the status is \(response.status), expected \(range)")
        }
        var total = try unsafe headerSize(response.headers)
        for index in 0..<(unsafe response.nbody) {
            guard let chunks = unsafe response.body, unsafe chunks[index].bytes.isWhole else {
                throw AnswerRefusal("body[\(index)] has no bytes")
            }
            let length = unsafe chunks[index].bytes.len
            guard length <= Answer.bytesMax - total else {
                throw AnswerRefusal(
                    "head and body have more than \(Answer.bytesMax) bytes; use begin and write",
                    SLUICE_E_LIMIT
                )
            }
            total += length
        }
        return total
    }

    /// Whether fields may follow a body: none that frames a message, and nothing that a recipient
    /// could merge into a head and act upon (RFC 9110 6.5.1).
    static func areTrailers(_ headers: sluice_headers) -> Bool {
        (unsafe 0..<headers.count).allSatisfy { index in
            guard let items = unsafe headers.items else { return false }
            let name = unsafe items[index].name.bytes
            return !HeaderRule.isFraming(name) && Trailers.passes(name)
        }
    }

    private static func headerSize(_ headers: sluice_headers) throws(AnswerRefusal) -> Int {
        guard unsafe headers.count <= headersMax else {
            throw AnswerRefusal(
                unsafe "there are \(headers.count) headers, expected at most \(headersMax)",
                SLUICE_E_LIMIT
            )
        }
        var total = 0
        for index in 0..<(unsafe headers.count) {
            guard let items = unsafe headers.items else {
                throw AnswerRefusal("headers[\(index)] is not there")
            }
            let name = unsafe items[index].name.bytes
            let value = unsafe items[index].value.bytes
            guard HeaderRule.isName(name) else {
                throw AnswerRefusal("headers[\(index)]: \"\(name.text)\" is no field name")
            }
            guard HeaderRule.isValue(value) else {
                throw AnswerRefusal(
                    "headers[\(index)]: \(name.text) has CR, LF or NUL in its value"
                )
            }
            total += name.count + value.count + 4
            guard total <= Answer.bytesMax else {
                throw AnswerRefusal(
                    "its headers have more than \(Answer.bytesMax) bytes",
                    SLUICE_E_LIMIT
                )
            }
        }
        return total
    }

    /// Writes what `size` has measured into an answer with that much room.
    ///
    /// Framing is the host's: its fields are left out, but for the `upgrade` of a 101.
    static func write(_ response: sluice_response, into answer: Answer) {
        let block = unsafe answer.block
        var writer = unsafe ByteWriter(
            start: block.pointee.storage,
            capacity: block.pointee.capacity
        )
        for index in 0..<(unsafe response.headers.count) {
            guard let items = unsafe response.headers.items else { break }
            let name = unsafe items[index].name.bytes
            let isUpgrade = unsafe response.status == 101 && name.equalsIgnoringCase("upgrade")
            guard isUpgrade || !HeaderRule.isFraming(name) else { continue }
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
