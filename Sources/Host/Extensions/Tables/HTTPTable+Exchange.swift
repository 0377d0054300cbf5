internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import SluiceHTTP
internal import SluiceRouting

// What a service does with an exchange beside answering it: its functions act on the worker that
// owns the exchange, by a message to its inbox.
extension HTTPTable {
    static let header: @convention(c) (sluice_rid, UInt32, sluice_span, UInt32) -> sluice_span = {
        id,
        side,
        name,
        nth in
        guard !RequestID.isFilter(id) else { return unsafe FilterTable.header(id, side, name, nth) }
        guard side & ~UInt32(SLUICE_TRAILERS) == UInt32(SLUICE_REQUEST),
            let call = Services.process.call(id)
        else { return unsafe sluice_span() }
        let isTrailer = side & UInt32(SLUICE_TRAILERS) != 0
        let fields = unsafe isTrailer ? call.trailers : call.block.pointee.head.headers
        var left = nth
        for index in 0..<(unsafe fields.count) {
            guard let field = unsafe fields.items?[index],
                unsafe field.name.bytes.equalsIgnoringCase(name.bytes)
            else { continue }
            if left == 0 { return unsafe field.value }
            left -= 1
        }
        return unsafe sluice_span()
    }

    static let inform:
        @convention(c) (
            sluice_rid, Int32, sluice_headers, UnsafeMutablePointer<sluice_error>?
        ) -> sluice_status = { id, status, headers, failure in
            unsafe send(.interim, id, status, headers, statuses: 102...199, failure)
        }

    /// Bytes that a message to the worker counts for, among those that wait for the client.
    private static let messageBytes = 64

    static let deadline: @convention(c) (sluice_rid, UInt64) -> sluice_status = { id, deadline in
        let exchanges = Services.process.exchanges
        guard exchanges.isCurrent(id) else { return SLUICE_E_GONE }
        switch exchanges.spend(messageBytes, id) {
        case .gone: return SLUICE_E_GONE
        case .refused: return SLUICE_E_LIMIT
        case .taken, .full: break
        }
        let answer = Answer.make(bytes: 0)
        answer.begin(id, .deadline)
        unsafe answer.block.pointee.deadline = deadline
        unsafe answer.block.pointee.charged = messageBytes
        post(answer)
        return SLUICE_OK
    }

    /// The answer to an upgrade: raw bytes follow.
    static func switchProtocols(
        _ id: sluice_rid,
        _ headers: sluice_headers,
        _ failure: UnsafeMutablePointer<sluice_error>?
    ) -> sluice_status {
        guard let call = Services.process.call(id) else { return SLUICE_E_GONE }
        let isAsked = unsafe call.block.pointee.head.flags & UInt32(SLUICE_REQ_UPGRADE) != 0
        guard isAsked, unsafe call.block.pointee.mount.pointee.body == .stream else {
            let text =
                isAsked
                ? "the mount does not stream: an upgrade requires SLUICE_BODY_STREAM"
                : "the client has not asked for an upgrade"
            return unsafe PluginError.fill(failure, SLUICE_E_STATE, text)
        }
        let hasUpgrade = (unsafe 0..<headers.count).contains { index in
            unsafe headers.items?[index].name.bytes.equalsIgnoringCase("upgrade") ?? false
        }
        guard hasUpgrade else {
            return unsafe PluginError.fill(
                failure,
                SLUICE_E_INVALID,
                "a 101 has the header \"upgrade\", which names the protocol (RFC 9110 7.8)"
            )
        }
        return unsafe send(.switching, id, 101, headers, statuses: 101...101, failure)
    }

    /// Sends a head that no body follows.
    private static func send(
        _ kind: Answer.Kind,
        _ id: sluice_rid,
        _ status: Int32,
        _ headers: sluice_headers,
        statuses: ClosedRange<Int32>,
        _ failure: UnsafeMutablePointer<sluice_error>?
    ) -> sluice_status {
        var response = unsafe sluice_response()
        unsafe response.status = status
        unsafe response.headers = headers
        let size: Int
        do throws(AnswerRefusal) {
            size = try unsafe ResponseBytes.size(response, statuses: statuses)
        } catch {
            return unsafe PluginError.fill(failure, error.status, error.text)
        }
        let exchanges = Services.process.exchanges
        if kind == .switching {
            if let refusal = refusal(exchanges.begin(id)) { return refusal }
        } else {
            if let refusal = refusal(exchanges.isOpen(id)) { return refusal }
            switch exchanges.spend(size + messageBytes, id) {
            case .gone: return SLUICE_E_GONE
            case .refused: return SLUICE_E_LIMIT
            case .taken, .full: break
            }
        }
        let answer = Answer.make(bytes: size)
        answer.begin(id, kind, status: status)
        if kind != .switching { unsafe answer.block.pointee.charged = size + messageBytes }
        unsafe ResponseBytes.write(response, into: answer)
        post(answer)
        return SLUICE_OK
    }

