internal import Glibc
internal import SluiceABI
package import SluiceBase

/// One change that a filter has asked for, as views into its log.
package struct FilterEdit: BitwiseCopyable, Sendable {
    /// What is to be done.
    package enum Verb: UInt8, Sendable, BitwiseCopyable {
        /// `value` replaces all fields called `name`.
        case set
        /// One more field.
        case add
        /// All fields called `name` go.
        case remove
        /// `name` is the path, `value` the query where `hasValue`.
        case path
        /// `number` is the status of the response.
        case status
        /// `value` is the content in the place of what is there.
        case body
        /// A hold ends.
        case resume
    }

    package let verb: Verb
    package let side: FilterSide
    package let name: Bytes
    package let value: Bytes
    package let hasValue: Bool
    package let number: UInt64
}

/// Which of the two messages of an exchange; the values are those of `SLUICE_REQUEST` and
/// `SLUICE_RESPONSE`.
package enum FilterSide: UInt8, Sendable, BitwiseCopyable {
    case request = 0
    case response = 1
}

/// Changes that a filter has asked for, in order: records in one run of memory that grows up to a
/// bound.
@safe
package struct FilterLog: @unchecked Sendable, BitwiseCopyable {
    /// Memory an unused log keeps; a larger one is given back.
    private static let bytesKept = 64 << 10

    /// What stands before the bytes of name and value.
    private struct Record: BitwiseCopyable {
        var number: UInt64
        var nameLength: UInt32
        var valueLength: UInt32
        var verb: UInt8
        var side: UInt8
        var hasValue: Bool
    }

    @safe
    private struct Block: BitwiseCopyable {
        var storage: UnsafeMutablePointer<UInt8>
        var capacity: Int
        var used: Int
        var count: Int
    }

    private let block: UnsafeMutablePointer<Block>

    /// An empty log.
    static func make(_ bytes: Int = 4 << 10) -> FilterLog {
        let block = UnsafeMutablePointer<Block>.allocate(capacity: 1)
        unsafe block.initialize(
            to: Block(storage: CallMemory.take(bytes), capacity: bytes, used: 0, count: 0)
        )
        return unsafe FilterLog(block: block)
    }

    private init(block: UnsafeMutablePointer<Block>) { unsafe self.block = block }

    func free() {
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.deallocate()
    }

    /// Forgets all records.
    func clear() {
        unsafe block.pointee.used = 0
        unsafe block.pointee.count = 0
        guard unsafe block.pointee.capacity > Self.bytesKept else { return }
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.pointee.storage = CallMemory.take(4 << 10)
        unsafe block.pointee.capacity = 4 << 10
    }

    package var isEmpty: Bool { unsafe block.pointee.count == 0 }

    /// Bytes of all records.
    var bytes: Int { unsafe block.pointee.used }

    /// Bytes that a record with so much name and value takes.
    static func size(_ name: Int, _ value: Int) -> Int {
        (MemoryLayout<Record>.stride + name + value + 7) & ~7
    }

    /// Adds a record; the value is what `chunks` hold one after the other.
    func add(
        _ verb: FilterEdit.Verb,
        _ side: FilterSide,
        name: Bytes = .empty,
        value: Bytes = .empty,
        hasValue: Bool = false,
        number: UInt64 = 0
    ) {
        let place = begin(verb, side, name, value.count, hasValue, number)
        unsafe memcpy(block.pointee.storage + place, value.start, value.count)
    }

    /// Adds a record whose value is what the chunks hold, one after the other: `total` bytes.
    func add(
        _ side: FilterSide,
        body chunks: UnsafePointer<sluice_chunk>?,
        _ count: Int,
        total: Int
    ) {
        var place = begin(.body, side, .empty, total, true, 0)
        for index in 0..<count {
            guard let chunk = unsafe chunks?[index], let data = unsafe chunk.bytes.data else {
                continue
            }
            unsafe memcpy(block.pointee.storage + place, data, chunk.bytes.len)
            place += unsafe chunk.bytes.len
        }
    }

    /// Writes the fixed part and the name; where the value goes.
    private func begin(
        _ verb: FilterEdit.Verb,
        _ side: FilterSide,
        _ name: Bytes,
        _ valueCount: Int,
        _ hasValue: Bool,
        _ number: UInt64
    ) -> Int {
        let start = unsafe block.pointee.used
        reserve(start + Self.size(name.count, valueCount))
        let record = Record(
            number: number,
            nameLength: UInt32(truncatingIfNeeded: name.count),
            valueLength: UInt32(truncatingIfNeeded: valueCount),
            verb: verb.rawValue,
            side: side.rawValue,
            hasValue: hasValue
        )
        unsafe UnsafeMutableRawPointer(block.pointee.storage)
            .storeBytes(of: record, toByteOffset: start, as: Record.self)
        let place = start + MemoryLayout<Record>.stride
        unsafe memcpy(block.pointee.storage + place, name.start, name.count)
        unsafe block.pointee.used = start + Self.size(name.count, valueCount)
        unsafe block.pointee.count += 1
        return place + name.count
    }

    private func reserve(_ bytes: Int) {
        guard unsafe bytes > block.pointee.capacity else { return }
        let capacity = unsafe max(bytes, 2 * block.pointee.capacity)
        let storage = unsafe CallMemory.take(capacity)
        unsafe memcpy(storage, block.pointee.storage, block.pointee.used)
        unsafe CallMemory.give(block.pointee.storage, block.pointee.capacity)
        unsafe block.pointee.storage = storage
        unsafe block.pointee.capacity = capacity
    }

    /// The record at `offset`, which goes on to the next one; nil behind the last.
    ///
    /// Begin with 0.
    package func next(_ offset: inout Int) -> FilterEdit? {
        guard unsafe offset < block.pointee.used else { return nil }
        let storage = unsafe block.pointee.storage
        let record = unsafe UnsafeRawPointer(storage).load(fromByteOffset: offset, as: Record.self)
        let names = offset + MemoryLayout<Record>.stride
        let (nameLength, valueLength) = (Int(record.nameLength), Int(record.valueLength))
        offset += Self.size(nameLength, valueLength)
        guard let verb = FilterEdit.Verb(rawValue: record.verb),
            let side = FilterSide(rawValue: record.side)
        else { preconditionFailure("a record of the log") }
        return unsafe FilterEdit(
            verb: verb,
            side: side,
            name: Bytes(start: storage + names, count: nameLength),
            value: Bytes(start: storage + names + nameLength, count: valueLength),
            hasValue: record.hasValue,
            number: record.number
        )
    }

    /// Whether a record behind `offset` decides about all fields of this name on this side.
    package func settles(_ name: Bytes, _ side: FilterSide, behind offset: Int = 0) -> Bool {
        var place = offset
        while let edit = next(&place) {
            guard edit.side == side, edit.verb == .set || edit.verb == .remove,
                edit.name.equalsIgnoringCase(name)
            else { continue }
            return true
        }
        return false
    }
}

