internal import CFFI
internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import Synchronization

/// One thread and one queue for all code of one plugin instance but its inline calls.
///
/// Messages run one at a time, those of one sender in order. The plugin may block here and holds
/// up nobody else. What workers post is bounded by the calls they reserved, what the plugin posts
/// by `tasksMax`.
final class Lane: @unchecked Sendable {
    /// Tasks of the plugin that wait; beyond it `post` answers `SLUICE_E_LIMIT`.
    static let tasksMax: UInt64 = 65_536

    let gate: LaneGate
    let instance: Int32
    private let inbox: Inbox
    private let timersMax: Int
    private let tasks = Cell.permanent()
    private let closing = Cell.permanent()
    private let silent = Cell.permanent()
    private let timers = Mutex(LaneTimers())
    private let running = Cell.permanent()
    private let finished: Latch
    private var thread: Thread?

    /// Starts the thread `lane-<name>`.
    init(name: String, instance: Int32, timersMax: Int) throws(Errno) {
        inbox = try Inbox()
        finished = try Latch()
        gate = LaneGate(inbox: inbox, sleeping: Cell.permanent())
        self.instance = instance
        self.timersMax = timersMax
        thread = try Thread(name: "lane-\(name)") { [self] in loop() }
    }

    /// Whether the caller runs on this lane.
    var isCurrent: Bool {
        unsafe lane_current() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// Runs host code on the lane, later.
    func run(_ body: @escaping @Sendable () -> Void) {
        let block = UnsafeMutablePointer<JobBlock>.allocate(capacity: 1)
        unsafe block.initialize(
            to: JobBlock(
                node: InboxNode(kind: LaneMessage.job.rawValue),
                body: Unmanaged.passRetained(JobBody(body))
            )
        )
        gate.post(unsafe InboxMessage(UnsafeMutableRawPointer(block).asNode))
    }

    /// Runs host code on the lane and waits; false: it did not end within `nanoseconds`.
    func perform(within nanoseconds: UInt64, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard !isCurrent else {
            body()
            return true
        }
        guard let done = try? Latch() else { return false }
        run {
            body()
            done.open()
        }
        return done.wait(nanoseconds)
    }

    /// [any thread] Runs a function of the plugin on the lane, once.
    func post(_ function: sluice_task, _ context: UnsafeMutableRawPointer?) -> sluice_status {
        guard tasks.add(1) < Self.tasksMax else {
            tasks.add(-1)
            return SLUICE_E_LIMIT
        }
        let block = UnsafeMutablePointer<TaskBlock>.allocate(capacity: 1)
        unsafe block.initialize(
            to: TaskBlock(
                node: InboxNode(kind: LaneMessage.task.rawValue),
                function: function,
                context: context
            )
        )
        gate.post(unsafe InboxMessage(UnsafeMutableRawPointer(block).asNode))
        return SLUICE_OK
    }

    /// From now on no function of the plugin is called: tasks, timers and watches are dropped.
    func silence() { silent.release(1) }

    /// Ends the thread after what was posted before; false: it did not end within `nanoseconds`.
    func close(within nanoseconds: UInt64) -> Bool {
        run { [closing] in closing.release(1) }
        guard finished.wait(nanoseconds) else { return false }
        thread?.join()
        thread = nil
        return true
    }
}

/// Timers and descriptors.
extension Lane {
    /// [any thread] Adds a timer or a watch; `SLUICE_E_LIMIT` when there are too many.
    func add(_ entry: LaneTimers.Entry, _ id: UnsafeMutablePointer<UInt64>?) -> sluice_status {
        let added: UInt64? = timers.withLock { timers in
            timers.count < timersMax ? timers.add(entry) : nil
        }
        guard let added else { return SLUICE_E_LIMIT }
        if let id = unsafe id { unsafe id.pointee = added }
        if !isCurrent { run {} }
        return SLUICE_OK
    }

    /// [any thread] Ends a timer or a watch; on the lane itself that is always `SLUICE_OK`.
    func remove(_ id: UInt64) -> sluice_status {
        let removed = timers.withLock { $0.remove(id) }
        if isCurrent { return SLUICE_OK }
        // It runs at this moment: the caller must wait for it.
        if running.acquire() == id { return SLUICE_PENDING }
        return removed ? SLUICE_OK : SLUICE_E_GONE
    }

    private func fireTimers() {
        let now = Clock.now()
        for id in timers.withLock({ $0.due(at: now) }) {
            running.release(id)
            let entry = timers.withLock { timers in timers.fire(id, at: now) }
            if let entry = entry, let task = unsafe entry.task {
                inside { unsafe task(entry.context) }
            }
            running.release(0)
        }
    }

    private func fireWatches(_ polled: [pollfd], _ watches: [(id: UInt64, entry: LaneTimers.Entry)])
    {
        for (place, watch) in watches.enumerated() where polled[place + 1].revents != 0 {
            let id = watch.id
            running.release(id)
            let isAlive = timers.withLock { timers in timers.entries[id] != nil }
            if isAlive, let function = unsafe watch.entry.watch {
                let events = UInt32(UInt16(bitPattern: polled[place + 1].revents))
                inside { unsafe function(watch.entry.context, watch.entry.descriptor, events) }
                // A descriptor that was closed without untimer would be reported for ever.
                if events & UInt32(POLLNVAL) != 0 { _ = timers.withLock { $0.remove(id) } }
            }
            running.release(0)
        }
    }

