internal import CLinux
internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import Synchronization

/// One piece of blocking work of a plugin.
@safe
struct PoolWork: @unchecked Sendable {
    let instance: Instance
    let work: sluice_work
    /// Runs on the lane, always: the final call.
    let done: sluice_task
    let context: UnsafeMutableRawPointer?
}

/// A few threads for work that blocks, shared by all plugins; started when first needed.
///
/// The share is fair: of the instances whose work waits, the one with the least that runs comes
/// next. One whose work would have to wait for that of others altogether gets a thread beyond
/// `threadsMax`, so work that never ends holds up only its own instance.
@safe
final class Pool: @unchecked Sendable {
    private struct Share {
        var waiting: [PoolWork] = []
        var running = 0
        /// It has stopped: nothing more is taken.
        var isClosed = false
    }

    private struct State {
        var shares: [Int32: Share] = [:]
        var waiting = 0
        var threads = 0
        var idle = 0
    }

    private let threadsMax: Int
    private let queueMax: Int
    private let state = Mutex(State())
    private let signal: UnsafeMutablePointer<sem_t>

    /// Whether the caller is one of a pool's threads.
    static var isCurrent: Bool { clinux_pool_get() != 0 }

    init(threadsMax: Int, queueMax: Int) {
        self.threadsMax = threadsMax
        self.queueMax = queueMax
        unsafe signal = .allocate(capacity: 1)
        unsafe sem_init(signal, 0, 0)
    }

    /// [any thread] Queues work; `SLUICE_E_LIMIT` when the instance has too much waiting.
    func submit(_ work: PoolWork) -> sluice_status {
        let index = work.instance.index
        let (status, needsThread) = state.withLock { state -> (sluice_status, Bool) in
            var share = state.shares[index] ?? Share()
            guard !share.isClosed, !work.instance.isStopped else { return (SLUICE_E_GONE, false) }
            guard share.waiting.count + share.running < queueMax else {
                return (SLUICE_E_LIMIT, false)
            }
            share.waiting.append(work)
            state.shares[index] = share
            state.waiting += 1
            guard state.idle < state.waiting else { return (SLUICE_OK, false) }
            guard state.threads < threadsMax || share.running == 0 && share.waiting.count == 1
            else { return (SLUICE_OK, false) }
            state.threads += 1
            return (SLUICE_OK, true)
        }
        guard status == SLUICE_OK else { return status }
        if needsThread { start() }
        unsafe sem_post(signal)
        return SLUICE_OK
    }

    /// [any thread] Takes nothing more of `instance`: what waits comes back with
    /// `SLUICE_E_CANCELED`.
    func close(_ instance: Instance) {
        let dropped = state.withLock { state -> [PoolWork] in
            var share = state.shares[instance.index] ?? Share()
            let dropped = share.waiting
            share.waiting = []
            share.isClosed = true
            state.shares[instance.index] = share
            state.waiting -= dropped.count
            return dropped
        }
        for work in dropped {
            unsafe instance.lane.finish(work.done, work.context, SLUICE_E_CANCELED)
        }
    }

    /// Work of `instance` that runs, or waits.
    func owed(_ instance: Instance) -> Int {
        state.withLock { state in
            state.shares[instance.index].map { $0.running + $0.waiting.count } ?? 0
        }
    }

    /// Forgets an instance that has ended, so that another may have its number.
    func forget(_ instance: Instance) {
        state.withLock { $0.shares[instance.index] = nil }
    }

    private func start() {
        let thread = try? Thread(name: "plugin-pool") { [self] in loop() }
        if thread == nil { state.withLock { $0.threads -= 1 } }
    }

    private func loop() {
        clinux_pool_set(1)
        while let turn = state.withLock({ next(&$0) }) {
            if case .work(let work) = turn {
                run(work)
                continue
            }
            while unsafe sem_wait(signal) != 0 {}
            let work = state.withLock { state in
                state.idle -= 1
                return take(&state, most: .max)
            }
            if let work { run(work) }
        }
    }

    private enum Turn {
        case work(PoolWork)
        case wait
    }

    /// What a thread does next: work, or wait for some; nil: it ends.
    ///
    /// A thread beyond `threadsMax` is there for instances that have nothing running.
    private func next(_ state: inout State) -> Turn? {
        guard state.threads > threadsMax else {
            state.idle += 1
            return .wait
        }
        if let work = take(&state, most: 0) { return .work(work) }
        state.threads -= 1
        return nil
    }

    /// The oldest work of the instance that has the least running, and no more than `most`.
    private func take(_ state: inout State, most: Int) -> PoolWork? {
        let next = state.shares.filter { !$0.value.waiting.isEmpty && $0.value.running <= most }
            .min { ($0.value.running, $0.key) < ($1.value.running, $1.key) }
        guard let index = next?.key else { return nil }
        state.waiting -= 1
        state.shares[index]?.running += 1
        return state.shares[index]?.waiting.removeFirst()
    }

    private func run(_ work: PoolWork) {
        let before = Entered.enter(work.instance.index, "work")
        unsafe work.work(work.context)
        Entered.leave(to: before)
        unsafe work.instance.lane.finish(work.done, work.context, SLUICE_OK)
        state.withLock { $0.shares[work.instance.index]?.running -= 1 }
    }
}
