internal import SluiceABI

/// Timers, watched descriptors and blocking work whose answers run on the lane.
///
/// Lane only: the closures it is given run on the lane, one at a time, and may touch the plugin.
/// What still runs when the instance stops is ended by the kit.
@safe
public final class Executor {
    /// The way here from any other thread.
    public let lane: Lane

    private let table: UnsafePointer<sluice_exec_api>
    private var running: [ObjectIdentifier: Scheduled] = [:]

    init(_ table: UnsafePointer<sluice_exec_api>) {
        unsafe self.table = unsafe table
        unsafe lane = Lane(table)
    }

    /// Runs `body` once, `delay` from now.
    @discardableResult
    public func after(
        _ delay: Duration,
        _ body: @escaping () -> Void
    ) throws(PluginError) -> Scheduled {
        try schedule(first: delay.nanoseconds, every: 0, body)
    }

    /// Runs `body` every `period`, the first time one period from now.
    @discardableResult
    public func every(
        _ period: Duration,
        _ body: @escaping () -> Void
    ) throws(PluginError) -> Scheduled {
        let nanoseconds = max(period.nanoseconds, 1)
        return try schedule(first: nanoseconds, every: nanoseconds, body)
    }

    /// Runs `body` each time `fd` is ready for `events` (level triggered).
    ///
    /// The descriptor stays the caller's; `ended` runs on the lane when the host has let go of it,
    /// which is the time to close it.
    @discardableResult
    public func watch(
        fd: Int32,
        for events: Readiness,
        ended: @escaping () -> Void = {},
        _ body: @escaping (Readiness) -> Void
    ) throws(PluginError) -> Scheduled {
        guard let watch = unsafe table.pointee.watch_fd else { throw missing("watch_fd") }
        let scheduled = Scheduled(owner: self, isOnce: false, body, ended: ended)
        var id: sluice_tid = 0
        let status = unsafe watch(
            table,
            fd,
            events.rawValue,
            watchReady,
            scheduled.context(),
            &id
        )
        return try begun(scheduled, id, status, "watching descriptor \(fd)")
    }

    /// Runs `work` on the host's bounded pool, then `then` on the lane with what it found.
    ///
    /// Throws `.limit` when the instance's queue is full.
    public func blocking<Found: Sendable>(
        _ work: @escaping @Sendable () -> Found,
        then: @escaping (Found) -> Void
    ) throws(PluginError) {
        guard let blocking = unsafe table.pointee.blocking else { throw missing("blocking") }
        let errand = Errand(work: work, then: then)
        let context = unsafe Unmanaged.passRetained(errand as ErrandBase).toOpaque()
        let status = unsafe blocking(table, runErrand, finishErrand, context)
        if status < 0 {
            unsafe Unmanaged<ErrandBase>.fromOpaque(context).release()
            throw refused(status, "blocking work")
        }
    }

    fileprivate func cancel(_ scheduled: Scheduled) {
        guard running.removeValue(forKey: ObjectIdentifier(scheduled)) != nil else { return }
        // GONE is an answer too: the final call is on its way.
        if let cancel = unsafe table.pointee.cancel { _ = unsafe cancel(table, scheduled.id) }
    }

    fileprivate func finished(_ scheduled: Scheduled) {
        running[ObjectIdentifier(scheduled)] = nil
    }

    func cancelAll() {
        for scheduled in Array(running.values) { cancel(scheduled) }
    }

    private func schedule(
        first: UInt64,
        every: UInt64,
        _ body: @escaping () -> Void
    ) throws(PluginError) -> Scheduled {
        guard let timer = unsafe table.pointee.timer else { throw missing("timer") }
        let scheduled = Scheduled(owner: self, isOnce: every == 0) { _ in body() }
        var id: sluice_tid = 0
        let status = unsafe timer(
            table,
            first,
            every,
            timerFired,
            scheduled.context(),
            &id
        )
        return try begun(scheduled, id, status, "starting a timer")
    }

    private func begun(
        _ scheduled: Scheduled,
        _ id: sluice_tid,
        _ status: sluice_status,
        _ deed: String
    ) throws(PluginError) -> Scheduled {
        if status < 0 {
            scheduled.release()
            throw refused(status, deed)
        }
        scheduled.id = id
        running[ObjectIdentifier(scheduled)] = scheduled
        return scheduled
    }
}

/// A timer or watch that may be ended.
///
/// Lane only.
public final class Scheduled {
    fileprivate var id: sluice_tid = 0
    private weak var owner: Executor?
    private let isOnce: Bool
    private let ended: (() -> Void)?
    private var body: ((Readiness) -> Void)?

    fileprivate init(
        owner: Executor,
        isOnce: Bool,
        _ body: @escaping (Readiness) -> Void,
        ended: (() -> Void)? = nil
    ) {
        self.owner = owner
        self.isOnce = isOnce
        self.ended = ended
        self.body = body
    }

