internal import Glibc
internal import SluiceABI
package import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// The services of all plugins, as the workers see them: admit, prepare, call, cancel, done.
///
/// One table a process, because a plugin's answer names its exchange by a number alone. On the
/// path of a request nothing here locks, allocates in the steady state or counts references.
@safe
package struct Services: @unchecked Sendable, BitwiseCopyable {
    /// Service slots of one process.
    package static let slotsMax = 256
    static let workersMax = 256

    /// The table of this process.
    package static let process = Services()

    /// The exchanges that plugins may answer.
    package let exchanges: Exchanges
    private let slots: UnsafeMutablePointer<ServiceSlot>
    private let stores: UnsafeMutablePointer<WorkerStore>

    private init() {
        exchanges = Exchanges(workers: Self.workersMax)
        unsafe slots = .allocate(capacity: Self.slotsMax)
        unsafe stores = .allocate(capacity: Self.workersMax)
        for index in 0..<Self.slotsMax { unsafe (slots + index).initialize(to: .empty()) }
        for index in 0..<Self.workersMax { unsafe (stores + index).initialize(to: .make()) }
    }

    /// Names the inbox of a worker and how many exchanges it may have, before it serves.
    package func attach(worker: Int, inbox: Inbox, exchanges count: Int) {
        exchanges.reserve(worker: worker, slots: count)
        store(worker: worker).reserve(calls: count)
        unsafe store(worker: worker).block.pointee.inbox = inbox
    }

    func store(worker: Int) -> WorkerStore {
        precondition(worker >= 0 && worker < Self.workersMax, "worker index")
        return unsafe stores[worker]
    }

    func slot(_ index: UInt16) -> UnsafeMutablePointer<ServiceSlot> {
        precondition(Int(index) < Self.slotsMax, "service slot")
        return unsafe slots + Int(index)
    }
}

extension Services {
    /// [worker] Whether the service in `slot` takes a request, and which mount has its path.
    package func admit(_ slot: UInt16, method: UInt32, path: Bytes) -> Admission {
        let service = unsafe self.slot(slot)
        guard unsafe service.pointee.state.acquire() == ServiceSlot.State.serving else {
            return .unavailable
        }
        var matched = -1
        var allow: UInt32 = 0
        for index in 0..<(unsafe service.pointee.mountCount) {
            guard let mounts = unsafe service.pointee.mounts else { break }
            let mount = unsafe mounts[index]
            // Mounts are sorted: the longest prefix that matched decides.
            if matched >= 0, mount.prefixLength < matched { break }
            guard mount.matches(path) else { continue }
            if mount.methods & method != 0 { return unsafe terms(service, mount, index) }
            matched = mount.prefixLength
            allow |= mount.methods
        }
        return matched < 0 ? .notFound : .methodNotAllowed(allow: allow)
    }

    private func terms(
        _ service: UnsafeMutablePointer<ServiceSlot>,
        _ mount: Mount,
        _ index: Int
    ) -> Admission {
        guard unsafe service.pointee.queued.value < service.pointee.queuedMax,
            mount.inflight.value < mount.inflightMax
        else { return .full }
        return .mount(
            MountTerms(
                index: index,
                prefixLength: mount.prefixLength,
                body: mount.body,
                bodyBytesMax: mount.bodyBytesMax,
                times: mount.times,
                allowsHalfClose: mount.allowsHalfClose
            )
        )
    }

    /// [worker] Reserves a call for an exchange that `Exchanges.open` named; nil: 503.
    ///
    /// The reservation holds the places that `cancel` and `done` will need. It ends with `done`,
    /// also when `call` is never made. Nil also when the instance has stopped since `admit`: from a
    /// reservation on, its lane stays until `done`.
    package func prepare(_ slot: UInt16, mount: Int, id: UInt64) -> ServiceCall? {
        let service = unsafe self.slot(slot)
        guard let mounts = unsafe service.pointee.mounts, unsafe mount < service.pointee.mountCount
        else { return nil }
        let cell = unsafe mounts[mount].inflight
        guard unsafe cell.add(1) < mounts[mount].inflightMax,
            // Read after the add: `remove` reads the other way round.
            unsafe service.pointee.state.acquire() == ServiceSlot.State.serving
        else {
            cell.add(-1)
            return nil
        }
        let call = store(worker: RequestID.worker(id)).takeCall()
        unsafe call.block.pointee.slot = service
        unsafe call.block.pointee.mount = mounts + mount
        unsafe call.block.pointee.id = id
        unsafe call.block.pointee.context = nil
        unsafe call.block.pointee.stage = ServiceCall.Stage.new.rawValue
        unsafe call.block.pointee.why = 0
        unsafe call.block.pointee.isInline = mounts[mount].isInline
        unsafe call.block.pointee.isStreamed = false
        unsafe call.block.pointee.isLastPiece = false
        unsafe call.block.pointee.isCancelled = false
        unsafe call.block.pointee.isDone = false
        unsafe call.block.pointee.hasPosted = false
        unsafe call.block.pointee.hasPiece = false
        unsafe call.block.pointee.headerCount = 0
        unsafe call.block.pointee.bodyLength = 0
        unsafe call.block.pointee.answered = nil
        store(worker: RequestID.worker(id)).open(call, slot: RequestID.slot(id))
        return call
    }

