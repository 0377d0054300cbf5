internal import Glibc
internal import SluiceABI
package import SluiceBase
package import SluiceHTTP

/// The fields of one head or trailer section, as a filter may read them.
package struct FilterHead: BitwiseCopyable, Sendable {
    package let text: Bytes
    package let fields: TableView<Field>

    package init(text: Bytes, fields: TableView<Field>) {
        self.text = text
        self.fields = fields
    }
}

/// What the functions of `sluice_http_api` work on while a filter's callback runs on a worker: the
/// heads as they are, what is held, and the changes that the filter requests.
///
/// One a worker. The worker fills it, makes the call, and then does what the log says; nothing of
/// the exchange itself changes during the callback.
@safe
package struct FilterFrame: @unchecked Sendable, BitwiseCopyable {
    /// Fields of a head; the host's own limit is lower.
    static let fieldsMax = 256
    /// Pieces of content in one call.
    package static let chunksMax = 512
    private static let namesBytesMax = 64 << 10

    @safe
    struct Block: BitwiseCopyable {
        /// The filter whose callback runs; 0: none does.
        var id: UInt64
        /// The heads by side, and the trailer section in hand.
        var request: FilterHead?
        var response: FilterHead?
        var trailers: FilterHead?
        var trailersSide: UInt8
        /// What came from a client that is not believed is not shown: fields that say how the
        /// request came here; its trace, where the listener begins a new one.
        var hidesForwarding: Bool
        var hidesTrace: Bool
        /// By side, one bit each: the filter holds; content is in its hands; its head is.
        var holds: UInt8
        var bodies: UInt8
        var heads: UInt8
        var terms: FilterTerms
        var log: FilterLog
        var headers: UnsafeMutablePointer<sluice_header>
        var names: UnsafeMutablePointer<UInt8>
        var chunks: UnsafeMutablePointer<sluice_chunk>
        var chunkCount: Int
        /// What is held, by side.
        var held: UnsafeMutablePointer<sluice_chunk>
        var heldCapacity: Int
        var heldRequest: Int
        var heldCount: Int
    }

    let block: UnsafeMutablePointer<Block>

    static func make() -> FilterFrame {
        let block = UnsafeMutablePointer<Block>.allocate(capacity: 1)
        unsafe block.initialize(
            to: Block(
                id: 0,
                request: nil,
                response: nil,
                trailers: nil,
                trailersSide: 0,
                hidesForwarding: true,
                hidesTrace: false,
                holds: 0,
                bodies: 0,
                heads: 0,
                terms: FilterTerms(headBytesMax: 0, bodyBytesMax: 0),
                log: FilterLog.make(),
                headers: .allocate(capacity: fieldsMax),
                names: .allocate(capacity: namesBytesMax),
                chunks: .allocate(capacity: chunksMax),
                chunkCount: 0,
                held: .allocate(capacity: chunksMax),
                heldCapacity: chunksMax,
                heldRequest: 0,
                heldCount: 0
            )
        )
        return unsafe FilterFrame(block: block)
    }

    var terms: FilterTerms {
        get { unsafe block.pointee.terms }
        nonmutating set { unsafe block.pointee.terms = newValue }
    }

    /// The changes that the last callback asked for, until the next one begins.
    package var log: FilterLog { unsafe block.pointee.log }

    /// [worker] Begins a callback of the filter `id` with nothing but the request's head.
    package func begin(_ id: UInt64, request: FilterHead?) {
        precondition(unsafe block.pointee.id == 0, "one callback at a time")
        unsafe block.pointee.id = id
        unsafe block.pointee.request = request
        unsafe block.pointee.response = nil
        unsafe block.pointee.trailers = nil
        unsafe block.pointee.holds = 0
        unsafe block.pointee.bodies = 0
        unsafe block.pointee.heads = 0
        unsafe block.pointee.chunkCount = 0
        unsafe block.pointee.heldRequest = 0
        unsafe block.pointee.heldCount = 0
        log.clear()
    }

    /// [worker] The callback has returned: the functions of other threads go by the inbox.
    package func end() { unsafe block.pointee.id = 0 }

    /// [worker] Which fields of the request are not shown.
    package func hide(forwarding: Bool, trace: Bool) {
        unsafe block.pointee.hidesForwarding = forwarding
        unsafe block.pointee.hidesTrace = trace
    }

    private func isHidden(_ field: Field, _ side: FilterSide) -> Bool {
        guard side == .request else { return false }
        return unsafe field.isForwarding && block.pointee.hidesForwarding
            || field.isTrace && block.pointee.hidesTrace
    }

    package func show(response: FilterHead) { unsafe block.pointee.response = response }

    package func show(trailers: FilterHead, _ side: FilterSide) {
        unsafe block.pointee.trailers = trailers
        unsafe block.pointee.trailersSide = side.rawValue
    }

    /// [worker] What may be changed of a side: its head, its content.
    package func permit(_ side: FilterSide, head: Bool, body: Bool) {
        if head { unsafe block.pointee.heads |= 1 << side.rawValue }
        if body { unsafe block.pointee.bodies |= 1 << side.rawValue }
    }

    /// [worker] The filter holds a side.
    package func hold(_ side: FilterSide) { unsafe block.pointee.holds |= 1 << side.rawValue }

    /// [worker] Adds a piece to what the callback is given; false: no more go into one call.
    package func add(_ bytes: Bytes) -> Bool {
        let count = unsafe block.pointee.chunkCount
        guard count < Self.chunksMax else { return false }
        unsafe block.pointee.chunks[count] = sluice_chunk(bytes: bytes.span, owner: nil)
        unsafe block.pointee.chunkCount = count + 1
        return true
    }

    /// [worker] Adds a piece of what is held: all of the request's before those of the response.
    package func add(held bytes: Bytes, _ side: FilterSide) {
        let count = unsafe block.pointee.heldCount
        if unsafe count == block.pointee.heldCapacity { growHeld() }
        unsafe block.pointee.held[count] = sluice_chunk(bytes: bytes.span, owner: nil)
        unsafe block.pointee.heldCount = count + 1
        if side == .request { unsafe block.pointee.heldRequest = count + 1 }
    }

    private func growHeld() {
        let capacity = unsafe block.pointee.heldCapacity
        let more = UnsafeMutablePointer<sluice_chunk>.allocate(capacity: 2 * capacity)
        unsafe more.initialize(from: block.pointee.held, count: capacity)
        unsafe block.pointee.held.deallocate()
        unsafe block.pointee.held = more
        unsafe block.pointee.heldCapacity = 2 * capacity
    }

    /// The pieces held of a side.
    func held(_ side: FilterSide) -> (start: Int, count: Int) {
        let split = unsafe block.pointee.heldRequest
        return unsafe side == .request ? (0, split) : (split, block.pointee.heldCount - split)
    }

    /// Whether the filter has ended its hold of a side during the callback.
    package func hasResumed(_ side: FilterSide) -> Bool {
        var place = 0
        while let edit = log.next(&place) {
            if edit.verb == .resume, edit.side == side { return true }
        }
        return false
    }

    /// Writes the fields of a head as the plugin gets them, their names in lower case.
    func headers(_ head: FilterHead, _ side: FilterSide) -> sluice_headers {
        var used = 0
        var count = 0
        for place in 0..<min(head.fields.count, Self.fieldsMax) {
            let field = head.fields[place]
            if isHidden(field, side) { continue }
            let name = field.nameBytes(in: head.text)
            guard used + name.count <= Self.namesBytesMax else { break }
            let start = unsafe block.pointee.names + used
            for index in 0..<name.count {
                let letter = name[index]
                unsafe start[index] = letter &- 0x41 < 26 ? letter | 0x20 : letter
            }
            used += name.count
            unsafe block.pointee.headers[count] = sluice_header(
                name: sluice_span(data: start, len: name.count),
                value: field.value(in: head.text).span,
                flags: 0,
                reserved: 0
            )
            count += 1
        }
        return unsafe sluice_headers(items: block.pointee.headers, count: count)
    }

    /// The n-th value of a field with the changes of the log.
    func value(_ name: Bytes, _ nth: Int, of side: FilterSide, _ head: FilterHead?) -> Bytes? {
        var left = nth
        if let head, !log.settles(name, side) {
            for place in 0..<head.fields.count {
                let field = head.fields[place]
                guard !isHidden(field, side),
                    field.nameBytes(in: head.text).equalsIgnoringCase(name)
                else { continue }
                if left == 0 { return field.value(in: head.text) }
                left -= 1
            }
        }
        var place = 0
        while let edit = log.next(&place) {
            guard edit.side == side, edit.verb == .set || edit.verb == .add,
                edit.name.equalsIgnoringCase(name), !log.settles(name, side, behind: place)
            else { continue }
            if left == 0 { return edit.value }
            left -= 1
        }
        return nil
    }
}
