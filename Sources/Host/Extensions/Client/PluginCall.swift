internal import SluiceABI
internal import SluiceBase
internal import SluiceOutbound
internal import Synchronization

/// One call of a plugin: what the thread `outbound` tells waits here for the lane.
///
/// It is in the lane's inbox at most once. What waits of a response is bounded by `bytesMax`:
/// beyond it the transfer is paused until the lane has taken half.
@safe
final class PluginCall: OutboundEvents, @unchecked Sendable {
    /// Bytes of a response that wait for a lane, of one call.
    static let bytesMax = 256 << 10
    /// Events that the lane tells before it looks after others.
    private static let eventsMax = 16

    /// A message of the lane's inbox, in memory of the call.
    @safe
    private struct Node: BitwiseCopyable {
        var node: InboxNode
        var call: UnsafeMutableRawPointer
    }

    /// What the lane tells the plugin next.
    private enum Event {
        case head(Int, HeadFields)
        case body([UInt8])
        case writable
        case end(OutboundEnd)
    }

    fileprivate struct Waiting {
        var head: (Int, HeadFields)?
        var pieces: [[UInt8]] = []
        var first = 0
        var bytes = 0
        var owesWritable = false
        var end: OutboundEnd?
        /// The transfer, for want of room here.
        var isHeld = false
        /// The plugin has answered AGAIN.
        var isPaused = false
        var isCancelled = false
    }

    private let client: PluginClient
    private let functions: sluice_call_events
    private let context: UnsafeMutableRawPointer?
    private let waiting = Mutex(Waiting())
    private let isPosted = Atomic(false)
    /// The call's id, as the first event brought it.
    private let number = Atomic<UInt64>(0)
    private let node: UnsafeMutablePointer<Node>

    init(
        _ client: PluginClient,
        _ functions: sluice_call_events,
        _ context: UnsafeMutableRawPointer?
    ) {
        self.client = client
        self.functions = functions
        unsafe self.context = unsafe context
        unsafe node = UnsafeMutablePointer<Node>.allocate(capacity: 1)
    }

    deinit { unsafe node.deallocate() }

    func head(_ call: UInt64, status: Int, fields: HeadFields) {
        waiting.withLock { $0.head = (status, fields) }
        post(call)
    }

    func body(_ call: UInt64, _ piece: Bytes) -> OutboundFlow {
        let isFull = waiting.withLock { waiting in
            waiting.hold(piece)
            waiting.isHeld = waiting.bytes >= Self.bytesMax
            return waiting.isHeld
        }
        post(call)
        return isFull ? .pause : .take
    }

    func writable(_ call: UInt64) {
        waiting.withLock { $0.owesWritable = true }
        post(call)
    }

    func end(_ call: UInt64, _ end: OutboundEnd) {
        waiting.withLock { $0.end = end }
        post(call)
    }

    /// [any thread] The plugin takes more.
    func resume(_ id: UInt64) {
        waiting.withLock { $0.isPaused = false }
        post(id)
    }

    /// [any thread] Nothing but the end is told from now on.
    func cancel() { waiting.withLock { $0.isCancelled = true } }

    private func post(_ id: UInt64) {
        guard !isPosted.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let retained = unsafe Unmanaged.passRetained(self).toOpaque()
        let kind = LaneMessage.outbound.rawValue
        unsafe node.initialize(to: Node(node: InboxNode(kind: kind), call: retained))
        number.store(id, ordering: .releasing)
        client.lane.gate.post(unsafe InboxMessage(UnsafeMutableRawPointer(node).asNode))
    }

    /// [lane] Tells the plugin what waits for it.
    static func run(_ message: InboxMessage) {
        let node = unsafe UnsafeMutableRawPointer(message.node).assumingMemoryBound(to: Node.self)
        let call = unsafe Unmanaged<PluginCall>.fromOpaque(node.pointee.call).takeRetainedValue()
        call.isPosted.store(false, ordering: .sequentiallyConsistent)
        let id = call.number.load(ordering: .acquiring)
        for _ in 0..<eventsMax {
            guard let event = call.next() else { return }
            call.tell(event, id)
        }
        call.post(id)
    }

    /// The next event, in order: head, pieces, end.
    ///
    /// A plugin that has paused gets neither pieces nor the end of a whole response; that of a
    /// call which failed comes at once.
    private func next() -> Event? {
        waiting.withLock { waiting in
            if waiting.isCancelled { return waiting.takeCancelledEnd().map { .end($0) } }
            if waiting.isPaused, waiting.end?.failed != nil { waiting.dropPieces() }
            if let (status, fields) = waiting.head.take() { return .head(status, fields) }
            if waiting.owesWritable, waiting.end == nil {
                waiting.owesWritable = false
                return .writable
            }
            if waiting.isPaused, waiting.end?.failed == nil { return nil }
            if waiting.first < waiting.pieces.count { return .body(waiting.takePiece()) }
            return waiting.end.take().map { .end($0) }
        }
    }

    private func tell(_ event: Event, _ id: UInt64) {
        switch event {
        case .head(let status, let fields):
            guard let head = unsafe functions.head else { return }
            unsafe HeaderSpans.with(fields) { headers in
                client.lane.inside("call head") {
                    unsafe head(context, id, Int32(status), headers)
                }
            }
        case .body(let piece):
            give(piece, id)
        case .writable:
            guard let writable = unsafe functions.writable else { return }
            client.lane.inside("call writable") { unsafe writable(context, id) }
        case .end(let end):
            unsafe CallResult.tell(end, functions.end, context, id, on: client.lane)
            client.forget(id)
        }
    }

