internal import Glibc
internal import SluiceBase

/// The exchanges that plugins may answer: two words for each slot of each worker.
///
/// The worker opens and closes; any thread may claim the right to answer. The first word holds the
/// generation and a state, so a stale identity is refused without touching the exchange; the second
/// holds the generation and the credit of a streamed answer.
@safe
package struct Exchanges: @unchecked Sendable, BitwiseCopyable {
    private enum State {
        static let closed: UInt64 = 0
        static let open: UInt64 = 1
        static let claimed: UInt64 = 2
        static let cancelled: UInt64 = 3
        /// The head of an answer is there; its pieces follow.
        static let begun: UInt64 = 4
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
    /// The same of filters, with three words for each.
    private let filters: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>
    private let filterCounts: UnsafeMutablePointer<Int>
    private let workers: Int

    init(workers: Int) {
        self.workers = workers
        unsafe rows = UnsafeMutablePointer.allocate(capacity: workers)
        unsafe rows.initialize(repeating: nil, count: workers)
        unsafe counts = UnsafeMutablePointer.allocate(capacity: workers)
        unsafe counts.initialize(repeating: 0, count: workers)
        unsafe filters = UnsafeMutablePointer.allocate(capacity: workers)
        unsafe filters.initialize(repeating: nil, count: workers)
        unsafe filterCounts = UnsafeMutablePointer.allocate(capacity: workers)
        unsafe filterCounts.initialize(repeating: 0, count: workers)
    }

    /// Makes the row of a worker's filters, once; later calls with no more of them change nothing.
    ///
    /// Its memory costs nothing until it is used.
    func reserve(worker: Int, filters count: Int) {
        precondition(worker >= 0 && worker < workers, "worker index")
        precondition(count <= RequestID.filtersPerWorkerMax, "filters of a worker")
        guard unsafe filterCounts[worker] < count,
            let row = unsafe calloc(3 * count, MemoryLayout<UInt64>.size)
        else { return }
        unsafe filters[worker] = row.assumingMemoryBound(to: UInt64.self)
        unsafe filterCounts[worker] = count
    }

    /// Makes the row of a worker, once; later calls with no more slots change nothing.
    func reserve(worker: Int, slots: Int) {
        precondition(worker >= 0 && worker < workers, "worker index")
        precondition(slots <= RequestID.slotsPerWorkerMax, "slots of a worker")
        guard unsafe counts[worker] < slots else { return }
        let row = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * slots)
        unsafe row.initialize(repeating: 0, count: 2 * slots)
        unsafe rows[worker] = row
        unsafe counts[worker] = slots
    }

    /// [worker] Begins an exchange in `slot` and returns its identity.
    package func open(worker: Int, slot: Int) -> UInt64 {
        guard let word = cell(worker, slot) else { return 0 }
        let before = UInt32(truncatingIfNeeded: word.value >> 8)
        let generation = before == .max ? 1 : before + 1
        credit(worker, slot)?.release(UInt64(generation) << 32)
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
            && (state == State.open || state == State.claimed || state == State.begun)
    }

    /// [any thread] Takes the right to answer, once.
    func claim(_ id: UInt64) -> Claim { step(id, from: State.open, to: State.claimed) }

    /// [any thread] Takes the right to answer piece by piece, once.
    func begin(_ id: UInt64) -> Claim { step(id, from: State.open, to: State.begun) }

    /// [any thread] Whether nobody has answered yet.
    func isOpen(_ id: UInt64) -> Claim {
        guard let word = cell(RequestID.worker(id), RequestID.slot(id)) else { return .gone }
        return claim(word.acquire(), id, wanted: State.open)
    }

    /// [any thread] Ends an answer that was begun, once.
    func finish(_ id: UInt64) -> Claim { step(id, from: State.begun, to: State.claimed) }

    /// [any thread] Whether an answer was begun and goes on.
    func isBegun(_ id: UInt64) -> Claim {
        guard let word = cell(RequestID.worker(id), RequestID.slot(id)) else { return .gone }
        return claim(word.acquire(), id, wanted: State.begun)
    }

    private func step(_ id: UInt64, from state: UInt64, to next: UInt64) -> Claim {
        guard let word = cell(RequestID.worker(id), RequestID.slot(id)) else { return .gone }
        let base = UInt64(RequestID.generation(id)) << 8
        if word.exchange(base | next, ifEqual: base | state) { return .granted }
        return claim(word.acquire(), id, wanted: state)
    }

    private func claim(_ value: UInt64, _ id: UInt64, wanted: UInt64) -> Claim {
        let state = value & 0xff
        guard value >> 8 == UInt64(RequestID.generation(id)), state != State.closed,
            state != State.cancelled
        else { return .gone }
        return state == wanted ? .granted : .taken
    }

    private func cell(_ worker: Int, _ slot: Int) -> Cell? { word(worker, slot, 0) }

    private func credit(_ worker: Int, _ slot: Int) -> Cell? { word(worker, slot, 1) }

    /// What a filter holds; nil when `id` is not a filter's.
    func filterWord(_ id: UInt64) -> Cell? {
        RequestID.isFilter(id) ? word(RequestID.worker(id), RequestID.slot(id), 2) : nil
    }

    private func word(_ worker: Int, _ slot: Int, _ place: Int) -> Cell? {
        guard worker < workers else { return nil }
        if slot & RequestID.filterBit != 0 {
            let number = slot & (RequestID.filterBit - 1)
            guard unsafe number < filterCounts[worker], let row = unsafe filters[worker] else {
                return nil
            }
            return unsafe Cell(row + 3 * number + place)
        }
        guard let row = unsafe rows[worker], unsafe slot < counts[worker] else { return nil }
        return unsafe Cell(row + 2 * slot + place)
    }
}

