internal import SluiceBase
internal import Synchronization

/// One call as all threads see it: what was asked, and what they want of it since.
///
/// The thread `outbound` looks after a call when it is posted; a call is in the inbox at most once.
@safe
final class Call: @unchecked Sendable {
    /// A message of the inbox, in memory of the call.
    @safe
    private struct Node: BitwiseCopyable {
        var node: InboxNode
        var call: UnsafeMutableRawPointer
    }

    let client: OutboundClient
    let id: UInt64
    let request: PreparedRequest
    let events: any OutboundEvents
    let startedAt = Clock.now()
    private let wishes: Mutex<Wishes>
    private let isCancelledFlag = Atomic(false)
    private let isPosted = Atomic(false)
    private let node: UnsafeMutablePointer<Node>

    /// The thread `outbound` alone: nil before the call was started.
    var transfer: Transfer?
    /// The thread `outbound` alone.
    var hasEnded = false

    private struct Wishes: ~Copyable {
        var body = BodyQueue()
        var resumes = false
    }

    init(
        _ client: OutboundClient,
        id: UInt64,
        _ request: PreparedRequest,
        _ events: any OutboundEvents
    ) {
        self.client = client
        self.id = id
        self.request = request
        self.events = events
        wishes = Mutex(Wishes(body: BodyQueue(expecting: request)))
        unsafe node = UnsafeMutablePointer<Node>.allocate(capacity: 1)
    }

    deinit { unsafe node.deallocate() }

    var isCancelled: Bool { isCancelledFlag.load(ordering: .acquiring) }

    func cancel() { isCancelledFlag.store(true, ordering: .releasing) }

    /// Adds a piece of the body; whether the thread has to know.
    func write(_ piece: [UInt8], isLast: Bool) -> (OutboundWrite, wakes: Bool) {
        guard !isCancelled else { return (.gone, false) }
        return wishes.withLock { $0.body.add(piece, isLast: isLast) }
    }

    /// Whether the thread has to know.
    func resume() -> Bool {
        wishes.withLock { wishes in
            defer { wishes.resumes = true }
            return !wishes.resumes
        }
    }

    /// [outbound] Whether somebody has asked for more of the response since the last look.
    func takeResume() -> Bool {
        wishes.withLock { wishes in
            defer { wishes.resumes = false }
            return wishes.resumes
        }
    }

    /// [outbound] Moves bytes of the streamed body to `target`.
    func read(into target: UnsafeMutablePointer<UInt8>, _ room: Int) -> BodyQueue.Read {
        wishes.withLock { unsafe $0.body.read(into: target, room) }
    }

    /// [outbound] Whether `read` would find bytes or the end.
    var canRead: Bool { wishes.withLock { $0.body.canRead } }

    /// [any thread] The message that posts this call; nil while it is posted already.
    func message(kind: UInt32) -> InboxMessage? {
        guard !isPosted.exchange(true, ordering: .acquiringAndReleasing) else { return nil }
        let retained = unsafe Unmanaged.passRetained(self).toOpaque()
        unsafe node.initialize(to: Node(node: InboxNode(kind: kind), call: retained))
        return unsafe InboxMessage(
            UnsafeMutableRawPointer(node).assumingMemoryBound(to: InboxNode.self)
        )
    }

    /// [outbound] The call of a message; it may be posted again from here on.
    static func taken(_ message: InboxMessage) -> Call {
        let node = unsafe UnsafeMutableRawPointer(message.node).assumingMemoryBound(to: Node.self)
        let call = unsafe Unmanaged<Call>.fromOpaque(node.pointee.call).takeRetainedValue()
        call.isPosted.store(false, ordering: .sequentiallyConsistent)
        return call
    }
}
