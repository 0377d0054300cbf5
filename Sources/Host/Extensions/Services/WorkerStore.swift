internal import Glibc
internal import SluiceBase

/// What one worker keeps for service calls: its inbox, and unused calls and answers.
///
/// Only the worker takes; lanes give back through `returned`, an atomic list that the worker
/// empties as a whole. In the steady state nothing is allocated.
@safe
struct WorkerStore: @unchecked Sendable, BitwiseCopyable {
    /// Unused answers a worker keeps; more are freed.
    static let answersKept = 1_024

    @safe
    struct Block: BitwiseCopyable {
        var inbox: Inbox?
        /// Since when plugin code runs inline on the worker, 0 when none does; of which instance,
        /// and what for: the address of a static text.
        var enteredAt: Cell
        var enteredInstance: Cell
        var enteredFor: Cell
        var calls: UInt64
        var returned: UInt64
        var answers: UnsafeMutablePointer<Answer.Block>?
        var answerCount: Int
        /// The open call of each exchange: an address, or 0.
        var open: UnsafeMutablePointer<UInt64>?
        var openCount: Int
    }

    let block: UnsafeMutablePointer<Block>

    static func make() -> WorkerStore {
        let block = UnsafeMutablePointer<Block>.allocate(capacity: 1)
        unsafe block.initialize(
            to: Block(
                inbox: nil,
                enteredAt: Cell.permanent(),
                enteredInstance: Cell.permanent(),
                enteredFor: Cell.permanent(),
                calls: 0,
                returned: 0,
                answers: nil,
                answerCount: 0,
                open: nil,
                openCount: 0
            )
        )
        return unsafe WorkerStore(block: block)
    }

    private var returned: Cell {
        let offset = MemoryLayout<Block>.offset(of: \.returned) ?? 0
        return unsafe Cell(
            (UnsafeMutableRawPointer(block) + offset).assumingMemoryBound(to: UInt64.self)
        )
    }

    /// Plugin code that runs inline.
    @safe
    struct Entry {
        /// Monotonic.
        let since: UInt64
        let instance: Int32
        let step: UnsafePointer<CChar>?
    }

    /// [any thread] What runs now.
    ///
    /// The three words are not read at one moment: for a call that has gone on for long they are of
    /// one.
    var entry: Entry? {
        let since = unsafe block.pointee.enteredAt.acquire()
        guard since != 0 else { return nil }
        return unsafe Entry(
            since: since,
            instance: Int32(truncatingIfNeeded: block.pointee.enteredInstance.value),
            step: UnsafePointer(bitPattern: UInt(block.pointee.enteredFor.value))
        )
    }

    /// [worker] Runs code of a plugin on the worker: the thread is marked as inside the instance,
    /// since when and what for.
    func inside<Result>(_ instance: Int32, _ step: StaticString, _ body: () -> Result) -> Result {
        let before = Entered.enter(instance, step)
        let outer = unsafe block.pointee.enteredAt.value
        unsafe block.pointee.enteredInstance.set(UInt64(truncatingIfNeeded: Int64(instance)))
        unsafe block.pointee.enteredFor.set(UInt64(UInt(bitPattern: step.utf8Start)))
        unsafe block.pointee.enteredAt.release(outer == 0 ? Clock.now() : outer)
        let result = body()
        unsafe block.pointee.enteredAt.release(outer)
        Entered.leave(to: before)
        return result
    }

    /// Makes the table of open calls, once.
    func reserve(calls count: Int) {
        guard unsafe block.pointee.openCount < count,
            let table = unsafe calloc(count, MemoryLayout<UInt64>.size)
        else { return }
        unsafe block.pointee.open = table.assumingMemoryBound(to: UInt64.self)
        unsafe block.pointee.openCount = count
    }

    /// [worker] The call of the exchange in `slot` is open until `close`.
    func open(_ call: ServiceCall, slot: Int) {
        cell(slot)?.release(UInt64(UInt(bitPattern: unsafe call.block)))
    }

    /// [any thread] Its `done` has returned.
    func close(_ call: ServiceCall) {
        let address = UInt64(UInt(bitPattern: unsafe call.block))
        // The slot may have another one by now.
        _ = cell(RequestID.slot(call.id))?.exchange(0, ifEqual: address)
    }

    /// [any thread] The open call of an exchange; its memory is never freed, so an old identity
    /// finds nothing.
    func call(_ id: UInt64) -> ServiceCall? {
        let address = cell(RequestID.slot(id)).map { UInt($0.acquire()) } ?? 0
        guard let found = unsafe UnsafeMutablePointer<ServiceCall.Block>(bitPattern: address),
            unsafe found.pointee.id == id
        else { return nil }
        return unsafe ServiceCall(found)
    }

    private func cell(_ slot: Int) -> Cell? {
        guard slot < (unsafe block.pointee.openCount), let open = unsafe block.pointee.open else {
            return nil
        }
        return unsafe Cell(open + slot)
    }

    /// [worker] An unused call; a new one only when none has come back.
    func takeCall() -> ServiceCall {
        if unsafe block.pointee.calls == 0 { unsafe block.pointee.calls = returned.exchange(0) }
        let address = unsafe UInt(block.pointee.calls)
        let found = unsafe UnsafeMutablePointer<ServiceCall.Block>(bitPattern: address)
        guard let found = unsafe found else { return equip(ServiceCall.make()) }
        unsafe block.pointee.calls = found.pointee.next
        return unsafe equip(ServiceCall(found))
    }

    private func equip(_ call: ServiceCall) -> ServiceCall {
        if unsafe call.block.pointee.spare == nil {
            unsafe call.block.pointee.spare = takeAnswer().block
        }
        return call
    }

    private func takeAnswer() -> Answer {
        guard let first = unsafe block.pointee.answers else { return Answer.make() }
        unsafe block.pointee.answers = first.pointee.next
        unsafe block.pointee.answerCount -= 1
        return unsafe Answer(first)
    }

    /// [any thread] Gives a call back.
    func put(_ call: ServiceCall) {
        call.shrink()
        let address = unsafe UInt64(UInt(bitPattern: call.block))
        while true {
            let seen = returned.value
            unsafe call.block.pointee.next = seen
            if returned.exchange(address, ifEqual: seen) { return }
        }
    }

    /// [worker] Gives an answer back.
    func put(_ answer: Answer) {
        guard unsafe block.pointee.answerCount < Self.answersKept else { return answer.discard() }
        answer.shrink()
        unsafe answer.block.pointee.next = block.pointee.answers
        unsafe block.pointee.answers = answer.block
        unsafe block.pointee.answerCount += 1
    }
}

/// The bytes of calls and answers.
///
/// A large piece is a mapping of its own, so that what is given back leaves the process: malloc(3)
/// keeps pieces as large as the largest mapping that it has freed before.
enum CallMemory {
    /// Bytes from which a piece is a mapping.
    private static let mappedMin = 1 << 20

    static func take(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
        guard bytes >= mappedMin else { return .allocate(capacity: bytes) }
        let access = PROT_READ | PROT_WRITE
        let mapping = unsafe mmap(nil, bytes, access, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            preconditionFailure("no memory for a call of \(bytes) bytes")
        }
        return unsafe mapping.assumingMemoryBound(to: UInt8.self)
    }

    /// Gives back what `take(bytes)` returned.
    static func give(_ start: UnsafeMutablePointer<UInt8>, _ bytes: Int) {
        if bytes < mappedMin { unsafe start.deallocate() } else { unsafe munmap(start, bytes) }
    }
}
