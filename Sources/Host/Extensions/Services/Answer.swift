internal import Glibc
internal import SluiceABI
package import SluiceBase

/// What a plugin, or its lane, sends to the worker that owns an exchange.
///
/// A message of the worker's inbox. The worker that owns the exchange takes it over: it drops an
/// answer whose exchange is not current (`Exchanges.isCurrent`), sends from `headers` and `body`
/// where they are, and calls `recycle()` exactly once, on its own thread, when it needs the bytes
/// no longer. That may be long after the exchange, and after `Services.done`.
///
/// A streamed answer is several: a head, and pieces of a body. The bytes of a piece may be the
/// plugin's own (`sluice_buf`); the worker gives credit back as they leave.
@safe
package struct Answer: @unchecked Sendable, BitwiseCopyable {
    /// What kind of answer it is.
    package enum Kind: UInt32, Sendable {
        /// A whole response: status, head and body.
        case response
        /// The head of a response whose body follows in pieces.
        case head
        /// A piece of a body; `isLast` with the last one, which may be empty. Its `headers` are the
        /// trailer section.
        case piece
        /// An interim response: status and head.
        case interim
        /// The head of a 101: raw bytes follow in both directions.
        case switching
        /// The exchange is to end by `deadline`.
        case deadline
        /// The request goes to a pool: `target` and `edits`.
        case forward
        /// No answer yet: the plugin has taken what it was given of the request.
        case taken
        /// The plugin gave up after the exchange began; the connection is closed or reset.
        case abort
        /// Not the plugin's: 404.
        case declined
        /// The plugin failed: 500.
        case failed
        /// The instance is not serving any more: 503.
        case unavailable
    }

    /// `InboxMessage.kind` of every answer in a worker's inbox.
    package static let messageKind: UInt32 = 0x414e
    /// Bytes of head and body together; beyond it `respond` answers `SLUICE_E_LIMIT`.
    package static let bytesMax = 16 << 20
    /// Memory an unused answer keeps; a larger one is given back.
    static let bytesKept = 64 << 10
    private static let bytesFirst = 4 << 10

    @safe
    struct Block: BitwiseCopyable {
        var node: InboxNode
        var id: UInt64
        /// From `begin` to `recycle`.
        var isLent: Bool
        var kind: UInt32
        var status: Int32
        var headerLength: Int
        var bodyLength: Int
        var isLast: Bool
        /// Absolute, monotonic.
        var deadline: UInt64
        var charged: Int
        /// Of a `forward`: sources of the pool, the asked and the fallback, and what changes.
        var source: UInt64
        var fallback: UInt64
        var edits: FilterLog?
        /// Whose bytes the body is, when they are not in `storage`.
        var owner: OpaquePointer?
        var owned: sluice_span
        var storage: UnsafeMutablePointer<UInt8>
        var capacity: Int
        var next: UnsafeMutablePointer<Block>?
    }

    let block: UnsafeMutablePointer<Block>

    init(_ block: UnsafeMutablePointer<Block>) {
        unsafe self.block = block
    }

    /// The answer a message carries, if it is one.
    package init?(_ message: InboxMessage) {
        guard message.kind == Self.messageKind else { return nil }
        unsafe block = UnsafeMutableRawPointer(message.node).assumingMemoryBound(to: Block.self)
    }

    /// The exchange it is for.
    package var id: UInt64 { unsafe block.pointee.id }
    /// The slot that was given to `Exchanges.open`.
    package var slot: Int { RequestID.slot(id) }
    package var kind: Kind { unsafe Kind(rawValue: block.pointee.kind) ?? .failed }
    package var status: Int { unsafe Int(block.pointee.status) }
    /// What its sender was charged for it, as for bytes that wait for the client.
    package var chargedBytes: Int { unsafe block.pointee.charged }
    /// Memory that it holds until `recycle()`, in bytes.
    package var heldBytes: Int { unsafe block.pointee.capacity }
    /// Lines of "name: value\r\n" without framing headers; valid until `recycle()`.
    ///
    /// Of a piece: the trailer section.
    package var headers: Bytes {
        unsafe Bytes(start: block.pointee.storage, count: block.pointee.headerLength)
    }
    /// Of a `forward`: where the request goes.
    package var target: ForwardTarget {
        unsafe ForwardTarget(
            source: block.pointee.source,
            fallback: block.pointee.fallback,
            pool: body
        )
    }
    /// Of a `forward`: what changes of the request's head.
    package var edits: FilterLog? { unsafe block.pointee.edits }
    /// Of a `deadline`: absolute, monotonic, in nanoseconds.
    package var deadline: UInt64 { unsafe block.pointee.deadline }
    /// Of a piece: nothing follows it.
    package var isLast: Bool { unsafe block.pointee.isLast }
    /// The whole body, or a piece of it; valid until `recycle()`.
    package var body: Bytes {
        guard unsafe block.pointee.owner == nil else { return unsafe block.pointee.owned.bytes }
        return unsafe Bytes(
            start: block.pointee.storage + block.pointee.headerLength,
            count: block.pointee.bodyLength
        )
    }

    /// [worker] Gives the memory back, once: to the worker's own store, or to the system when it
    /// was part of a stream.
    package func recycle() {
        precondition(unsafe block.pointee.isLent, "an answer is recycled once")
        unsafe block.pointee.isLent = false
        switch kind {
        case .head, .piece, .taken, .interim, .switching, .deadline, .forward: discard()
        case .response, .abort, .declined, .failed, .unavailable:
            Services.process.store(worker: RequestID.worker(id)).put(self)
        }
    }

    var message: InboxMessage {
        unsafe InboxMessage(
            UnsafeMutableRawPointer(block).assumingMemoryBound(to: InboxNode.self)
        )
    }

    /// A new answer with room for `bytes`.
    static func make(bytes: Int = bytesFirst) -> Answer {
        let block = UnsafeMutablePointer<Block>.allocate(capacity: 1)
        unsafe block.initialize(
            to: Block(
                node: InboxNode(kind: messageKind),
                id: 0,
                isLent: false,
                kind: 0,
                status: 0,
                headerLength: 0,
                bodyLength: 0,
                isLast: false,
                deadline: 0,
                charged: 0,
                source: 0,
                fallback: 0,
                edits: nil,
                owner: nil,
                owned: sluice_span(),
                storage: CallMemory.take(bytes),
                capacity: bytes,
                next: nil
            )
        )
        return unsafe Answer(block)
    }

    func discard() {
        unsafe block.pointee.edits?.free()
        if let owner = unsafe block.pointee.owner { unsafe BytesTable.release(owner) }
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.deallocate()
    }

    /// Makes it an answer of `kind` to `id`, with room for `bytes`.
    func begin(_ id: UInt64, _ kind: Kind, status: Int32 = 0, bytes: Int = 0) {
        unsafe block.pointee.id = id
        unsafe block.pointee.isLent = true
        unsafe block.pointee.kind = kind.rawValue
        unsafe block.pointee.status = status
        unsafe block.pointee.headerLength = 0
        unsafe block.pointee.bodyLength = 0
        unsafe block.pointee.isLast = false
        unsafe block.pointee.charged = 0
        reserve(bytes)
    }

    /// Makes room for `bytes`; what was written is lost.
    func reserve(_ bytes: Int) {
        guard unsafe bytes > block.pointee.capacity else { return }
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.pointee.storage = CallMemory.take(bytes)
        unsafe block.pointee.capacity = bytes
    }

    /// Brings an unused answer back to a modest size.
    func shrink() {
        guard unsafe block.pointee.capacity > Self.bytesKept else { return }
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.pointee.storage = CallMemory.take(Self.bytesFirst)
        unsafe block.pointee.capacity = Self.bytesFirst
    }
}

/// The pool that a service passes a request on to.
package struct ForwardTarget: Sendable, BitwiseCopyable {
    /// What stands for the instance that has published it (`RoutingView.source`); 0: the one of the
    /// route that brought the request, else `fallback`.
    package let source: UInt64
    /// The service's own instance.
    package let fallback: UInt64
    /// Its name; valid as long as the answer.
    package let pool: Bytes
}
