internal import CLinux
internal import SluiceABI
internal import SluiceBase

/// The three steps of a call on the thread that runs it: the lane, or the worker when inline.
extension ServiceCall {
    /// Calls `request`, and answers for a plugin that will not.
    ///
    /// A call that was cancelled while it waited is not made: `cancel` and `done`, which follow,
    /// return the block and tell the plugin nothing.
    func run() {
        guard Services.process.exchanges.isCurrent(id),
            unsafe block.pointee.slot.pointee.state.acquire() < ServiceSlot.State.stopped,
            let request = unsafe block.pointee.slot.pointee.operations.request
        else { return refuse(.unavailable) }
        var failure = PluginError.empty
        let status = inside("request") {
            let outer = unsafe clinux_call_get()
            unsafe clinux_call_set(block)
            defer { unsafe clinux_call_set(outer) }
            return unsafe ask(request, body, &failure)
        }
        settle(status, failure)
        if unsafe block.pointee.isStreamed { confirm() }
    }

    /// Gives the plugin the piece of the body that is there; whether it takes the next one.
    func giveBody() -> Bool {
        let exchanges = Services.process.exchanges
        guard unsafe block.pointee.stage == Stage.owed.rawValue, exchanges.isCurrent(id),
            let function = unsafe block.pointee.slot.pointee.operations.body
        else { return true }
        exchanges.enterPiece(id)
        unsafe block.pointee.hasPiece = true
        tellTrailers()
        let status = inside("body") {
            var chunk = unsafe sluice_chunk(bytes: body.span, owner: nil)
            return unsafe function(
                block.pointee.slot.pointee.plugin,
                block.pointee.context,
                id,
                &chunk,
                body.isEmpty ? 0 : 1,
                block.pointee.isLastPiece ? UInt32(SLUICE_END) : 0
            )
        }
        if status < 0, status != SLUICE_E_AGAIN {
            complain("failed a piece of a request with \(StatusName.text(status))")
            endByInbox(.failed)
            return false
        }
        return exchanges.leavePiece(id, pauses: status == SLUICE_E_AGAIN)
    }

    /// Gives the plugin the trailer section, before the last piece.
    private func tellTrailers() {
        guard unsafe block.pointee.isLastPiece && block.pointee.trailerCount > 0,
            let function = unsafe block.pointee.slot.pointee.operations.trailers
        else { return }
        inside("trailers") {
            unsafe function(
                block.pointee.slot.pointee.plugin,
                block.pointee.context,
                id,
                trailers
            )
        }
    }

    /// [lane] Tells the worker that the memory of the call is its own again.
    func confirm() {
        let taken = Answer.make(bytes: 0)
        taken.begin(id, .taken)
        Services.process.post(taken)
    }

    /// Tells a plugin that was asked to wait that it may write again.
    func tellWritable() {
        writableSent.release(0)
        guard unsafe block.pointee.stage == Stage.owed.rawValue,
            Services.process.exchanges.isCurrent(id),
            let writable = unsafe block.pointee.slot.pointee.operations.writable
        else { return }
        inside("writable") {
            unsafe writable(block.pointee.slot.pointee.plugin, block.pointee.context, id)
        }
    }

    /// Runs code of the plugin on this thread.
    ///
    /// The instance is there: it is not destroyed before its last call is done.
    private func inside<Result>(_ step: StaticString, _ body: () -> Result) -> Result {
        let slot = unsafe block.pointee.slot
        guard unsafe block.pointee.isInline else {
            return unsafe slot.pointee.inside(step, body)
        }
        let store = Services.process.store(worker: RequestID.worker(id))
        return unsafe store.inside(slot.pointee.instance, step, body)
    }

    private typealias RequestFunction =
        @convention(c) (
            UnsafeMutableRawPointer?, sluice_rid, UInt32, UnsafePointer<sluice_request>?,
            UnsafePointer<sluice_chunk>?, Int, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
            UnsafeMutablePointer<sluice_error>?
        ) -> sluice_status
    private func ask(_ request: RequestFunction, _ body: Bytes, _ failure: inout sluice_error)
        -> sluice_status
    {
        var chunk = unsafe sluice_chunk(bytes: body.span, owner: nil)
        return unsafe request(
            block.pointee.slot.pointee.plugin,
            block.pointee.id,
            block.pointee.mount.pointee.tag,
            &block.pointee.head,
            &chunk,
            body.isEmpty ? 0 : 1,
            &block.pointee.context,
            &failure
        )
    }

