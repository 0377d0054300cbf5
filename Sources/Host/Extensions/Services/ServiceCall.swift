internal import Glibc
internal import SluiceABI
package import SluiceBase

/// One call of a service: a block from the worker's store that travels to the lane and back.
///
/// The worker writes it until `Services.call`; then the lane owns all but what `cancel` and `done`
/// send: their nodes, `why`, `facts` and the worker's marks. The messages arrive in the order in
/// which the worker sent them, and `done`, the last, returns the block.
///
/// A call with a streamed body is sent without it. Then the body follows in pieces, one at a time:
/// the memory is the worker's again from the `taken` that follows the call and each piece.
@safe
package struct ServiceCall: @unchecked Sendable, BitwiseCopyable {
    /// Header lines of one request; the host's own limit is lower.
    package static let headersMax = 128
    static let bytesFirst = 4 << 10
    /// Memory an unused call keeps; a larger one is given back.
    static let bytesKept = 64 << 10

    /// How far the plugin has come with it.
    enum Stage: UInt32 {
        case new
        /// `request` took it: `done` is owed.
        case owed
        /// Declined, failed or never delivered.
        case refused
    }

    @safe
    struct Block: BitwiseCopyable {
        var request: InboxNode
        var cancel: InboxNode
        var done: InboxNode
        var body: InboxNode
        var writable: InboxNode
        /// 1 while `writable` is on its way.
        var isWritableSent: UInt64
        var slot: UnsafeMutablePointer<ServiceSlot>
        var mount: UnsafeMutablePointer<Mount>
        var id: UInt64
        var context: UnsafeMutableRawPointer?
        var stage: UInt32
        var why: Int32
        var isInline: Bool
        /// The body comes in pieces; `isLastPiece`: the one that is there is the last.
        var isStreamed: Bool
        var isLastPiece: Bool
        /// Both are the worker's: `cancel` and `done` were sent.
        var isCancelled: Bool
        var isDone: Bool
        var head: sluice_request
        var facts: sluice_exchange
        var headers: UnsafeMutablePointer<sluice_header>
        var headerCount: Int
        var bodyLength: Int
        var storage: UnsafeMutablePointer<UInt8>
        var used: Int
        var capacity: Int
        /// An answer that the plugin may fill while `request` runs.
        var spare: UnsafeMutablePointer<Answer.Block>?
        /// The answer of an inline service.
        var answered: UnsafeMutablePointer<Answer.Block>?
        var next: UInt64
    }

    let block: UnsafeMutablePointer<Block>

    init(_ block: UnsafeMutablePointer<Block>) {
        unsafe self.block = block
    }

    /// Whether it is one of the service in `slot`.
    package func isOf(_ slot: UInt16) -> Bool {
        unsafe block.pointee.slot == Services.process.slot(slot)
    }

    /// The exchange it serves.
    package var id: UInt64 { unsafe block.pointee.id }

    /// [worker] Adds a header line, whose bytes `Services.describe` will read.
    ///
    /// False: there are too many.
    package func add(name: Bytes, value: Bytes) -> Bool {
        let count = unsafe block.pointee.headerCount
        guard count < Self.headersMax else { return false }
        unsafe block.pointee.headers[count] = sluice_header(
            name: name.span,
            value: value.span,
            flags: 0,
            reserved: 0
        )
        unsafe block.pointee.headerCount = count + 1
        return true
    }

    static func make() -> ServiceCall {
        let block = UnsafeMutablePointer<Block>.allocate(capacity: 1)
        unsafe memset(block, 0, MemoryLayout<Block>.size)
        unsafe block.pointee.headers = .allocate(capacity: headersMax)
        unsafe block.pointee.storage = CallMemory.take(bytesFirst)
        unsafe block.pointee.capacity = bytesFirst
        return unsafe ServiceCall(block)
    }

    /// The call that the node at `offset` belongs to.
    static func of(_ message: InboxMessage, offset: Int) -> ServiceCall {
        unsafe ServiceCall(
            (UnsafeMutableRawPointer(message.node) - offset).assumingMemoryBound(to: Block.self)
        )
    }

    /// Whether `writable` is on its way to the plugin.
    var writableSent: Cell {
        let offset = MemoryLayout<Block>.offset(of: \.isWritableSent) ?? 0
        return unsafe Cell(
            (UnsafeMutableRawPointer(block) + offset).assumingMemoryBound(to: UInt64.self)
        )
    }

    func node(_ kind: LaneMessage) -> InboxMessage {
        let node = unsafe (UnsafeMutableRawPointer(block) + kind.offset)
            .assumingMemoryBound(to: InboxNode.self)
        unsafe node.pointee = InboxNode(kind: kind.rawValue)
        return unsafe InboxMessage(node)
    }
}

extension ServiceCall {
    /// Copies what the lane will read, so that the worker's buffers are free.
    func fill(_ request: ServiceRequest, prefixLength: Int, expecting expected: Int) {
        unsafe block.pointee.used = 0
        // A client may promise a large body: the memory grows as it comes.
        reserve(bytes(of: request) + min(expected, Self.bytesKept))
        var head = unsafe sluice_request()
        unsafe head.size = unsafe UInt32(MemoryLayout<sluice_request>.size)
        unsafe head.method = request.method
        unsafe head.method_name = copy(request.methodName)
        unsafe head.scheme = copy(request.scheme)
        unsafe head.authority = copy(request.authority)
        unsafe head.path = copy(request.path)
        unsafe head.suffix = sluice_span(
            data: head.path.data + prefixLength,
            len: head.path.len - prefixLength
        )
        if let query = request.query { unsafe head.query = copy(query) }
        unsafe head.peer = copy(request.peer)
        unsafe head.route = copy(request.route)
        unsafe head.content_length = request.contentLength
        unsafe head.http_version = request.httpVersion
        unsafe head.flags = request.awaitsContinue ? UInt32(SLUICE_REQ_EXPECT) : 0
        unsafe head.arrived_ns = request.arrivedNanoseconds
        unsafe head.deadline_ns = request.deadlineNanoseconds
        copyHeaders()
        unsafe head.headers = sluice_headers(
            items: block.pointee.headers,
            count: block.pointee.headerCount
        )
        unsafe block.pointee.head = head
        unsafe block.pointee.bodyLength = 0
    }

