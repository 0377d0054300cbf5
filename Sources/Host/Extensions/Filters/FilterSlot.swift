package import SluiceABI
internal import SluiceBase
internal import SluiceConfig
internal import Synchronization

/// What a filter needs to see; the values are those of `SLUICE_WANTS_*`.
package struct FilterWants: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let requestBody = FilterWants(rawValue: UInt32(SLUICE_WANTS_REQUEST_BODY))
    package static let response = FilterWants(rawValue: UInt32(SLUICE_WANTS_RESPONSE))
    package static let responseBody = FilterWants(rawValue: UInt32(SLUICE_WANTS_RESPONSE_BODY))
    package static let trailers = FilterWants(rawValue: UInt32(SLUICE_WANTS_TRAILERS))
}

/// The filter of one plugin instance, as the workers read it.
@safe
struct FilterSlot: BitwiseCopyable {
    enum State {
        static let empty: UInt64 = 0
        /// Loaded, not started.
        static let waiting: UInt64 = 1
        static let serving: UInt64 = 2
        /// No exchange begins with it; those that are open are being ended.
        static let ending: UInt64 = 3
    }

    /// `State`; written by the life cycle, read by everybody.
    var state: Cell
    /// Exchanges that it was opened for and not closed.
    var open: Cell
    var instance: Int32
    var plugin: UnsafeMutableRawPointer?
    var operations: sluice_filter_ops
    var wants: FilterWants
    /// Time a callback may hold its worker before it is reported.
    var budgetNanoseconds: UInt64
    /// When it was last reported that one took longer.
    var reported: Cell

    static func empty() -> FilterSlot {
        unsafe FilterSlot(
            state: Cell.permanent(),
            open: Cell.permanent(),
            instance: -1,
            plugin: nil,
            operations: sluice_filter_ops(),
            wants: [],
            budgetNanoseconds: .max,
            reported: Cell.permanent()
        )
    }
}

/// The filters of all plugins, as the workers see them.
///
/// One table a process, like that of the services. On the path of a request nothing here locks,
/// allocates in the steady state or counts references.
@safe
package struct Filters: @unchecked Sendable, BitwiseCopyable {
    /// Filter slots of one process.
    package static let slotsMax = 256

    /// The table of this process.
    package static let process = Filters()

    private let slots: UnsafeMutablePointer<FilterSlot>
    private let frames: UnsafeMutablePointer<FilterFrame?>

    private init() {
        unsafe slots = .allocate(capacity: Self.slotsMax)
        unsafe frames = .allocate(capacity: Services.workersMax)
        for index in 0..<Self.slotsMax { unsafe (slots + index).initialize(to: .empty()) }
        unsafe frames.initialize(repeating: nil, count: Services.workersMax)
    }

    func slot(_ index: UInt16) -> UnsafeMutablePointer<FilterSlot> {
        precondition(Int(index) < Self.slotsMax, "filter slot")
        return unsafe slots + Int(index)
    }

    /// Makes the frame of a worker and room for the identities of its filters, before it serves;
    /// `Services.attach` has named its inbox.
    package func attach(worker: Int, filters count: Int, terms: FilterTerms) {
        precondition(worker >= 0 && worker < Services.workersMax, "worker index")
        Services.process.exchanges.reserve(worker: worker, filters: count)
        if unsafe frames[worker] == nil { unsafe frames[worker] = FilterFrame.make() }
        unsafe frames[worker]?.terms = terms
    }

    /// The frame of a worker that was attached.
    package func frame(worker: Int) -> FilterFrame? {
        guard worker >= 0, worker < Services.workersMax else { return nil }
        return unsafe frames[worker]
    }

    /// [worker] What the filter in a slot wants to see.
    package func wants(_ index: UInt16) -> FilterWants {
        unsafe slot(index).pointee.wants
    }

    /// [worker] Whether the filter in a slot takes one more exchange; then `close` follows.
    package func admit(_ index: UInt16) -> Bool {
        let slot = unsafe slot(index)
        unsafe slot.pointee.open.add(1)
        // Read after the add: whoever ends the slot reads the other way round.
        guard unsafe slot.pointee.state.acquire() == FilterSlot.State.serving else {
            unsafe slot.pointee.open.add(-1)
            return false
        }
        return true
    }
}

