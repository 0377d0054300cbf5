internal import SluiceBase

/// The exchanges that plugins may answer: one word for each slot of each worker.
///
/// The worker opens and closes; any thread may claim the right to answer. A word holds the
/// generation and a state, so a stale identity is refused without touching the exchange.
@safe
package struct Exchanges: @unchecked Sendable, BitwiseCopyable {
    private enum State {
        static let closed: UInt64 = 0
        static let open: UInt64 = 1
        static let claimed: UInt64 = 2
        static let cancelled: UInt64 = 3
    }

    /// What came of asking for the right to answer.
    enum Claim {
        case granted
        /// Somebody has answered before: `SLUICE_E_STATE`.
        case taken
        /// The exchange is over or wants no answer any more: `SLUICE_E_GONE`.
        case gone
    }

    private let rows: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>
    private let counts: UnsafeMutablePointer<Int>
    private let workers: Int

    init(workers: Int) {
        self.workers = workers
        unsafe rows = UnsafeMutablePointer.allocate(capacity: workers)
        unsafe rows.initialize(repeating: nil, count: workers)
        unsafe counts = UnsafeMutablePointer.allocate(capacity: workers)
        unsafe counts.initialize(repeating: 0, count: workers)
    }

    /// Makes the row of a worker, once; later calls with no more slots change nothing.
    func reserve(worker: Int, slots: Int) {
        precondition(worker >= 0 && worker < workers, "worker index")
        precondition(slots <= RequestID.slotsPerWorkerMax, "slots of a worker")
        guard unsafe counts[worker] < slots else { return }
        let row = UnsafeMutablePointer<UInt64>.allocate(capacity: slots)
        unsafe row.initialize(repeating: 0, count: slots)
        unsafe rows[worker] = row
        unsafe counts[worker] = slots
    }

    /// [worker] Begins an exchange in `slot` and returns its identity.
    package func open(worker: Int, slot: Int) -> UInt64 {
        guard let word = cell(worker, slot) else { return 0 }
        let before = UInt32(truncatingIfNeeded: word.value >> 8)
        let generation = before == .max ? 1 : before + 1
        word.release(UInt64(generation) << 8 | State.open)
        return RequestID.make(worker: worker, generation: generation, slot: slot)
    }

    /// [worker] Ends it: an answer that comes later is gone.
    package func close(_ id: UInt64) { end(id, State.closed) }

    /// [worker] It goes on, but wants no answer: one that comes later is gone.
    func cancel(_ id: UInt64) { end(id, State.cancelled) }

    private func end(_ id: UInt64, _ state: UInt64) {
        guard let word = cell(RequestID.worker(id), RequestID.slot(id)) else { return }
        let base = UInt64(RequestID.generation(id)) << 8
        // Only the worker changes the generation, and whoever claims in between is too late.
        if word.value >> 8 == base >> 8 { word.release(base | state) }
    }

    /// [any thread] Whether the exchange is open and wants its answer, or has it: neither closed
    /// nor cancelled.
    package func isCurrent(_ id: UInt64) -> Bool {
        guard let word = cell(RequestID.worker(id), RequestID.slot(id)) else { return false }
        let value = word.acquire()
        let state = value & 0xff
        return value >> 8 == UInt64(RequestID.generation(id))
            && (state == State.open || state == State.claimed)
    }

    /// [any thread] Takes the right to answer, once.
    func claim(_ id: UInt64) -> Claim {
        guard let word = cell(RequestID.worker(id), RequestID.slot(id)) else { return .gone }
        let base = UInt64(RequestID.generation(id)) << 8
        if word.exchange(base | State.claimed, ifEqual: base | State.open) { return .granted }
        return word.acquire() == base | State.claimed ? .taken : .gone
    }

    private func cell(_ worker: Int, _ slot: Int) -> Cell? {
        guard worker < workers, let row = unsafe rows[worker] else { return nil }
        guard unsafe slot < counts[worker] else { return nil }
        return unsafe Cell(row + slot)
    }
}

/// The parts of a `sluice_rid`: worker (8 bits), generation (32 bits), slot (24 bits).
///
/// A request identity is a plain number that a plugin may keep for ever; the generation makes a
/// stale one find nothing. Zero is no identity: generations start at 1.
package enum RequestID {
    /// Slots of one worker; a slot number has 24 bits.
    package static let slotsPerWorkerMax = 1 << 24

    static func make(worker: Int, generation: UInt32, slot: Int) -> UInt64 {
        UInt64(worker) << 56 | UInt64(generation) << 24 | UInt64(slot)
    }

    /// The worker that owns the exchange.
    package static func worker(_ id: UInt64) -> Int { Int(id >> 56) }

    /// The slot that `Exchanges.open` was given.
    package static func slot(_ id: UInt64) -> Int { Int(id & 0xff_ffff) }

    static func generation(_ id: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: id >> 24) }
}