    private func give(_ piece: [UInt8], _ id: UInt64) {
        var status = SLUICE_OK
        if let body = unsafe functions.body {
            piece.withBytes { bytes in
                var chunk = unsafe sluice_chunk(bytes: bytes.span, owner: nil)
                status = client.lane.inside("call body") { unsafe body(context, id, &chunk, 1) }
            }
        }
        if status == SLUICE_E_AGAIN {
            waiting.withLock { $0.isPaused = true }
        } else if status < 0 {
            client.cancel(id)
        }
        let goesOn = waiting.withLock { waiting in
            guard waiting.isHeld, waiting.bytes <= Self.bytesMax / 2 else { return false }
            waiting.isHeld = false
            return true
        }
        if goesOn { client.continue(id) }
    }
}

extension PluginCall.Waiting {
    /// Small pieces share memory, so that what is held is what was counted.
    fileprivate mutating func hold(_ piece: Bytes) {
        bytes += piece.count
        if let last = pieces.indices.last, last >= first,
            pieces[last].count + piece.count <= OutboundLimits.pieceBytesMax
        {
            pieces[last] += piece.array
        } else {
            pieces.append(piece.array)
        }
    }

    fileprivate mutating func takePiece() -> [UInt8] {
        let piece = pieces[first]
        pieces[first] = []
        first += 1
        bytes -= piece.count
        if first == pieces.count { dropPieces() }
        return piece
    }

    /// The end of a cancelled call, also when it had come to its end before.
    fileprivate mutating func takeCancelledEnd() -> OutboundEnd? {
        guard var end = end.take() else { return nil }
        if end.failed == nil {
            end.failed = .cancelled
            end.detail = "cancelled: cancelled by the caller"
        }
        return end
    }

    fileprivate mutating func dropPieces() {
        pieces.removeAll(keepingCapacity: true)
        (first, bytes) = (0, 0)
    }
}

/// The end of a call in the words of the header.
private enum CallResult {
    static func tell(
        _ end: OutboundEnd,
        _ function: (
            @convention(c) (
                UnsafeMutableRawPointer?, sluice_cid, sluice_headers,
                UnsafePointer<sluice_call_result>?
            ) -> Void
        )?,
        _ context: UnsafeMutableRawPointer?,
        _ id: UInt64,
        on lane: Lane
    ) {
        guard let function = unsafe function else { return }
        end.detail.withBytes { detail in
            var result = unsafe sluice_call_result()
            unsafe result.size = unsafe UInt32(MemoryLayout<sluice_call_result>.size)
            unsafe result.outcome = outcome(end.failed)
            unsafe result.failed = number(end.failed)
            unsafe result.maybe_sent = end.mayHaveReceived ? 1 : 0
            unsafe result.http_status = Int32(end.status)
            unsafe result.attempts = UInt32(clamping: end.attempts)
            unsafe result.connect_ns = end.connectNanoseconds
            unsafe result.head_ns = end.headNanoseconds
            unsafe result.total_ns = end.totalNanoseconds
            unsafe result.rx_bytes = UInt64(end.receivedBytes)
            unsafe result.tx_bytes = UInt64(end.sentBytes)
            if !detail.isEmpty { unsafe result.detail = detail.span }
            unsafe HeaderSpans.with(end.trailers) { trailers in
                lane.inside("call end") { unsafe function(context, id, trailers, &result) }
            }
        }
    }

    private static func outcome(_ failed: OutboundFailure?) -> sluice_status {
        switch failed {
        case nil: SLUICE_OK
        case .cancelled: SLUICE_E_CANCELED
        case .limit: SLUICE_E_LIMIT
        case .refused: SLUICE_E_DENIED
        case .connectTimeout, .headTimeout, .idleTimeout, .totalTimeout: SLUICE_E_TIMEOUT
        case .internal: SLUICE_E_INTERNAL
        case .resolve, .connect, .tls, .reset, .protocol, .file: SLUICE_E_IO
        }
    }

    private static func number(_ failed: OutboundFailure?) -> Int32 {
        switch failed {
        case nil: SLUICE_FAIL_NONE
        case .cancelled: SLUICE_FAIL_CANCELED
        case .resolve: SLUICE_FAIL_RESOLVE
        case .connect: SLUICE_FAIL_CONNECT
        case .tls: SLUICE_FAIL_TLS
        case .reset: SLUICE_FAIL_RESET
        case .protocol: SLUICE_FAIL_PROTOCOL
        case .limit: SLUICE_FAIL_LIMIT
        case .refused: SLUICE_FAIL_DENIED
        case .connectTimeout: SLUICE_FAIL_TIMEOUT_CONNECT
        case .headTimeout: SLUICE_FAIL_TIMEOUT_HEAD
        case .idleTimeout: SLUICE_FAIL_TIMEOUT_IDLE
        case .totalTimeout: SLUICE_FAIL_TIMEOUT_TOTAL
        case .file: SLUICE_FAIL_FILE
        case .internal: SLUICE_FAIL_INTERNAL
        }
    }
}

/// Fields as the header's array.
private enum HeaderSpans {
    static func with(_ fields: HeadFields, _ body: (sluice_headers) -> Void) {
        fields.withAll { all in
            let spans = unsafe all.map { field in
                unsafe sluice_header(
                    name: field.name.span,
                    value: field.value.span,
                    flags: 0,
                    reserved: 0
                )
            }
            unsafe spans.withUnsafeBufferPointer { items in
                unsafe body(sluice_headers(items: items.baseAddress, count: items.count))
            }
        }
    }
}