/// What another thread has asked for a filter that is inside a callback or holds, or the end of a
/// filter slot: a message of a worker's inbox.
@safe
package struct FilterMessage: @unchecked Sendable, BitwiseCopyable {
    /// `InboxMessage.kind` of it.
    private static let messageKind: UInt32 = 0x4654

    private struct Block: BitwiseCopyable {
        var node: InboxNode
        var id: UInt64
        /// The filter slot that has ended, or -1.
        var ended: Int32
        var log: FilterLog
    }

    private let block: UnsafeMutablePointer<Block>

    private init(block: UnsafeMutablePointer<Block>) { unsafe self.block = block }

    /// [any thread] A message about the filter of an exchange, or about a slot that has ended.
    static func make(_ id: UInt64, ended: Int32 = -1, bytes: Int = 64) -> FilterMessage {
        let block = UnsafeMutablePointer<Block>.allocate(capacity: 1)
        unsafe block.initialize(
            to: Block(
                node: InboxNode(kind: messageKind),
                id: id,
                ended: ended,
                log: FilterLog.make(bytes)
            )
        )
        return unsafe FilterMessage(block: block)
    }

    /// The message of a worker's inbox, if it is one.
    package init?(_ message: InboxMessage) {
        guard message.kind == Self.messageKind else { return nil }
        unsafe block = UnsafeMutableRawPointer(message.node).assumingMemoryBound(to: Block.self)
    }

    var message: InboxMessage { unsafe InboxMessage(UnsafeMutableRawPointer(block).asNode) }

    package var id: UInt64 { unsafe block.pointee.id }
    package var log: FilterLog { unsafe block.pointee.log }
    /// The filter slot whose streams are to be ended; nil: it is about one filter.
    package var endedSlot: UInt16? {
        UInt16(exactly: unsafe block.pointee.ended)
    }

    /// [worker] Frees it, once.
    package func free() {
        log.free()
        unsafe block.deallocate()
    }
}