    /// Ends it; the closure does not run again.
    ///
    /// Harmless when it has ended already.
    public func cancel() {
        body = nil
        owner?.cancel(self)
    }

    fileprivate func run(_ ready: Readiness) {
        let run = body
        // Ended first, so that the body may schedule and cancel as it likes.
        if isOnce { finish() }
        run?(ready)
    }

    /// The host has made its final call.
    fileprivate func finish() {
        body = nil
        owner?.finished(self)
        ended?()
        release()
    }

    /// A reference for the host, given back by its final call.
    fileprivate func context() -> UnsafeMutableRawPointer {
        unsafe Unmanaged.passRetained(self).toOpaque()
    }

    fileprivate func release() {
        unsafe Unmanaged.passUnretained(self).release()
    }
}

/// What a descriptor is ready for, as poll(2) numbers it.
public struct Readiness: OptionSet, Sendable {
    /// POLL* bits.
    public let rawValue: UInt32

    /// Wraps POLL* bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// There is something to read (POLLIN).
    public static let readable = Readiness(rawValue: 0x001)
    /// There is room to write (POLLOUT).
    public static let writable = Readiness(rawValue: 0x004)
    /// The descriptor has an error (POLLERR); always reported.
    public static let failed = Readiness(rawValue: 0x008)
    /// The other end has gone (POLLHUP); always reported.
    public static let hungUp = Readiness(rawValue: 0x010)
}

/// The errand without its type, so that a C callback can find it.
private class ErrandBase {
    func run() {}
    func finish() {}
}

private final class Errand<Found: Sendable>: ErrandBase {
    private let work: @Sendable () -> Found
    private let then: (Found) -> Void
    private var found: Found?

    init(work: @escaping @Sendable () -> Found, then: @escaping (Found) -> Void) {
        self.work = work
        self.then = then
    }

    override func run() {
        found = work()
    }

    override func finish() {
        if let found { then(found) }
    }
}

private func runErrand(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<ErrandBase>.fromOpaque(context).takeUnretainedValue().run()
}

private func finishErrand(_ context: UnsafeMutableRawPointer?, _ why: sluice_status) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<ErrandBase>.fromOpaque(context).takeRetainedValue().finish()
}

private func timerFired(_ context: UnsafeMutableRawPointer?, _ why: sluice_status) {
    guard let context = unsafe context else { return }
    let scheduled = unsafe Unmanaged<Scheduled>.fromOpaque(context).takeUnretainedValue()
    if why == SLUICE_OK { scheduled.run([]) } else { scheduled.finish() }
}

private func watchReady(_ context: UnsafeMutableRawPointer?, _ fd: Int32, _ ready: UInt32) {
    guard let context = unsafe context else { return }
    let scheduled = unsafe Unmanaged<Scheduled>.fromOpaque(context).takeUnretainedValue()
    if ready == 0 { scheduled.finish() } else { scheduled.run(Readiness(rawValue: ready)) }
}

/// The way to the instance's lane, and the host's clock.
///
/// Any thread.
@safe
public struct Lane: @unchecked Sendable {
    private let table: UnsafePointer<sluice_exec_api>

    init(_ table: UnsafePointer<sluice_exec_api>) {
        unsafe self.table = unsafe table
    }

    /// The monotonic clock of the host's loops, in nanoseconds.
    public var now: UInt64 {
        guard let clock = unsafe table.pointee.now_ns else { return 0 }
        return unsafe clock(table)
    }

    /// Runs `body` once on the lane, in the order of this thread's posts.
    ///
    /// Throws `.gone` after the instance has stopped; `body` is dropped then.
    public func post(_ body: @escaping @Sendable () -> Void) throws(PluginError) {
        guard let post = unsafe table.pointee.post else { throw missing("post") }
        let context = unsafe Unmanaged.passRetained(Posted(body)).toOpaque()
        let status = unsafe post(table, runPosted, context)
        if status < 0 {
            unsafe Unmanaged<Posted>.fromOpaque(context).release()
            throw refused(status, "posting to the lane")
        }
    }

    /// Tells the host that the work announced by `Drain.pending` is done.
    public func drained() {
        if let drained = unsafe table.pointee.drained { unsafe drained(table) }
    }
}

private final class Posted {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runPosted(_ context: UnsafeMutableRawPointer?, _ why: sluice_status) {
    guard let context = unsafe context else { return }
    let posted = unsafe Unmanaged<Posted>.fromOpaque(context).takeRetainedValue()
    if why == SLUICE_OK { posted.body() }
}

/// The error for a table whose function is not filled in.
func missing(_ function: String) -> PluginError {
    PluginError(.unsupported, "the host does not support \(function)")
}

/// The error for a call that the host answered with a failure.
func refused(_ status: sluice_status, _ deed: String) -> PluginError {
    PluginError(Status(rawValue: status), "\(deed): the host answered \(Status(rawValue: status))")
}