// Credit: how much of a streamed answer may wait for its reader. The word holds the generation, two
// marks and the bytes that were written and have not left.
extension Exchanges {
    private enum Credit {
        /// The plugin was asked to wait, and hears when there is room again.
        static let waits: UInt64 = 1 << 31
        /// The plugin takes no more of the request until it says so.
        static let pauses: UInt64 = 1 << 30
        /// It is being given a piece, which is its own until it returns.
        static let inside: UInt64 = 1 << 29
        /// It has said meanwhile that it takes more.
        static let resumed: UInt64 = 1 << 28
        static let bytes: UInt64 = 1 << 28 - 1
    }

    /// Bytes that may wait before the plugin is asked to wait, too.
    static let highWater: UInt64 = 256 << 10
    /// Bytes that may wait at most, `limits.serviceAnswerBuffer`; beyond it nothing is taken.
    static let creditMax = Cell.permanent(16 << 20)

    /// Whether a piece of an answer is taken.
    enum Room {
        case taken
        /// Taken, and the plugin is to wait for `writable`.
        case full
        /// Not taken: too much waits already.
        case refused
        case gone
    }

    /// [any thread] Takes room for a piece of an answer that was begun.
    func spend(_ count: Int, _ id: UInt64) -> Room {
        change(id) { word in
            let sum = word & Credit.bytes + UInt64(count)
            guard sum <= min(Self.creditMax.value, Credit.bytes) else {
                return (word | Credit.waits, .refused)
            }
            let marks = word & ~Credit.bytes
            guard sum > Self.highWater else { return (marks | sum, .taken) }
            return (marks | sum | Credit.waits, .full)
        } ?? .gone
    }

    /// [worker] So much has left; whether the plugin waits for that and has room again.
    func earn(_ count: Int, _ id: UInt64) -> Bool {
        change(id) { word in
            let held = word & Credit.bytes
            let left = held - min(held, UInt64(count))
            let marks = word & ~Credit.bytes
            let wakes = marks & Credit.waits != 0 && left <= Self.highWater / 2
            return ((wakes ? marks & ~Credit.waits : marks) | left, wakes)
        } ?? false
    }

    /// [lane] The plugin is being given a piece of the request.
    func enterPiece(_ id: UInt64) {
        _ = change(id) { ($0 & ~(Credit.pauses | Credit.resumed) | Credit.inside, ()) }
    }

    /// [lane] It has returned; whether it takes the next one.
    func leavePiece(_ id: UInt64, pauses: Bool) -> Bool {
        change(id) { word in
            let takesMore = !pauses || word & Credit.resumed != 0
            let rest = word & ~(Credit.inside | Credit.resumed)
            return (takesMore ? rest : rest | Credit.pauses, takesMore)
        } ?? false
    }

    /// [any thread] It takes more; whether it was paused.
    func resume(_ id: UInt64) -> Bool {
        change(id) { word in
            guard word & Credit.inside == 0 else { return (word | Credit.resumed, false) }
            return (word & ~Credit.pauses, word & Credit.pauses != 0)
        } ?? false
    }

    /// Changes the credit of an exchange; nil when it is over.
    private func change<Outcome>(
        _ id: UInt64,
        _ next: (UInt64) -> (UInt64, Outcome)
    ) -> Outcome? {
        guard let word = credit(RequestID.worker(id), RequestID.slot(id)) else { return nil }
        while true {
            let seen = word.acquire()
            guard seen >> 32 == UInt64(RequestID.generation(id)) else { return nil }
            let (changed, outcome) = next(seen & 0xffff_ffff)
            if word.exchange(seen & ~0xffff_ffff | changed, ifEqual: seen) { return outcome }
        }
    }
}

/// The parts of a `sluice_rid`: worker (8 bits), generation (32 bits), slot (24 bits).
///
/// A request identity is a plain number that a plugin may keep for ever; the generation makes a
/// stale one find nothing. Zero is no identity: generations start at 1.
package enum RequestID {
    /// Slots of one worker; a slot number has 24 bits, of which filters have the upper half.
    package static let slotsPerWorkerMax = 1 << 23

    static func make(worker: Int, generation: UInt32, slot: Int) -> UInt64 {
        UInt64(worker) << 56 | UInt64(generation) << 24 | UInt64(slot)
    }

    /// The worker that owns the exchange.
    package static func worker(_ id: UInt64) -> Int { Int(id >> 56) }

    /// The slot that `Exchanges.open` was given.
    package static func slot(_ id: UInt64) -> Int { Int(id & 0xff_ffff) }

    static func generation(_ id: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: id >> 24) }
}
