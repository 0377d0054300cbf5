internal import SluiceABI
public import SluiceKit

/// One request to a simulated instance, and what it answers.
///
/// Lane only.
@safe
public final class SimulatedExchange {
    /// What the plugin's `request` answered at once.
    public enum Outcome: Equatable, Sendable {
        case answered, pending, declined
    }

    /// What the call answered at once; nil: the call failed.
    public internal(set) var outcome: Outcome?
    /// The status of the answer; nil: its head has not come.
    public internal(set) var status: Int?
    /// Header lines of the answer.
    public internal(set) var headers: Headers = [:]
    /// Pieces of the body, in the order in which they were written.
    public internal(set) var pieces: [[UInt8]] = []
    /// What followed the body.
    public internal(set) var trailers: Headers?
    /// Interim answers.
    public internal(set) var interim: [Int] = []
    /// Whether the answer is whole.
    public internal(set) var isFinished = false
    /// Why the plugin has broken it off.
    public internal(set) var abortReason: String?
    /// Where the plugin has passed it on to: the pool's name and the path.
    public internal(set) var forwarded: (pool: String, path: String?, set: Headers)?
    /// When it must have ended.
    public internal(set) var deadline: UInt64?
    /// Whether the plugin has asked to pause the request's body.
    public internal(set) var isPaused = false
    /// Bytes that `write` takes before it answers that nothing has room; it takes as much again
    /// before it refuses.
    public var room = Int.max
    /// The host does not want the answer any more.
    public private(set) var isCanceled = false
    /// The host has forgotten the exchange.
    public private(set) var isDone = false

    /// The body.
    public var body: [UInt8] { pieces.flatMap { $0 } }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    let id: UInt64
    var context: UnsafeMutableRawPointer?
    private let instance: InstanceCalls
    /// The host's memory of the request, which goes with `done`.
    private var memory: RequestMemory?

    init(_ instance: InstanceCalls) {
        self.instance = instance
        id = Registered.newID()
        Registered.exchanges.add(self, id)
    }

    deinit {
        Registered.exchanges.remove(id)
    }

    // MARK: What the host does

    /// Brings a piece of a streamed body.
    public func send(_ piece: [UInt8], isLast: Bool = false) {
        let status = unsafe withPieces([piece]) { pieces, count in
            unsafe instance.service?.body(
                instance.context,
                context,
                id,
                pieces,
                count,
                isLast ? SLUICE_END : 0
            )
        }
        if status == SLUICE_E_AGAIN { isPaused = true }
        instance.host.run()
    }

    /// Brings what follows a streamed body, and its end.
    public func end(trailers: Headers) {
        unsafe withHeaders(trailers) { list in
            unsafe instance.service?.trailers(instance.context, context, id, list)
        }
        send([], isLast: true)
    }

    /// The client has taken `bytes` more of the answer.
    public func makeRoom(_ bytes: Int = .max) {
        room = room.addingReportingOverflow(bytes).overflow ? .max : room + bytes
        unsafe instance.service?.writable(instance.context, context, id)
        instance.host.run()
    }

    /// The answer is not wanted any more.
    public func cancel(_ cause: ClosingCause = .client) {
        isCanceled = true
        unsafe instance.service?.cancel(instance.context, context, id, cause.rawValue)
        instance.host.run()
    }

    /// The exchange is over: the last call about it, after which the request's memory goes.
    public func done(_ cause: ClosingCause = .done) {
        guard !isDone else { return }
        isDone = true
        var facts = unsafe sluice_exchange()
        unsafe facts.size = UInt32(MemoryLayout<sluice_exchange>.size)
        unsafe facts.status = Int32(status ?? 0)
        unsafe facts.close = cause.rawValue
        unsafe facts.tx_bytes = UInt64(body.count)
        unsafe instance.service?.done(instance.context, context, id, &facts)
        memory = nil
        instance.host.run()
    }

    func begin(_ request: SimulatedRequest) throws(PluginError) {
        let memory = RequestMemory(request)
        self.memory = memory
        let status = unsafe try reporting { report in
            unsafe withPieces(request.isStreamed ? [] : [request.body]) { pieces, count in
                unsafe instance.service?.request(
                    instance.context,
                    id,
                    request.tag,
                    memory.words,
                    pieces,
                    count,
                    &context,
                    report
                ) ?? SLUICE_E_UNSUPPORTED
            }
        }
        outcome =
            switch status {
            case SLUICE_OK: .answered
            case SLUICE_DECLINED: .declined
            default: .pending
            }
        if outcome == .declined { isDone = true }
        instance.host.run()
    }
}
