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
/// its memory is the worker's again from the `taken` that follows the call and each piece. The
/// memory of the head stays where it is until `done`: the plugin reads it all the while.
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
        /// A message about it went to the worker's inbox while `request` ran: what comes after it
        /// goes the same way.
        var hasPosted: Bool
        /// The plugin was given a piece of a streamed body.
        var hasPiece: Bool
        var head: sluice_request
        var facts: sluice_exchange
        var headers: UnsafeMutablePointer<sluice_header>
        var headerCount: Int
        /// Of the trailer section, behind the headers.
        var trailerCount: Int
        var storage: UnsafeMutablePointer<UInt8>
        var used: Int
        var capacity: Int
        /// The body, or the piece of it that is there, and the text of its trailer section.
        var bodyStorage: UnsafeMutablePointer<UInt8>
        var bodyLength: Int
        var bodyCapacity: Int
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
        unsafe block.pointee.bodyStorage = CallMemory.take(bytesFirst)
        unsafe block.pointee.bodyCapacity = bytesFirst
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
    func fill(_ request: ServiceRequest, prefixLength: Int) {
        unsafe block.pointee.used = 0
        reserve(bytes(of: request))
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
        unsafe head.sni = copyPresent(request.serverName)
        unsafe head.client_cert = copyPresent(request.identity)
        unsafe head.request_id = copyPresent(request.requestID)
        unsafe head.trace_parent = copyPresent(request.traceParent)
        unsafe head.content_length = request.contentLength
        unsafe head.http_version = request.httpVersion
        unsafe head.flags = request.flags.rawValue
        unsafe head.arrived_ns = request.arrivedNanoseconds
        unsafe head.deadline_ns = request.deadlineNanoseconds
        copyHeaders()
        unsafe head.headers = sluice_headers(
            items: block.pointee.headers,
            count: block.pointee.headerCount
        )
        unsafe block.pointee.head = head
        unsafe block.pointee.bodyLength = 0
        unsafe block.pointee.trailerCount = 0
    }

    private func bytes(of request: ServiceRequest) -> Int {
        var total = request.methodName.count + request.scheme.count + request.authority.count
        total += request.path.count + (request.query?.count ?? 0) + request.peer.count
        total += request.route.count + request.serverName.count + request.identity.count
        total += request.requestID.count + request.traceParent.count
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
        if unsafe block.pointee.capacity > Self.bytesKept {
            unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
            unsafe block.pointee.storage = CallMemory.take(Self.bytesFirst)
            unsafe block.pointee.capacity = Self.bytesFirst
        }
        if unsafe block.pointee.bodyCapacity > Self.bytesKept {
            unsafe CallMemory.give(block.pointee.bodyStorage, block.pointee.bodyCapacity)
            unsafe block.pointee.bodyStorage = CallMemory.take(Self.bytesFirst)
            unsafe block.pointee.bodyCapacity = Self.bytesFirst
        }
    }

    private func copy(_ bytes: Bytes) -> sluice_span {
        let place = unsafe block.pointee.storage + block.pointee.used
        unsafe memcpy(place, bytes.start, bytes.count)
        unsafe block.pointee.used += bytes.count
        return unsafe sluice_span(data: place, len: bytes.count)
    }

    /// What is empty is absent.
    private func copyPresent(_ bytes: Bytes) -> sluice_span {
        bytes.isEmpty ? unsafe sluice_span() : unsafe copy(bytes)
    }

    /// Names arrive in any case and leave in lower case, as the header promises.
    private func copyHeaders() {
        for index in 0..<(unsafe block.pointee.headerCount) {
            let header = unsafe block.pointee.headers + index
            let name = unsafe copy(header.pointee.name.bytes)
            let letters = unsafe block.pointee.storage + (block.pointee.used - name.len)
            unsafe Self.lower(letters, name.len)
            unsafe header.pointee.name = name
            unsafe header.pointee.value = copy(header.pointee.value.bytes)
        }
    }

    private static func lower(_ letters: UnsafeMutablePointer<UInt8>, _ count: Int) {
        for place in 0..<count {
            let letter = unsafe letters[place]
            if letter &- 0x41 < 26 { unsafe letters[place] = letter | 0x20 }
        }
    }
}

