package import SluiceBase
internal import SluiceExtensions

/// The number of a piece.
package struct PieceSlot: SlotNumber {
    package let number: Int32

    package init(number: Int32) { self.number = number }
}

/// A run of bytes in a buffer, or in the answer of a plugin.
struct Piece: BitwiseCopyable {
    var next = PieceSlot.none
    /// `.none`: the bytes are a plugin's.
    var buffer: BufferNumber
    var offset: UInt32
    var length: UInt32
    /// The answer whose body this is part of; it is given back when the piece is dropped.
    var foreign: Answer?
}

/// Pieces whose bytes follow each other.
package struct Queue: BitwiseCopyable {
    package var first = PieceSlot.none
    var last = PieceSlot.none
    private var byteCount: UInt32 = 0
    private var memoryCount: UInt32 = 0

    /// The sum of the pieces' lengths; at most that of all buffers and answers, which is bounded.
    package var bytes: Int {
        get { Int(byteCount) }
        set { byteCount = UInt32(newValue) }
    }

    /// Bytes of memory that the pieces hold; neighbours in one buffer count once.
    package var memory: Int {
        get { Int(memoryCount) }
        set { memoryCount = UInt32(newValue) }
    }

    /// Without bytes.
    package init() {}

    package var isEmpty: Bool { first.isNone }
}

// What a queue is made of.
extension Buffers {
    /// Pieces that some queue has.
    package var piecesUsed: Int { pieces.used }

    package func bytes(_ piece: PieceSlot) -> Bytes {
        let row = pieces[piece]
        if let answer = row.foreign {
            return answer.body.slice(Int(row.offset), Int(row.length))
        }
        return memory(row.buffer, Int(row.offset), Int(row.length))
    }

    /// Adds bytes of a buffer; the caller's hold on the buffer becomes the piece's.
    ///
    /// False when pieces have run out: the hold stays the caller's.
    package func append(
        _ buffer: BufferNumber,
        offset: Int,
        length: Int,
        to queue: inout Queue
    ) -> Bool {
        append(
            Piece(
                buffer: buffer,
                offset: UInt32(truncatingIfNeeded: offset),
                length: UInt32(truncatingIfNeeded: length)
            ),
            to: &queue
        )
    }

    /// Adds a plugin's bytes, which stay where they are.
    func append(foreign answer: Answer, to queue: inout Queue) -> Bool {
        let isAdded = append(
            Piece(
                buffer: .none,
                offset: 0,
                length: UInt32(truncatingIfNeeded: answer.body.count),
                foreign: answer
            ),
            to: &queue
        )
        if isAdded { countForeign(answer.body.count) }
        return isAdded
    }

    private func append(_ piece: Piece, to queue: inout Queue) -> Bool {
        let slot = pieces.take(piece)
        guard !slot.isNone else { return false }
        link(slot, behind: &queue)
        return true
    }

    private func link(_ slot: PieceSlot, behind queue: inout Queue) {
        let piece = pieces[slot]
        let isShared =
            !queue.last.isNone && !piece.buffer.isNone && pieces[queue.last].buffer == piece.buffer
        if !isShared { queue.memory &+= memory(of: piece) }
        if queue.last.isNone { queue.first = slot } else { pieces[queue.last].next = slot }
        queue.last = slot
        queue.bytes &+= Int(piece.length)
    }

    /// Puts a whole queue behind another.
    package func link(_ rest: Queue, behind queue: inout Queue) {
        guard !rest.isEmpty else { return }
        guard !queue.isEmpty else {
            queue = rest
            return
        }
        let (last, first) = (pieces[queue.last], pieces[rest.first])
        let isShared = !first.buffer.isNone && last.buffer == first.buffer
        pieces[queue.last].next = rest.first
        queue.last = rest.last
        queue.bytes &+= rest.bytes
        queue.memory &+= rest.memory &- (isShared ? size(first.buffer) : 0)
    }

    private func memory(of piece: Piece) -> Int {
        piece.buffer.isNone ? piece.foreign?.body.count ?? 0 : size(piece.buffer)
    }

    /// Adds a copy of `bytes`: behind the last piece where its buffer has room, else in a buffer of
    /// its own; false when there is no memory.
    package func append(copy bytes: Bytes, to queue: inout Queue) -> Bool {
        if extendLast(bytes, &queue) { return true }
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, Buffers.largeBytes)
            let buffer = take(for: count)
            guard !buffer.isNone else { return false }
            var writer = writer(buffer)
            writer.append(rest.prefix(count))
            guard append(buffer, offset: 0, length: count, to: &queue) else {
                release(buffer)
                return false
            }
            rest = rest.from(count)
        }
        return true
    }

    /// Copies `bytes` behind the last piece of a queue; false when there is no room.
    private func extendLast(_ bytes: Bytes, _ queue: inout Queue) -> Bool {
        guard !queue.last.isNone else { return false }
        let piece = pieces[queue.last]
        guard !piece.buffer.isNone, isHeldOnce(piece.buffer) else { return false }
        let end = Int(piece.offset &+ piece.length)
        guard bytes.count <= size(piece.buffer) &- end else { return false }
        var writer = writer(piece.buffer, from: end)
        writer.append(bytes)
        pieces[queue.last].length &+= UInt32(truncatingIfNeeded: bytes.count)
        queue.bytes &+= bytes.count
        return true
    }
}