    /// [any thread] What plugin code runs inline on a worker; nil: none.
    func entry(worker: Int) -> WorkerStore.Entry? { store(worker: worker).entry }

    /// [any thread] The call of an exchange that a plugin holds; nil when its `done` has returned.
    func call(_ id: UInt64) -> ServiceCall? {
        let worker = RequestID.worker(id)
        guard worker < Self.workersMax else { return nil }
        return store(worker: worker).call(id)
    }

    /// [worker] Copies the head of a request into a call; its body follows before the call is made,
    /// or in pieces.
    package func describe(
        _ call: ServiceCall,
        _ request: ServiceRequest,
        isStreamed: Bool = false
    ) {
        unsafe call.block.pointee.isStreamed = isStreamed
        let prefixLength = unsafe call.block.pointee.mount.pointee.prefixLength
        call.fill(request, prefixLength: min(prefixLength, request.path.count))
    }

    /// [worker] Makes a call that was described: sends it to the lane, or runs it here.
    ///
    /// A call with a streamed body is confirmed by a `taken`, and then `feed` may follow.
    package func call(_ call: ServiceCall) -> CallOutcome {
        call.sealBody()
        if unsafe call.block.pointee.isInline {
            call.runInline()
            guard let answered = unsafe call.block.pointee.answered else { return .pending }
            unsafe call.block.pointee.answered = nil
            return .answered(unsafe Answer(answered))
        }
        unsafe call.block.pointee.slot.pointee.queued.add(1)
        unsafe call.block.pointee.slot.pointee.lane.post(call.node(.request))
        return .pending
    }

    /// [worker] Gives the plugin the piece of a streamed body that was appended.
    ///
    /// True: it is taken, and `feed` may follow. False: a `taken` will say so.
    package func feed(_ call: ServiceCall, isLast: Bool) -> Bool {
        unsafe call.block.pointee.isLastPiece = isLast
        if unsafe call.block.pointee.isInline { return call.giveBody() }
        unsafe call.block.pointee.slot.pointee.lane.post(call.node(.body))
        return false
    }

    /// [worker] So many bytes of a streamed answer have left: a plugin that waits for room hears.
    package func earn(_ call: ServiceCall, _ count: Int) {
        guard exchanges.earn(count, call.id) else { return }
        if unsafe call.block.pointee.isInline { return call.tellWritable() }
        // One that is on its way serves this time, too.
        guard call.writableSent.exchange(1) == 0 else { return }
        unsafe call.block.pointee.slot.pointee.lane.post(call.node(.writable))
    }

    /// [worker] The answer is no longer wanted, or could not be sent whole; `done` will follow, at
    /// any later time.
    ///
    /// From here on an answer is refused, and one that is on its way is not current. A call that
    /// has not begun on its lane will not begin. A second cancel of a call does nothing.
    package func cancel(_ call: ServiceCall, why: ExchangeFacts.Close) {
        guard unsafe !call.block.pointee.isCancelled else { return }
        unsafe call.block.pointee.isCancelled = true
        exchanges.cancel(call.id)
        unsafe call.block.pointee.why = why.rawValue
        if unsafe call.block.pointee.isInline { return call.tellCancelled() }
        unsafe call.block.pointee.slot.pointee.lane.post(call.node(.cancel))
    }

    /// [worker] The exchange is over and the call must not be used again.
    ///
    /// Exactly once a call, when the last byte of the answer was sent or nothing more will be.
    package func done(_ call: ServiceCall, _ facts: ExchangeFacts) {
        precondition(unsafe !call.block.pointee.isDone, "a call is done once")
        unsafe call.block.pointee.isDone = true
        exchanges.close(call.id)
        var told = unsafe sluice_exchange()
        unsafe told.size = unsafe UInt32(MemoryLayout<sluice_exchange>.size)
        unsafe told.status = Int32(truncatingIfNeeded: facts.status)
        unsafe told.close = facts.close.rawValue
        unsafe told.rx_bytes = facts.receivedBytes
        unsafe told.tx_bytes = facts.sentBytes
        unsafe told.first_byte_ns = facts.firstByteNanoseconds
        unsafe told.total_ns = facts.totalNanoseconds
        unsafe told.retries = facts.retries
        unsafe call.block.pointee.facts = told
        if unsafe call.block.pointee.isInline { return call.finish() }
        unsafe call.block.pointee.slot.pointee.lane.post(call.node(.done))
    }
}