    /// Sends a message to the worker, in front of an answer that the same call gives at once.
    private static func post(_ answer: Answer) {
        if let call = current(answer.id) { unsafe call.block.pointee.hasPosted = true }
        Services.process.post(answer)
    }

    static let forward:
        @convention(c) (
            sluice_rid, UnsafePointer<sluice_forward>?, UnsafeMutablePointer<sluice_error>?
        ) -> sluice_status = { id, pointer, failure in
            guard let wanted = unsafe pointer?.sized(empty: sluice_forward()) else {
                return unsafe PluginError.fill(failure, SLUICE_E_INVALID, "expected where to")
            }
            guard let call = Services.process.call(id) else { return SLUICE_E_GONE }
            guard unsafe !call.block.pointee.hasPiece else {
                return unsafe PluginError.fill(
                    failure,
                    SLUICE_E_STATE,
                    "a piece of the request's body was taken already"
                )
            }
            let edits = FilterLog.make()
            do throws(AnswerRefusal) {
                try unsafe Forwarding.write(wanted, to: edits)
            } catch {
                edits.free()
                return unsafe PluginError.fill(failure, error.status, error.text)
            }
            if let refusal = refusal(Services.process.exchanges.claim(id)) {
                edits.free()
                return refusal
            }
            let answer = unsafe Answer.make(bytes: wanted.pool.len)
            answer.begin(id, .forward)
            unsafe memcpy(answer.block.pointee.storage, wanted.pool.data, wanted.pool.len)
            unsafe answer.block.pointee.bodyLength = wanted.pool.len
            let source = unsafe wanted.source.bytes
            unsafe answer.block.pointee.source = source.isEmpty ? 0 : RoutingView.source(source)
            let own = Entered.name(unsafe call.block.pointee.slot.pointee.instance)
            unsafe answer.block.pointee.fallback = own.withBytes { RoutingView.source($0) }
            unsafe answer.block.pointee.edits = edits
            post(answer)
            return SLUICE_OK
        }
}

/// What a service changes of a request that it passes on, checked.
private enum Forwarding {
    private static let fieldsMax = 128

    static func write(_ forward: sluice_forward, to edits: FilterLog) throws(AnswerRefusal) {
        guard unsafe forward.pool.isWhole, unsafe forward.pool.len > 0 else {
            throw AnswerRefusal("expected the name of a pool")
        }
        try unsafe path(forward.path.bytes, isPresent: forward.path.isPresent, edits)
        guard unsafe forward.set.count + forward.nremove <= fieldsMax else {
            throw AnswerRefusal("more than \(fieldsMax) fields are changed", SLUICE_E_LIMIT)
        }
        for index in 0..<(unsafe forward.set.count) {
            guard let field = unsafe forward.set.items?[index] else {
                throw AnswerRefusal("set[\(index)] is not there")
            }
            let name = unsafe field.name.bytes
            try check(name, "set[\(index)]")
            guard HeaderRule.isValue(unsafe field.value.bytes) else {
                throw AnswerRefusal("set[\(index)]: \(name.text) has CR, LF or NUL in its value")
            }
            edits.add(.set, .request, name: name, value: unsafe field.value.bytes)
        }
        for index in 0..<(unsafe forward.nremove) {
            guard let name = unsafe forward.remove?[index].bytes else {
                throw AnswerRefusal("remove[\(index)] is not there")
            }
            try check(name, "remove[\(index)]")
            edits.add(.remove, .request, name: name)
        }
    }

    private static func path(
        _ path: Bytes,
        isPresent: Bool,
        _ edits: FilterLog
    ) throws(AnswerRefusal) {
        guard isPresent else { return }
        let mark = path.index(of: UInt8(ascii: "?"))
        let isPath = path.count > 0 && path[0] == UInt8(ascii: "/")
        guard isPath, (0..<path.count).allSatisfy({ path[$0] > 0x20 && path[$0] != 0x7f }) else {
            throw AnswerRefusal(
                "\"\(path.text)\" is no path, expected \"/...\" with %20 for a space"
            )
        }
        edits.add(
            .path,
            .request,
            name: mark < 0 ? path : path.prefix(mark),
            value: mark < 0 ? .empty : path.from(mark + 1),
            hasValue: mark >= 0
        )
    }

    private static func check(_ name: Bytes, _ place: String) throws(AnswerRefusal) {
        guard HeaderRule.isName(name) else {
            throw AnswerRefusal("\(place): \"\(name.text)\" is no field name")
        }
        guard !HeaderRule.isFraming(name) else {
            throw AnswerRefusal("\(place): \(name.text) frames the message, which is the host's")
        }
    }
}