// Bytes on their way: from queue to queue, and away.
extension Buffers {
    /// Drops the first `count` bytes of a queue.
    package func drop(_ count: Int, from queue: inout Queue) {
        var left = count
        while left > 0 {
            let length = Int(pieces[queue.first].length)
            if left < length {
                pieces[queue.first].offset &+= UInt32(truncatingIfNeeded: left)
                pieces[queue.first].length &-= UInt32(truncatingIfNeeded: left)
                queue.bytes &-= left
                return
            }
            left &-= length
            dropFirst(&queue)
        }
    }

    private func dropFirst(_ queue: inout Queue) {
        let slot = queue.first
        let piece = pieces[slot]
        unlinkFirst(&queue)
        pieces.free(slot)
        if !piece.buffer.isNone { release(piece.buffer) }
        if let answer = piece.foreign {
            countForeign(-answer.body.count)
            answer.recycle()
        }
    }

    /// Takes the first piece out of a queue without giving it up.
    private func unlinkFirst(_ queue: inout Queue) {
        let piece = pieces[queue.first]
        let next = piece.next
        let isShared =
            !next.isNone && !piece.buffer.isNone && pieces[next].buffer == piece.buffer
        if !isShared { queue.memory &-= memory(of: piece) }
        queue.bytes &-= Int(piece.length)
        queue.first = next
        if next.isNone { queue.last = .none }
    }

    package func dropAll(_ queue: inout Queue) {
        while !queue.isEmpty { dropFirst(&queue) }
        precondition(queue.bytes == 0 && queue.memory == 0, "an empty queue holds nothing")
    }

    /// Moves the first `count` bytes of one queue behind another; false when there is no memory.
    ///
    /// Small runs are copied behind what is there, so that many of them do not each hold a buffer;
    /// the rest goes by reference.
    package func move(_ count: Int, from source: inout Queue, to target: inout Queue) -> Bool {
        var left = count
        while left > 0 {
            let slot = source.first
            let piece = pieces[slot]
            let length = min(left, Int(piece.length))
            guard moveFirst(length, from: &source, to: &target) else { return false }
            left &-= length
        }
        return true
    }

    private func moveFirst(
        _ length: Int,
        from source: inout Queue,
        to target: inout Queue
    ) -> Bool {
        let slot = source.first
        let piece = pieces[slot]
        let isCopied =
            length <= Buffers.copiedBytesMax && (!target.isEmpty || isScarce)
        if isCopied, append(copy: bytes(slot).prefix(length), to: &target) {
            drop(length, from: &source)
            return true
        }
        if length == Int(piece.length) {
            unlinkFirst(&source)
            pieces[slot].next = .none
            link(slot, behind: &target)
            return true
        }
        precondition(piece.foreign == nil, "a plugin's answer moves as a whole")
        retain(piece.buffer)
        guard
            append(
                piece.buffer,
                offset: Int(piece.offset),
                length: length,
                to: &target
            )
        else {
            release(piece.buffer)
            return false
        }
        drop(length, from: &source)
        return true
    }

    /// Adds to `target` what `source` holds, and leaves it there; false when there is no memory.
    package func share(_ source: Queue, with target: inout Queue) -> Bool {
        var slot = source.first
        while !slot.isNone {
            let piece = pieces[slot]
            precondition(piece.foreign == nil, "a request's body is the host's own memory")
            if Int(piece.length) <= Buffers.copiedBytesMax {
                guard append(copy: bytes(slot), to: &target) else { return false }
            } else {
                retain(piece.buffer)
                let isAdded = append(
                    piece.buffer,
                    offset: Int(piece.offset),
                    length: Int(piece.length),
                    to: &target
                )
                guard isAdded else {
                    release(piece.buffer)
                    return false
                }
            }
            slot = piece.next
        }
        return true
    }
}

// Bytes that come between others.
extension Buffers {
    /// Adds a copy of `bytes` behind the first `offset` bytes of a queue; false when there is no
    /// memory.
    ///
    /// No byte of the queue moves: the kernel may be reading them.
    package func insert(copy bytes: Bytes, at offset: Int, in queue: inout Queue) -> Bool {
        guard offset < queue.bytes else { return append(copy: bytes, to: &queue) }
        var front = Queue()
        guard split(offset, from: &queue, to: &front) else { return false }
        let isAdded = append(copy: bytes, to: &front)
        link(queue, behind: &front)
        queue = front
        return isAdded
    }

    /// Takes the first `count` bytes of a queue, which has more, without copying any.
    private func split(_ count: Int, from queue: inout Queue, to front: inout Queue) -> Bool {
        var left = count
        while left > 0 {
            let slot = queue.first
            let piece = pieces[slot]
            if Int(piece.length) <= left {
                unlinkFirst(&queue)
                pieces[slot].next = .none
                link(slot, behind: &front)
                left &-= Int(piece.length)
                continue
            }
            precondition(piece.foreign == nil, "a plugin's answer is not split")
            retain(piece.buffer)
            guard
                append(piece.buffer, offset: Int(piece.offset), length: left, to: &front)
            else {
                release(piece.buffer)
                link(queue, behind: &front)
                queue = front
                return false
            }
            drop(left, from: &queue)
            left = 0
        }
        return true
    }
}