    /// Runs on the worker, and names a plugin that holds it up for too long.
    func runInline() {
        let start = Clock.now()
        run()
        let end = Clock.now()
        let slot = unsafe block.pointee.slot
        guard unsafe end - start > slot.pointee.budgetNanoseconds else { return }
        let last = unsafe slot.pointee.reported.value
        guard end - last > Self.reportInterval,
            unsafe slot.pointee.reported.exchange(end, ifEqual: last)
        else { return }
        complain("held a worker for \((end - start) / 1_000) µs in an inline call")
    }

    /// Nanoseconds between two reports about one instance's inline calls.
    private static let reportInterval = 10 * Clock.nanosecondsPerSecond

    private func settle(_ status: sluice_status, _ failure: sluice_error) {
        switch status {
        case SLUICE_OK:
            unsafe block.pointee.stage = Stage.owed.rawValue
            // A plugin that says it has answered and has not would hang its client.
            if answer(.failed) { complain("said it had answered and had not") }
        case SLUICE_PENDING:
            unsafe block.pointee.stage = Stage.owed.rawValue
        case SLUICE_DECLINED:
            refuse(.declined)
        default:
            let reason = PluginError.text(failure, otherwise: "it gave no reason")
            complain("failed a request with \(StatusName.text(status)): \(reason)")
            refuse(.failed)
        }
    }

    private func complain(_ text: String) {
        let instance = Entered.name(unsafe block.pointee.slot.pointee.instance)
        Log.warn("plugin \(instance) \(text)")
    }

    private func refuse(_ kind: Answer.Kind) {
        unsafe block.pointee.stage = Stage.refused.rawValue
        if !answer(kind) { breakOff() }
    }

    /// Answers outside of the call, or breaks off what was begun.
    private func endByInbox(_ kind: Answer.Kind) {
        guard case .granted = Services.process.exchanges.claim(id) else { return breakOff() }
        let answer = Answer.make(bytes: 0)
        answer.begin(id, kind)
        Services.process.post(answer)
    }

    /// Ends an answer that was begun and will not be finished.
    private func breakOff() {
        guard case .granted = Services.process.exchanges.finish(id) else { return }
        let answer = Answer.make(bytes: 0)
        answer.begin(id, .abort)
        Services.process.post(answer)
    }

    /// Answers in the plugin's place, unless somebody has answered; whether it did.
    private func answer(_ kind: Answer.Kind) -> Bool {
        let id = unsafe block.pointee.id
        guard case .granted = Services.process.exchanges.claim(id) else { return false }
        let answer = takeSpare() ?? Answer.make()
        answer.begin(id, kind)
        deliver(answer)
        return true
    }

    func takeSpare() -> Answer? {
        guard let spare = unsafe block.pointee.spare else { return nil }
        unsafe block.pointee.spare = nil
        return unsafe Answer(spare)
    }

    /// Hands an answer over: at once when this is the worker's own call, else by its inbox.
    func deliver(_ answer: Answer) {
        if unsafe block.pointee.isInline && !block.pointee.hasPosted {
            unsafe block.pointee.answered = answer.block
        } else {
            Services.process.post(answer)
        }
    }

    /// Tells the plugin that nobody waits any more.
    func tellCancelled() {
        guard unsafe block.pointee.stage == Stage.owed.rawValue,
            let cancel = unsafe block.pointee.slot.pointee.operations.cancel
        else { return }
        inside("cancel") {
            unsafe cancel(
                block.pointee.slot.pointee.plugin,
                block.pointee.context,
                block.pointee.id,
                block.pointee.why
            )
        }
    }

    /// Tells the plugin that the exchange is over, and gives the block back.
    func finish() {
        if unsafe block.pointee.stage == Stage.owed.rawValue,
            let done = unsafe block.pointee.slot.pointee.operations.done
        {
            inside("done") {
                unsafe done(
                    block.pointee.slot.pointee.plugin,
                    block.pointee.context,
                    block.pointee.id,
                    &block.pointee.facts
                )
            }
        }
        Services.process.store(worker: RequestID.worker(id)).close(self)
        unsafe block.pointee.mount.pointee.inflight.add(-1)
        Services.process.store(worker: RequestID.worker(id)).put(self)
    }
}

extension Services {
    /// [any thread] Sends an answer to the worker that owns its exchange.
    func post(_ answer: Answer) {
        let store = store(worker: RequestID.worker(answer.id))
        guard let inbox = unsafe store.block.pointee.inbox else { return answer.discard() }
        inbox.post(answer.message)
    }
}