    /// The body, which was copied last.
    var body: Bytes {
        let length = unsafe block.pointee.bodyLength
        return unsafe Bytes(
            start: block.pointee.storage + (block.pointee.used - length),
            count: length
        )
    }

    private func bytes(of request: ServiceRequest) -> Int {
        var total = request.methodName.count + request.scheme.count + request.authority.count
        total += request.path.count + (request.query?.count ?? 0) + request.peer.count
        total += request.route.count
        for index in 0..<(unsafe block.pointee.headerCount) {
            let header = unsafe block.pointee.headers[index]
            unsafe total += header.name.len + header.value.len
        }
        return total
    }

    private func reserve(_ bytes: Int) {
        guard unsafe bytes > block.pointee.capacity else { return }
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.pointee.storage = CallMemory.take(bytes)
        unsafe block.pointee.capacity = bytes
    }

    /// Brings an unused block back to a modest size.
    func shrink() {
        guard unsafe block.pointee.capacity > Self.bytesKept else { return }
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.pointee.storage = CallMemory.take(Self.bytesFirst)
        unsafe block.pointee.capacity = Self.bytesFirst
    }

    private func copy(_ bytes: Bytes) -> sluice_span {
        let place = unsafe block.pointee.storage + block.pointee.used
        unsafe memcpy(place, bytes.start, bytes.count)
        unsafe block.pointee.used += bytes.count
        return unsafe sluice_span(data: place, len: bytes.count)
    }

    /// Names arrive in any case and leave in lower case, as the header promises.
    private func copyHeaders() {
        for index in 0..<(unsafe block.pointee.headerCount) {
            let header = unsafe block.pointee.headers + index
            let name = unsafe copy(header.pointee.name.bytes)
            let letters = unsafe block.pointee.storage + (block.pointee.used - name.len)
            for place in 0..<(unsafe name.len) {
                let letter = unsafe letters[place]
                if letter &- 0x41 < 26 { unsafe letters[place] = letter | 0x20 }
            }
            unsafe header.pointee.name = name
            unsafe header.pointee.value = copy(header.pointee.value.bytes)
        }
    }
}

/// The body of a call, collected piece by piece behind its head.
extension ServiceCall {
    /// Bytes of body so far.
    package var bodyCount: Int { unsafe block.pointee.bodyLength }

    /// [worker] Adds a piece of the body, which is copied.
    package func append(body piece: Bytes) {
        let needed = unsafe block.pointee.used + piece.count
        if unsafe needed > block.pointee.capacity { grow(to: needed) }
        unsafe memcpy(block.pointee.storage + block.pointee.used, piece.start, piece.count)
        unsafe block.pointee.used += piece.count
        unsafe block.pointee.bodyLength += piece.count
    }

    /// [worker] Makes room for the next piece of a streamed body; the one before is taken.
    package func dropBody() {
        unsafe block.pointee.used -= block.pointee.bodyLength
        unsafe block.pointee.bodyLength = 0
    }

    /// Nothing of the body follows: the head says whether there is one.
    func sealBody() {
        guard unsafe !block.pointee.isStreamed else { return }
        unsafe block.pointee.head.flags = bodyCount == 0 ? UInt32(SLUICE_REQ_END) : 0
        if unsafe block.pointee.head.content_length < 0 {
            unsafe block.pointee.head.content_length = Int64(bodyCount)
        }
    }

    /// Moves everything to a larger piece of memory, with the spans that point into it.
    private func grow(to needed: Int) {
        let before = unsafe block.pointee.storage
        let held = unsafe block.pointee.capacity
        let capacity = max(needed, held * 2)
        let after = unsafe CallMemory.take(capacity)
        unsafe memcpy(after, before, block.pointee.used)
        unsafe block.pointee.storage = after
        unsafe block.pointee.capacity = capacity
        unsafe rebase(&block.pointee.head, by: after - before)
        for index in 0..<(unsafe block.pointee.headerCount) {
            let header = unsafe block.pointee.headers + index
            unsafe move(&header.pointee.name, by: after - before)
            unsafe move(&header.pointee.value, by: after - before)
        }
        unsafe CallMemory.give(before, held)
    }

    private func rebase(_ head: inout sluice_request, by distance: Int) {
        unsafe move(&head.method_name, by: distance)
        unsafe move(&head.scheme, by: distance)
        unsafe move(&head.authority, by: distance)
        unsafe move(&head.path, by: distance)
        unsafe move(&head.suffix, by: distance)
        unsafe move(&head.query, by: distance)
        unsafe move(&head.peer, by: distance)
        unsafe move(&head.route, by: distance)
    }

    private func move(_ span: inout sluice_span, by distance: Int) {
        if let data = unsafe span.data { unsafe span.data = data + distance }
    }
}
