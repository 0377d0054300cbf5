internal import SluiceABI
internal import SluiceBase
internal import SluiceShared
internal import Synchronization

/// `sluice.reply/0`, DIRECT: an operation builds its answer.
enum ReplyTable {
    private typealias Handle = OpaquePointer?

    nonisolated(unsafe) static let table = unsafe permanent(
        sluice_reply_api(
            text: text,
            number: number,
            integer: integer,
            boolean: boolean,
            json: json,
            push: push,
            pop: pop,
            fail: fail
        )
    )

    private static func key(_ span: sluice_span) -> String? {
        unsafe span.isPresent ? span.text : nil
    }

    /// The reply behind a pointer, when what is added to it is not too long to be looked at.
    private static func reply(
        _ handle: Handle,
        _ spans: sluice_span...
    ) -> Reply? {
        guard let reply = unsafe ReplyStock.reply(handle) else { return nil }
        return unsafe spans.allSatisfy { unsafe reply.fits($0.isWhole ? $0.len : nil) }
            ? reply : nil
    }

    private static let text: @convention(c) (Handle, sluice_span, sluice_span) -> Void = {
        handle,
        name,
        value in
        guard let reply = unsafe reply(handle, name, value) else { return }
        unsafe reply.add(key(name), .string(value.text))
    }

    private static let number: @convention(c) (Handle, sluice_span, Double) -> Void = {
        handle,
        name,
        value in
        guard let reply = unsafe reply(handle, name) else { return }
        // JSON has neither infinity nor NaN.
        reply.add(unsafe key(name), value.isFinite ? .number("\(value)") : .null)
    }

    private static let integer: @convention(c) (Handle, sluice_span, Int64) -> Void = {
        handle,
        name,
        value in
        guard let reply = unsafe reply(handle, name) else { return }
        reply.add(unsafe key(name), .integer(value))
    }

    private static let boolean: @convention(c) (Handle, sluice_span, Int32) -> Void = {
        handle,
        name,
        value in
        guard let reply = unsafe reply(handle, name) else { return }
        reply.add(unsafe key(name), .bool(value != 0))
    }

    private static let json: @convention(c) (Handle, sluice_span, sluice_span) -> Void = {
        handle,
        name,
        value in
        guard let reply = unsafe reply(handle, name, value) else { return }
        unsafe reply.add(key(name), json: value.bytes)
    }

    private static let push: @convention(c) (Handle, sluice_span, Int32) -> Void = {
        handle,
        name,
        isArray in
        guard let reply = unsafe reply(handle, name) else { return }
        reply.push(unsafe key(name), isArray: isArray != 0)
    }

    private static let pop: @convention(c) (Handle) -> Void = { handle in
        unsafe reply(handle)?.pop()
    }

    private static let fail: @convention(c) (Handle, sluice_span) -> Void = { handle, message in
        guard let reply = unsafe reply(handle), unsafe message.isWhole else { return }
        unsafe reply.fail(message.bytes)
    }
}

/// The replies of this process; one that is not in use waits here for the next operation.
enum ReplyStock {
    private static let free = Mutex<[Reply]>([])

    /// A reply that is open for the calling thread.
    static func take(bytesMax: Int) -> Reply {
        let reply = free.withLock { $0.popLast() } ?? make()
        reply.open(bytesMax: bytesMax)
        return reply
    }

    /// One more, which is kept for good: a plugin may keep its address.
    private static func make() -> Reply {
        unsafe Unmanaged.passRetained(Reply()).takeUnretainedValue()
    }

    /// Closes a reply and takes it back.
    static func give(_ reply: Reply) -> Reply.Result {
        let result = reply.close()
        free.withLock { $0.append(reply) }
        return result
    }

    /// The pointer that a plugin gets.
    static func handle(_ reply: Reply) -> OpaquePointer {
        unsafe OpaquePointer(Unmanaged.passUnretained(reply).toOpaque())
    }

    /// The reply behind a pointer.
    static func reply(_ handle: OpaquePointer?) -> Reply? {
        guard let handle = unsafe handle else { return nil }
        return unsafe Unmanaged<Reply>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
    }
}