    private func inside(_ body: () -> Void) {
        guard silent.acquire() == 0 else { return }
        let caller = Entered.enter(instance)
        body()
        Entered.leave(to: caller)
    }
}

/// The loop.
extension Lane {
    private func loop() {
        _ = unsafe lane_swap(Unmanaged.passUnretained(self).toOpaque())
        while closing.acquire() == 0 {
            drain()
            fireTimers()
            if closing.acquire() == 0 { sleep() }
        }
        drain()
        finished.open()
    }

    private func drain() {
        var batch = inbox.drain()
        while let message = batch.next() { handle(message) }
    }

    private func handle(_ message: InboxMessage) {
        guard let kind = LaneMessage(rawValue: message.kind) else { return }
        switch kind {
        case .request:
            let call = ServiceCall.of(message, offset: kind.offset)
            unsafe call.block.pointee.slot.pointee.queued.add(-1)
            call.run()
        case .cancel:
            ServiceCall.of(message, offset: kind.offset).tellCancelled()
        case .done:
            ServiceCall.of(message, offset: kind.offset).finish()
        case .body:
            let call = ServiceCall.of(message, offset: kind.offset)
            if call.giveBody() { call.confirm() }
        case .writable:
            ServiceCall.of(message, offset: kind.offset).tellWritable()
        case .task:
            let block = unsafe UnsafeMutableRawPointer(message.node)
                .assumingMemoryBound(to: TaskBlock.self)
            let task = unsafe block.pointee
            unsafe block.deallocate()
            tasks.add(-1)
            inside { unsafe task.function(task.context) }
        case .job:
            let block = unsafe UnsafeMutableRawPointer(message.node)
                .assumingMemoryBound(to: JobBlock.self)
            let body = unsafe block.pointee.body.takeRetainedValue()
            unsafe block.deallocate()
            body.run()
        }
    }

    /// Waits for a message, a timer or a descriptor.
    ///
    /// `sleeping` is set before the last look into the inbox: a sender either is seen there or
    /// sees it and wakes.
    private func sleep() {
        gate.sleeping.release(1)
        var batch = inbox.drain()
        if let first = batch.next() {
            gate.sleeping.release(0)
            handle(first)
            while let message = batch.next() { handle(message) }
            return
        }
        let (watches, due) = timers.withLock { timers in
            (timers.watches, timers.nextDue)
        }
        var polled = [pollfd(fd: inbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        for watch in watches {
            let events = Int16(truncatingIfNeeded: watch.entry.events)
            polled.append(pollfd(fd: watch.entry.descriptor, events: events, revents: 0))
        }
        let ready = unsafe poll(&polled, nfds_t(polled.count), Self.timeout(until: due))
        gate.sleeping.release(0)
        guard ready > 0 else { return }
        if polled[0].revents != 0 { inbox.clearWake() }
        fireWatches(polled, watches)
    }

    /// Milliseconds to wait, rounded up so that a timer is due when the lane wakes.
    private static func timeout(until due: UInt64?) -> Int32 {
        guard let due else { return -1 }
        let now = Clock.now()
        guard due > now else { return 0 }
        return Int32(clamping: (due - now) / Clock.nanosecondsPerMillisecond + 1)
    }
}

extension UnsafeMutableRawPointer {
    /// A message by its first words.
    var asNode: UnsafeMutablePointer<InboxNode> {
        unsafe assumingMemoryBound(to: InboxNode.self)
    }
}

/// What a lane's inbox carries; the raw value is `InboxNode.kind`.
enum LaneMessage: UInt32 {
    /// A service call, in messages of one block.
    case request = 1
    case cancel
    case done
    /// The next piece of a streamed body.
    case body
    /// There is room for more of a streamed answer.
    case writable
    /// A C function and its context, posted by the plugin.
    case task
    /// Host code.
    case job

    /// Where the node of a service call's message lies in its block.
    var offset: Int {
        switch self {
        case .request, .task, .job: 0
        case .cancel: MemoryLayout<InboxNode>.size
        case .done: 2 * MemoryLayout<InboxNode>.size
        case .body: 3 * MemoryLayout<InboxNode>.size
        case .writable: 4 * MemoryLayout<InboxNode>.size
        }
    }
}

/// A posted C function: the message owns itself.
@safe
struct TaskBlock: BitwiseCopyable {
    var node: InboxNode
    var function: sluice_task
    var context: UnsafeMutableRawPointer?
}

/// A posted piece of host code.
@safe
struct JobBlock: BitwiseCopyable {
    var node: InboxNode
    var body: Unmanaged<JobBody>
}

final class JobBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// The way into a lane, as workers and plugin threads hold it: no reference counts.
struct LaneGate: BitwiseCopyable {
    var inbox: Inbox?
    /// 1 while the lane waits in poll(2).
    var sleeping: Cell

    static var none: LaneGate { LaneGate(inbox: nil, sleeping: Cell.permanent()) }

    /// [any thread] Sends a message, and wakes the lane only if it sleeps.
    func post(_ message: InboxMessage) {
        guard let inbox else { return }
        if inbox.push(message), sleeping.exchange(0) == 1 { inbox.wake() }
    }
}
