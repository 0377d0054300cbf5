internal import CLinux
internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import Synchronization

/// One thread and one queue for all code of one plugin instance but its inline calls.
///
/// Messages run one at a time, those of one sender in order. The plugin may block here and holds
/// up nobody else. What workers post is bounded by the calls they reserved, what the plugin posts
/// by `tasksMax`, its timers and watches by `timersMax`.
final class Lane: @unchecked Sendable {
    /// Tasks of the plugin that wait; beyond it `post` answers `SLUICE_E_LIMIT`.
    static let tasksMax: UInt64 = 65_536

    let gate: LaneGate
    let instance: Int32
    /// When the plugin code that runs now was entered, 0 when none runs, and what for: the address
    /// of a static text.
    ///
    /// For the watchdog.
    let enteredAt = Cell.permanent()
    let enteredFor = Cell.permanent()
    private let inbox: Inbox
    private let timersMax: Int
    private let tasks = Cell.permanent()
    /// 1: the thread ends.
    private let closing = Cell.permanent()
    private let ending = Cell.permanent()
    private let timers = Mutex(LaneTimers())
    /// nil once the thread has ended.
    private var descriptors: Descriptors?
    private let finished: Latch
    private var thread: Thread?

    /// Inboxes of lanes that have ended.
    private static let spare = Mutex<[Inbox]>([])

    /// Starts the thread `lane-<name>`.
    init(name: String, instance: Int32, timersMax: Int) throws(Errno) {
        if let spare = Self.spare.withLock({ $0.popLast() }) {
            inbox = Inbox(wakingAs: spare)
        } else {
            inbox = try Inbox()
        }
        finished = try Latch()
        descriptors = try Descriptors(waking: inbox.wakeDescriptor)
        gate = LaneGate(inbox: inbox, sleeping: Cell.permanent())
        self.instance = instance
        self.timersMax = timersMax
        thread = try Thread(name: "lane-\(name)") { [self] in loop() }
    }

    /// Whether the caller runs on this lane.
    var isCurrent: Bool {
        unsafe clinux_lane_get() == Unmanaged.passUnretained(self).toOpaque()
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
        // Counted before the look, so that who ends the lane either waits for it or is seen.
        let waiting = tasks.add(1)
        guard ending.acquire() == 0 else {
            tasks.add(-1)
            return SLUICE_E_GONE
        }
        guard waiting < Self.tasksMax else {
            tasks.add(-1)
            return SLUICE_E_LIMIT
        }
        unsafe send(function, context, SLUICE_OK, whyEnding: SLUICE_E_CANCELED)
        return SLUICE_OK
    }

    /// [any thread] Makes the final call of a context that the host holds, on the lane.
    ///
    /// It is counted as a task, and made also while the lane ends.
    func finish(
        _ function: sluice_task,
        _ context: UnsafeMutableRawPointer?,
        _ why: sluice_status
    ) {
        tasks.add(1)
        unsafe send(function, context, why, whyEnding: why)
    }

    private func send(
        _ function: sluice_task,
        _ context: UnsafeMutableRawPointer?,
        _ why: sluice_status,
        whyEnding: sluice_status
    ) {
        let block = UnsafeMutablePointer<TaskBlock>.allocate(capacity: 1)
        unsafe block.initialize(
            to: TaskBlock(
                node: InboxNode(kind: LaneMessage.task.rawValue),
                function: function,
                context: context,
                why: why,
                whyEnding: whyEnding
            )
        )
        gate.post(unsafe InboxMessage(UnsafeMutableRawPointer(block).asNode))
    }

    /// [any thread] From now on nothing new is taken: tasks that wait, timers and watches come back
    /// with `SLUICE_E_CANCELED`.
    func end() {
        _ = ending.exchange(1)
        for descriptor in timers.withLock({ $0.close() }) { descriptors?.remove(descriptor) }
        if !isCurrent { run {} }
    }

    /// Contexts of tasks that have not come back.
    var owedTasks: Int { Int(tasks.add(0)) }

    /// Contexts of timers and watches that have not come back.
    var owedTimers: Int { timers.withLock { $0.count } }

    /// Ends the thread after what was posted before; false: it did not end within `nanoseconds`.
    func close(within nanoseconds: UInt64) -> Bool {
        run { [closing] in closing.release(1) }
        guard finished.wait(nanoseconds) else { return false }
        thread?.join()
        thread = nil
        // A lane that has ended takes no watch.
        descriptors = nil
        Self.spare.withLock { $0.append(inbox) }
        return true
    }

    /// What the plugin code that runs was called for.
    var step: String {
        guard let text = unsafe UnsafePointer<CChar>(bitPattern: UInt(enteredFor.value)) else {
            return "none"
        }
        return unsafe String(cString: text)
    }

    /// Runs plugin code: the thread is marked as inside the instance, since when and what for.
    func inside<Result>(_ step: StaticString, _ body: () -> Result) -> Result {
        Self.inside(instance, enteredAt, enteredFor, step, body)
    }

    /// The same without the lane itself, which would be counted.
    static func inside<Result>(
        _ instance: Int32,
        _ enteredAt: Cell,
        _ enteredFor: Cell,
        _ step: StaticString,
        _ body: () -> Result
    ) -> Result {
        let before = Entered.enter(instance, step)
        let outer = (enteredAt.value, enteredFor.value)
        enteredFor.set(UInt64(UInt(bitPattern: unsafe step.utf8Start)))
        enteredAt.release(Clock.now())
        let result = body()
        enteredFor.set(outer.1)
        enteredAt.release(outer.0)
        Entered.leave(to: before)
        return result
    }
}

