internal import CLinux
internal import Glibc
internal import SluiceABI
internal import SluiceBase
internal import Synchronization

/// One piece of blocking work of a plugin.
@safe
struct PoolWork: @unchecked Sendable {
    let instance: Instance
    let work: sluice_task
    let done: sluice_task?
    let context: UnsafeMutableRawPointer?
    /// Where `done` runs.
    let target: sluice_target
}

/// A few threads for work that blocks, shared by all plugins; started when first needed.
@safe
final class Pool: @unchecked Sendable {
    private struct State {
        var waiting: [PoolWork] = []
        /// Work of each instance that waits or runs.
        var counts: [Int32: Int] = [:]
        /// Who waits until the work of an instance has ended.
        var waiters: [Int32: Latch] = [:]
        var threads = 0
        var idle = 0
    }

    private let threadsMax: Int
    private let queueMax: Int
    private let state = Mutex(State())
    private let signal: UnsafeMutablePointer<sem_t>

    init(threadsMax: Int, queueMax: Int) {
        self.threadsMax = threadsMax
        self.queueMax = queueMax
        unsafe signal = .allocate(capacity: 1)
        unsafe sem_init(signal, 0, 0)
    }

    /// [any thread] Queues work; `SLUICE_E_LIMIT` when the instance has too much waiting.
    func submit(_ work: PoolWork) -> sluice_status {
        let index = work.instance.index
        let needsThread: Bool? = state.withLock { state in
            guard state.counts[index, default: 0] < queueMax else { return nil }
            state.counts[index, default: 0] += 1
            state.waiting.append(work)
            guard state.idle < state.waiting.count, state.threads < threadsMax else { return false }
            state.threads += 1
            return true
        }
        guard let needsThread else { return SLUICE_E_LIMIT }
        if needsThread { start() }
        unsafe sem_post(signal)
        return SLUICE_OK
    }

    /// Drops what waits of `instance` and waits for what runs; false: it did not end in time.
    func leave(_ instance: Int32, within nanoseconds: UInt64) -> Bool {
        guard let gate = try? Latch() else { return false }
        let isIdle = state.withLock { state in
            let before = state.waiting.count
            state.waiting.removeAll { $0.instance.index == instance }
            state.counts[instance, default: 0] -= before - state.waiting.count
            guard state.counts[instance, default: 0] > 0 else { return true }
            state.waiters[instance] = gate
            return false
        }
        return isIdle || gate.wait(nanoseconds)
    }

    private func start() {
        let thread = try? Thread(name: "plugin-pool") { [self] in loop() }
        if thread == nil { state.withLock { $0.threads -= 1 } }
    }

    private func loop() {
        while true {
            state.withLock { $0.idle += 1 }
            while unsafe sem_wait(signal) != 0 {}
            let work = state.withLock { state in
                state.idle -= 1
                return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
            }
            if let work { run(work) }
        }
    }

    private func run(_ work: PoolWork) {
        inside(work) { unsafe work.work(work.context) }
        if let done = unsafe work.done {
            if work.target == SLUICE_ON_LANE {
                _ = unsafe work.instance.lane.post(done, work.context)
            } else {
                inside(work) { unsafe done(work.context) }
            }
        }
        let index = work.instance.index
        state.withLock { state in
            state.counts[index, default: 1] -= 1
            if state.counts[index] == 0 { state.waiters.removeValue(forKey: index)?.open() }
        }
    }

    private func inside(_ work: PoolWork, _ body: () -> Void) {
        let caller = Entered.enter(work.instance.index)
        body()
        Entered.leave(to: caller)
    }
}