extension Filters {
    /// The functions of `sluice.http`, as plugins have them.
    package var functions: sluice_http_api { unsafe HTTPTable.table.pointee }

    /// [worker] Gives back what `admit` took, for an exchange that was not opened.
    package func leave(_ index: UInt16) { unsafe slot(index).pointee.open.add(-1) }

    /// [worker] Ends a hold of a filter when the inbox is read next.
    package func resume(_ id: UInt64, _ side: FilterSide) {
        _ = FilterTable.resume(id, UInt32(side.rawValue))
    }

    /// [worker] So many bytes of a streamed answer of a filter have left.
    package func earn(_ id: UInt64, _ count: Int) {
        _ = Services.process.exchanges.earn(count, id)
    }
}

/// What bounds the edits of filters.
package struct FilterTerms: Sendable, BitwiseCopyable {
    /// Bytes of a head.
    package let headBytesMax: Int
    /// Bytes of content that a filter may hold or put in place of another.
    package let bodyBytesMax: Int

    package init(headBytesMax: Int, bodyBytesMax: Int) {
        self.headBytesMax = headBytesMax
        self.bodyBytesMax = bodyBytesMax
    }
}

/// Which filter slots are taken: control side.
private let takenFilters = Mutex<Set<UInt16>>([])

extension Filters {
    /// Takes a slot for an instance that is created and not yet started; nil: all are taken.
    func add(_ operations: sluice_filter_ops, _ instance: Instance, _ limits: Limits) -> UInt16? {
        let index = unsafe take(
            operations,
            instance: instance.index,
            plugin: instance.plugin,
            budget: UInt64(limits.handlerBudgetNanoseconds)
        )
        if let index { FilterConfigurations.process.know(instance, index) }
        return index
    }

    /// Takes a slot for filter operations; nil: all are taken.
    package func take(
        _ operations: sluice_filter_ops,
        instance: Int32,
        plugin: UnsafeMutableRawPointer?,
        budget: UInt64
    ) -> UInt16? {
        let free = takenFilters.withLock { taken in
            let free = (0..<UInt16(Self.slotsMax)).first { !taken.contains($0) }
            if let free { taken.insert(free) }
            return free
        }
        guard let free else { return nil }
        let slot = unsafe slot(free)
        unsafe slot.pointee.instance = instance
        unsafe slot.pointee.plugin = plugin
        unsafe slot.pointee.operations = operations
        unsafe slot.pointee.wants = FilterWants(rawValue: operations.wants)
        unsafe slot.pointee.budgetNanoseconds = budget
        unsafe slot.pointee.state.release(FilterSlot.State.waiting)
        return free
    }

    /// Exchanges begin to pass the filter.
    package func serve(_ index: UInt16) {
        unsafe slot(index).pointee.state.release(FilterSlot.State.serving)
    }

    /// No exchange begins with the filter any more, and the workers end those that are open.
    package func end(_ index: UInt16) {
        let slot = unsafe slot(index)
        guard
            unsafe slot.pointee.state.exchange(FilterSlot.State.ending)
                != FilterSlot.State.ending
        else { return }
        for worker in 0..<Services.workersMax {
            let store = Services.process.store(worker: worker)
            guard let inbox = unsafe store.block.pointee.inbox else { continue }
            inbox.post(FilterMessage.make(0, ended: Int32(index)).message)
        }
    }

    /// Exchanges that have opened the filter and not closed it.
    package func open(_ index: UInt16) -> Int {
        // An addition, so that either it counts an exchange of `admit` or that sees the state.
        Int(unsafe slot(index).pointee.open.add(0))
    }

    /// Gives the slot of an ended filter back; no exchange has it open.
    package func remove(_ index: UInt16) {
        unsafe slot(index).pointee.state.release(FilterSlot.State.empty)
        takenFilters.withLock { _ = $0.remove(index) }
    }
}
