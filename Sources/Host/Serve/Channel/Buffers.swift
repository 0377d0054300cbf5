package import SluiceBase
package import SluiceConfig
internal import SluiceExtensions

/// The number of a buffer: receive buffers first, then small ones, then large ones.
package struct BufferNumber: SlotNumber {
    package let number: Int32

    package init(number: Int32) { self.number = number }
}

/// All network memory of a worker.
///
/// Three kinds in one number space: receive buffers that the kernel fills, small buffers for heads
/// and short messages, large buffers for what is copied when receive buffers are scarce. A buffer
/// is held by the pieces that lie in it (`references`) and goes back when the last one is dropped.
/// Buffers lent plus free equal all: `check` asserts it.
package struct Buffers: ~Copyable {
    /// Bytes of a small buffer.
    package static var smallBytes: Int { 4 * kibibyte }
    /// Bytes of a large buffer: more than the longest head that is accepted.
    package static var largeBytes: Int { 64 * kibibyte }
    /// Pieces of at most this length are copied behind the one before rather than kept in a buffer
    /// of their own.
    static var copiedBytesMax: Int { smallBytes }

    let receive: Arena
    private let small: Arena
    private let large: Arena
    private let references: Table<UInt16>
    private let nextFree: Table<Int32>
    private let foreignBytesMax: Int
    private let smallStart: Int
    private let largeStart: Int
    /// One row: what changes.
    ///
    /// It lies behind a pointer, so that queues in other tables can be
    /// passed along.
    private let state: Table<State>
    let pieces: Slots<PieceSlot, Piece>
    private let inPlace = InPlace()

    private struct State: BitwiseCopyable {
        /// The ends of the free lists, or -1.
        var firstSmall: Int32 = -1
        var firstLarge: Int32 = -1
        var firstReturned: Int32 = -1
        var lentHeads = 0
        var lentContent = 0
        var smallTaken = 0
        var largeTaken = 0
        /// Bytes of plugins' answers that wait for readers.
        var foreignBytes = 0
        /// Some small or large buffer was used since `forget`.
        var isUsed = false
    }

    /// Receive buffers that the kernel has handed over.
    package var lentCount: Int { state[0].lentHeads + state[0].lentContent }
    var smallTaken: Int { state[0].smallTaken }
    var largeTaken: Int { state[0].largeTaken }

    package init(_ limits: Limits, receive: Arena) throws(Errno) {
        let small = try Arena(count: limits.smallBuffersPerWorker, size: Buffers.smallBytes)
        let large = try Arena(count: limits.largeBuffersPerWorker, size: Buffers.largeBytes)
        self.receive = receive
        foreignBytesMax = limits.answerBytesPerWorkerMax
        self.small = small
        self.large = large
        smallStart = receive.count
        largeStart = smallStart + small.count
        let total = largeStart + large.count
        references = Table(repeating: 0, count: total)
        nextFree = Table(repeating: -1, count: total)
        pieces = Slots(capacity: Buffers.piecesPerBuffer * total)
        state = Table(repeating: State(), count: 1)
        for number in stride(from: largeStart - 1, through: smallStart, by: -1) {
            nextFree[number] = state[0].firstSmall
            state[0].firstSmall = Int32(number)
        }
        for number in stride(from: total - 1, through: largeStart, by: -1) {
            nextFree[number] = state[0].firstLarge
            state[0].firstLarge = Int32(number)
        }
    }

    /// Pieces there may be, for each buffer; beyond it an exchange fails for want of memory.
    private static let piecesPerBuffer = 4

    /// Bytes of memory that a buffer keeps from others.
    package func size(_ buffer: BufferNumber) -> Int {
        if buffer.index < smallStart { return receive.size }
        return buffer.index < largeStart ? Buffers.smallBytes : Buffers.largeBytes
    }

    func memory(_ buffer: BufferNumber, _ offset: Int, _ length: Int) -> Bytes {
        let number = buffer.index
        if number < smallStart { return receive.bytes(number, offset, length) }
        if number < largeStart { return small.bytes(number - smallStart, offset, length) }
        return large.bytes(number - largeStart, offset, length)
    }

    /// Writes into a buffer from `offset` on.
    package func writer(_ buffer: BufferNumber, from offset: Int = 0) -> ByteWriter {
        let number = buffer.index
        if number < smallStart { return receive.writer(number, from: offset) }
        if number < largeStart { return small.writer(number - smallStart, from: offset) }
        return large.writer(number - largeStart, from: offset)
    }

    /// The arena of a small or large buffer, and its number there.
    func place(_ buffer: BufferNumber) -> (arena: Arena, number: Int) {
        precondition(buffer.index >= smallStart, "the kernel's buffers hold no records")
        return buffer.index < largeStart
            ? (small, buffer.index - smallStart) : (large, buffer.index - largeStart)
    }
}

// Who holds a buffer.
extension Buffers {
    /// The kernel has filled a receive buffer: it is held once.
    package func lend(_ buffer: BufferNumber) {
        precondition(buffer.index < smallStart && references[buffer.index] == 0, "lent once")
        references[buffer.index] = 1
        if isReserved(buffer) { state[0].lentHeads &+= 1 } else { state[0].lentContent &+= 1 }
    }

    /// A buffer with room for `count` bytes, held once; `.none` when there is none.
    package func take(for count: Int) -> BufferNumber {
        if count <= Buffers.smallBytes {
            if state[0].firstSmall >= 0 { return takeSmall() }
        }
        return count <= Buffers.largeBytes ? takeLarge() : .none
    }