/// The body of a call, whole or piece by piece, and its trailer section.
extension ServiceCall {
    /// Bytes of body so far.
    package var bodyCount: Int { unsafe block.pointee.bodyLength }

    /// The body, or the piece of it that is there.
    var body: Bytes {
        unsafe Bytes(start: block.pointee.bodyStorage, count: block.pointee.bodyLength)
    }

    /// The fields of the trailer section that came.
    var trailers: sluice_headers {
        unsafe sluice_headers(
            items: block.pointee.headers + block.pointee.headerCount,
            count: block.pointee.trailerCount
        )
    }

    /// [worker] The body that was collected, and its trailer section as lines, to be sent on.
    package func takeBack(trailers output: inout ByteWriter) -> Bytes {
        for index in 0..<(unsafe block.pointee.trailerCount) {
            let field = unsafe block.pointee.headers[block.pointee.headerCount + index]
            output.append(unsafe field.name.bytes)
            output.append(": ")
            output.append(unsafe field.value.bytes)
            output.append("\r\n")
        }
        if output.count > 0 { output.append("\r\n") }
        return body
    }

    /// [worker] Adds a piece of the body, which is copied.
    package func append(body piece: Bytes) {
        makeRoom(piece.count)
        unsafe memcpy(
            block.pointee.bodyStorage + block.pointee.bodyLength,
            piece.start,
            piece.count
        )
        unsafe block.pointee.bodyLength += piece.count
    }

    /// [worker] Makes room for the next piece of a streamed body; the one before is taken.
    package func dropBody() { unsafe block.pointee.bodyLength = 0 }

    /// [worker] Adds the trailer section behind the last piece: lines of "name: value\r\n" and an
    /// empty one.
    ///
    /// Of more fields than a request may have the last are dropped.
    package func append(trailers section: Bytes) {
        makeRoom(section.count)
        let start = unsafe block.pointee.bodyStorage + block.pointee.bodyLength
        unsafe memcpy(start, section.start, section.count)
        let text = unsafe Bytes(start: start, count: section.count)
        var offset = 0
        while offset < text.count {
            let line = text.from(offset)
            let end = line.index(of: 0x0d)
            let colon = line.index(of: 0x3a)
            guard end > 0, colon > 0, colon < end else { return }
            unsafe add(trailer: offset, colon, end, start)
            offset += end + 2
        }
    }

    private func add(
        trailer offset: Int,
        _ colon: Int,
        _ end: Int,
        _ text: UnsafeMutablePointer<UInt8>
    ) {
        let place = unsafe block.pointee.headerCount + block.pointee.trailerCount
        guard place < Self.headersMax else { return }
        let line = unsafe text + offset
        unsafe Self.lower(line, colon)
        var (first, last) = (colon + 1, end)
        while first < last, unsafe Self.isSpace(line[first]) { first += 1 }
        while last > first, unsafe Self.isSpace(line[last - 1]) { last -= 1 }
        unsafe block.pointee.headers[place] = sluice_header(
            name: sluice_span(data: line, len: colon),
            value: sluice_span(data: line + first, len: last - first),
            flags: 0,
            reserved: 0
        )
        unsafe block.pointee.trailerCount += 1
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Nothing of the body follows: the head says whether there is one.
    func sealBody() {
        guard unsafe !block.pointee.isStreamed else { return }
        let end = UInt32(SLUICE_REQ_END)
        if bodyCount == 0 { unsafe block.pointee.head.flags |= end }
        unsafe block.pointee.head.flags &= ~UInt32(SLUICE_REQ_EXPECT)
        if unsafe block.pointee.head.content_length < 0 {
            unsafe block.pointee.head.content_length = Int64(bodyCount)
        }
        unsafe block.pointee.head.trailers = trailers
    }

    private func makeRoom(_ more: Int) {
        let needed = unsafe block.pointee.bodyLength + more
        guard unsafe needed > block.pointee.bodyCapacity else { return }
        let before = unsafe block.pointee.bodyStorage
        let held = unsafe block.pointee.bodyCapacity
        let capacity = max(needed, held * 2)
        unsafe block.pointee.bodyStorage = CallMemory.take(capacity)
        unsafe block.pointee.bodyCapacity = capacity
        unsafe memcpy(block.pointee.bodyStorage, before, block.pointee.bodyLength)
        unsafe CallMemory.give(before, held)
    }
}