/// A message for a worker: the service of a slot has stopped, and its open calls are to be ended.
@safe
package struct ServiceEnd: @unchecked Sendable, BitwiseCopyable {
    /// `InboxMessage.kind` of it in a worker's inbox.
    private static let messageKind: UInt32 = 0x5345

    private struct Block: BitwiseCopyable {
        var node: InboxNode
        var slot: UInt16
    }

    private let block: UnsafeMutablePointer<Block>

    static func make(_ slot: UInt16) -> ServiceEnd {
        let block = UnsafeMutablePointer<Block>.allocate(capacity: 1)
        unsafe block.initialize(to: Block(node: InboxNode(kind: messageKind), slot: slot))
        return unsafe ServiceEnd(block: block)
    }

    private init(block: UnsafeMutablePointer<Block>) { unsafe self.block = block }

    /// The end that a message carries, if it is one.
    package init?(_ message: InboxMessage) {
        guard message.kind == Self.messageKind else { return nil }
        unsafe block = UnsafeMutableRawPointer(message.node).assumingMemoryBound(to: Block.self)
    }

    var message: InboxMessage {
        unsafe InboxMessage(UnsafeMutableRawPointer(block).asNode)
    }

    /// [worker] The slot; the message is freed.
    ///
    /// Once.
    package func take() -> UInt16 {
        defer { unsafe block.deallocate() }
        return unsafe block.pointee.slot
    }
}

/// Which service slots are taken: control side.
private let takenSlots = Mutex<Set<UInt16>>([])

extension Services {
    /// Takes a slot for an instance that is created and not yet started; nil: all are taken.
    func add(
        _ mounts: [Mount],
        _ operations: sluice_service_ops,
        _ instance: Instance,
        _ limits: Limits
    ) -> UInt16? {
        let free = takenSlots.withLock { taken in
            let free = (0..<UInt16(Self.slotsMax)).first { !taken.contains($0) }
            if let free { taken.insert(free) }
            return free
        }
        guard let free else { return nil }
        let slot = unsafe slot(free)
        let table = UnsafeMutablePointer<Mount>.allocate(capacity: max(1, mounts.count))
        for (index, mount) in mounts.enumerated() { unsafe (table + index).initialize(to: mount) }
        unsafe slot.pointee.queued.set(0)
        unsafe slot.pointee.queuedMax = UInt64(limits.laneQueueMax)
        unsafe slot.pointee.budgetNanoseconds = UInt64(limits.handlerBudgetNanoseconds)
        unsafe slot.pointee.mounts = table
        unsafe slot.pointee.mountCount = mounts.count
        unsafe slot.pointee.instance = instance.index
        unsafe slot.pointee.plugin = instance.plugin
        unsafe slot.pointee.operations = operations
        unsafe slot.pointee.lane = instance.lane.gate
        unsafe slot.pointee.enteredAt = instance.lane.enteredAt
        unsafe slot.pointee.enteredFor = instance.lane.enteredFor
        unsafe slot.pointee.state.release(ServiceSlot.State.waiting)
        return free
    }

    /// Whether these are the mounts of a slot.
    func has(_ mounts: [Mount], in index: UInt16) -> Bool {
        let slot = unsafe slot(index)
        guard let known = unsafe slot.pointee.mounts, unsafe slot.pointee.mountCount == mounts.count
        else { return false }
        return mounts.indices.allSatisfy { unsafe known[$0].says(mounts[$0]) }
    }

    /// No request enters the slot any more; calls in it go on.
    func close(_ index: UInt16) {
        unsafe slot(index).pointee.state.release(ServiceSlot.State.draining)
    }

    /// Calls of the service that wait, run, or whose `done` is still to come.
    func inflight(_ index: UInt16) -> UInt64 {
        let slot = unsafe slot(index)
        guard let mounts = unsafe slot.pointee.mounts else { return 0 }
        return (0..<(unsafe slot.pointee.mountCount)).reduce(0) { sum, place in
            // An addition, so that either it counts a call of `prepare` or that sees the state.
            sum + (unsafe mounts[place].inflight.add(0))
        }
    }

    /// No call enters the service any more, and the workers end those that are open: `cancel` and
    /// `done` follow.
    func end(_ index: UInt16) {
        let slot = unsafe slot(index)
        guard
            unsafe slot.pointee.state.exchange(ServiceSlot.State.stopped)
                != ServiceSlot.State.stopped
        else { return }
        for worker in 0..<Self.workersMax {
            if let inbox = unsafe store(worker: worker).block.pointee.inbox {
                inbox.post(ServiceEnd.make(index).message)
            }
        }
    }

    /// Gives the slot of a stopped instance back when no call is left; false: there is one, which
    /// keeps the slot and needs the lane for its end.
    func remove(_ index: UInt16) -> Bool {
        guard inflight(index) == 0 else { return false }
        unsafe slot(index).pointee.state.release(ServiceSlot.State.empty)
        takenSlots.withLock { _ = $0.remove(index) }
        return true
    }
}