    private func takeSmall() -> BufferNumber {
        let number = state[0].firstSmall
        state[0].firstSmall = nextFree[Int(number)]
        references[Int(number)] = 1
        state[0].smallTaken &+= 1
        state[0].isUsed = true
        return BufferNumber(number: number)
    }

    private func takeLarge() -> BufferNumber {
        let number = state[0].firstLarge
        guard number >= 0 else { return .none }
        state[0].firstLarge = nextFree[Int(number)]
        references[Int(number)] = 1
        state[0].largeTaken &+= 1
        state[0].isUsed = true
        return BufferNumber(number: number)
    }

    func retain(_ buffer: BufferNumber) {
        precondition(references[buffer.index] > 0, "a buffer that somebody holds")
        references[buffer.index] &+= 1
    }

    /// One holder fewer; a receive buffer that nobody holds waits for `takeReturned`.
    func release(_ buffer: BufferNumber) {
        let number = buffer.index
        precondition(references[number] > 0, "a buffer is released as often as it is held")
        references[number] &-= 1
        guard references[number] == 0 else { return }
        if number < smallStart {
            if isReserved(buffer) {
                state[0].lentHeads &-= 1
            } else {
                state[0].lentContent &-= 1
            }
            nextFree[number] = state[0].firstReturned
            state[0].firstReturned = buffer.number
        } else if number < largeStart {
            nextFree[number] = state[0].firstSmall
            state[0].firstSmall = buffer.number
            state[0].smallTaken &-= 1
        } else {
            nextFree[number] = state[0].firstLarge
            state[0].firstLarge = buffer.number
            state[0].largeTaken &-= 1
        }
    }

    /// A receive buffer that goes back to the port; `.none` when there is none.
    package func takeReturned() -> BufferNumber {
        let number = state[0].firstReturned
        if number >= 0 { state[0].firstReturned = nextFree[Int(number)] }
        return BufferNumber(number: number)
    }

    /// Gives the memory of small and large buffers back to the system when none is held.
    func forget() {
        guard taken == 0, state[0].isUsed else { return }
        state[0].isUsed = false
        small.forget()
        large.forget()
    }

    func isHeldOnce(_ buffer: BufferNumber) -> Bool { references[buffer.index] == 1 }

    /// Small and large buffers in use.
    package var taken: Int { smallTaken + largeTaken }

    func countForeign(_ bytes: Int) { state[0].foreignBytes &+= bytes }

    /// Whether so many more bytes of a plugin's answer may wait for a reader.
    func mayHoldForeign(_ bytes: Int) -> Bool {
        state[0].foreignBytes &+ bytes <= foreignBytesMax
    }

    /// Bytes of memory that are held, whatever lies in them.
    var heldBytes: Int {
        state[0].foreignBytes + lentCount * receive.size + smallTaken * Buffers.smallBytes
            + largeTaken * Buffers.largeBytes
    }

    /// Of `count` receive buffers, those that are kept for heads.
    static func reserved(_ count: Int) -> Int { count / 2 }

    private var reservedCount: Int { Buffers.reserved(receive.count) }
    private var sharedCount: Int { receive.count - reservedCount }

    private func isReserved(_ buffer: BufferNumber) -> Bool { buffer.index < reservedCount }

    /// Receive buffers of a group that nobody holds.
    func freeCount(_ group: ReceiveGroup) -> Int {
        switch group {
        case .first, .heads: reservedCount - state[0].lentHeads
        case .content: sharedCount - state[0].lentContent
        }
    }

    /// Whether receive buffers of a kind are scarce: what stays is copied out of them.
    func isScarce(for buffer: BufferNumber) -> Bool {
        isReserved(buffer)
            ? state[0].lentHeads > reservedCount * 3 / 4 : state[0].lentContent > sharedCount / 2
    }

    /// Whether a buffer is one of the last that heads can be read into.
    func isLastOfHeads(_ buffer: BufferNumber) -> Bool {
        isReserved(buffer) && state[0].lentHeads > reservedCount * 7 / 8
    }

    /// Bytes of memory for content that nobody holds.
    var freeBytes: Int {
        (large.count - largeTaken) * Buffers.largeBytes
            + (receive.count - lentCount) * receive.size
    }

    /// Memory is scarce: nothing is read ahead of a slow reader.
    var isScarce: Bool {
        state[0].lentContent > sharedCount / 2 || state[0].lentHeads > reservedCount * 3 / 4
            || largeTaken > large.count * 3 / 4
    }

    /// The next piece of content may find nothing: whoever holds the memory is cut off.
    var isCritical: Bool {
        state[0].lentContent > sharedCount * 7 / 8 && largeTaken >= large.count * 15 / 16
            || state[0].foreignBytes > foreignBytesMax / 8 * 7 || isFull
    }

    /// Enough is free again.
    var isRelieved: Bool {
        state[0].foreignBytes <= foreignBytesMax / 2
            && state[0].lentContent <= sharedCount / 4 && largeTaken <= large.count / 4 && !isFull
    }

    /// There is no room for new work.
    var isFull: Bool {
        smallTaken >= small.count * 15 / 16 || state[0].lentHeads > reservedCount * 7 / 8
    }
}

extension Limits {
    /// Receive buffers that a port keeps for heads; the first ones.
    package var receiveBuffersForHeads: Int { Buffers.reserved(receiveBuffersPerWorker) }
}