/// Timers and descriptors.
extension Lane {
    /// [any thread] Adds a timer; `SLUICE_E_LIMIT` when there are too many.
    func add(_ timer: LaneTimer, _ id: UnsafeMutablePointer<UInt64>?) -> sluice_status {
        let added = timers.withLock { timers -> Result<UInt64, LaneRefusal> in
            if timers.isClosed { return .failure(.gone) }
            return timers.count < timersMax ? .success(timers.add(timer)) : .failure(.limit)
        }
        guard case .success(let number) = added else { return added.status }
        if let id = unsafe id { unsafe id.pointee = number }
        if !isCurrent { run {} }
        return SLUICE_OK
    }

    /// [any thread] Adds a watch; `SLUICE_E_EXISTS` when the descriptor has one,
    /// `SLUICE_E_INVALID` when it is none that can be waited for.
    func add(_ watch: LaneWatch, _ id: UnsafeMutablePointer<UInt64>?) -> sluice_status {
        let added = timers.withLock { timers -> Result<UInt64, LaneRefusal> in
            if timers.isClosed { return .failure(.gone) }
            guard timers.count < timersMax else { return .failure(.limit) }
            let number = timers.add(watch)
            if let id = unsafe id { unsafe id.pointee = number }
            let status = descriptors?.add(watch.descriptor, watch.events, number) ?? -EINVAL
            guard status < 0 else { return .success(number) }
            timers.drop(watch: number)
            return .failure(status == -EEXIST ? .exists : .invalid)
        }
        return added.status
    }

    /// [any thread] Ends a timer or a watch: its final call follows.
    func cancel(_ id: UInt64) -> sluice_status {
        let cancelled = timers.withLock { timers -> Bool in
            guard let descriptor = timers.cancel(id) else { return false }
            if descriptor >= 0 { descriptors?.remove(descriptor) }
            return true
        }
        guard cancelled else { return SLUICE_E_GONE }
        if !isCurrent { run {} }
        return SLUICE_OK
    }

    private func fireTimers() {
        let now = Clock.now()
        while let timer = timers.withLock({ $0.takeDue(at: now) }) {
            inside("timer") { unsafe timer.task(timer.context, SLUICE_OK) }
        }
        for ended in timers.withLock({ $0.takeEnded() }) {
            switch ended {
            case .timer(let timer):
                inside("timer") { unsafe timer.task(timer.context, SLUICE_E_CANCELED) }
            case .watch(let watch):
                inside("watch") { unsafe watch.function(watch.context, watch.descriptor, 0) }
            }
        }
    }

    private func fireWatch(_ id: UInt64, _ events: UInt32) {
        guard let watch = timers.withLock({ $0.watch(id) }), events != 0 else { return }
        inside("watch") { unsafe watch.function(watch.context, watch.descriptor, events) }
    }
}

/// Why a timer or a watch was not taken.
private enum LaneRefusal: Error {
    case gone, limit, exists, invalid
}

extension Result where Success == UInt64, Failure == LaneRefusal {
    fileprivate var status: sluice_status {
        switch self {
        case .success: SLUICE_OK
        case .failure(.gone): SLUICE_E_GONE
        case .failure(.limit): SLUICE_E_LIMIT
        case .failure(.exists): SLUICE_E_EXISTS
        case .failure(.invalid): SLUICE_E_INVALID
        }
    }
}

/// The loop.
extension Lane {
    private func loop() {
        unsafe clinux_lane_set(Unmanaged.passUnretained(self).toOpaque())
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
            let why = ending.acquire() == 0 ? task.why : task.whyEnding
            inside("task") { unsafe task.function(task.context, why) }
            tasks.add(-1)
        case .job:
            let block = unsafe UnsafeMutableRawPointer(message.node)
                .assumingMemoryBound(to: JobBlock.self)
            let body = unsafe block.pointee.body.takeRetainedValue()
            unsafe block.deallocate()
            body.run()
        case .outbound:
            PluginCall.run(message)
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
        guard let descriptors else { return }
        let (due, isOwed) = timers.withLock { ($0.nextDue(), $0.hasEnded) }
        let ready = descriptors.wait(isOwed ? Int32(0) : Self.timeout(until: due))
        gate.sleeping.release(0)
        if ready.isWoken { inbox.clearWake() }
        for event in ready.events { fireWatch(event.number, event.events) }
    }

    /// Milliseconds to wait, rounded up so that a timer is due when the lane wakes.
    private static func timeout(until due: UInt64) -> Int32 {
        guard due != Clock.never else { return -1 }
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
    /// Something happened to an outbound call.
    case outbound

    /// Where the node of a service call's message lies in its block.
    var offset: Int {
        switch self {
        case .request, .task, .job, .outbound: 0
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
    var why: sluice_status
    /// What it is told once the lane ends.
    var whyEnding: sluice_status
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
    /// 1 while the lane waits for something to do.
    var sleeping: Cell

    static var none: LaneGate { LaneGate(inbox: nil, sleeping: Cell.permanent()) }

    /// [any thread] Sends a message, and wakes the lane only if it sleeps.
    func post(_ message: InboxMessage) {
        guard let inbox else { return }
        if inbox.push(message), sleeping.exchange(0) == 1 { inbox.wake() }
    }
}
