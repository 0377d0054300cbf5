internal import SluiceBase
internal import SluiceConfig

/// A run of bytes that waits in one buffer.
struct Piece: BitwiseCopyable {
    var next: Int32
    var offset: UInt32
    var length: UInt32
}

/// Buffers in the order in which their bytes follow each other.
struct Queue: BitwiseCopyable {
    var first: Int32 = -1
    var last: Int32 = -1
    var bytes: Int = 0

    var isEmpty: Bool { first < 0 }
}

/// All network memory of a worker: receive buffers that the kernel fills, send buffers for heads
/// and replies, and large buffers for heads that come in many pieces.
///
/// One number space, one piece of bookkeeping a buffer; a buffer stands in one queue at a time.
struct Buffers: ~Copyable {
    let receive: Arena
    private let send: Arena
    private let heads: Arena
    private let pieces: Table<Piece>
    private let sendStart: Int
    private let headStart: Int
    private var freeSend: Int32 = -1
    private var freeHead: Int32 = -1
    /// Send and large buffers in use.
    private(set) var taken = 0

    /// Bytes of a send buffer: a usual head with a small body.
    static let sendBytes = 16 * kibibyte
    /// Bytes of a large buffer: more than the longest head that is accepted, and not less than a
    /// receive buffer.
    static let headBytes = 64 * kibibyte

    init(_ limits: Limits, receive: Arena) throws(Errno) {
        let sendCount = limits.connectionsPerWorkerMax
        let headCount = limits.largeBuffersPerWorker
        let send = try Arena(count: sendCount, size: Buffers.sendBytes)
        let heads = try Arena(count: headCount, size: Buffers.headBytes)
        self.receive = receive
        self.send = send
        self.heads = heads
        sendStart = receive.count
        headStart = sendStart + sendCount
        pieces = Table(
            repeating: Piece(next: -1, offset: 0, length: 0),
            count: headStart + headCount
        )
        for number in stride(from: headStart - 1, through: sendStart, by: -1) {
            pieces[number].next = freeSend
            freeSend = Int32(number)
        }
        for number in stride(from: headStart + headCount - 1, through: headStart, by: -1) {
            pieces[number].next = freeHead
            freeHead = Int32(number)
        }
    }

    func isReceive(_ buffer: Int32) -> Bool { Int(buffer) < sendStart }
    func isLarge(_ buffer: Int32) -> Bool { Int(buffer) >= headStart }

    subscript(buffer: Int32) -> Piece {
        get { pieces[Int(buffer)] }
        nonmutating set { pieces[Int(buffer)] = newValue }
    }

    /// The waiting bytes of a buffer.
    func bytes(_ buffer: Int32) -> Bytes {
        let piece = pieces[Int(buffer)]
        return memory(buffer, Int(piece.offset), Int(piece.length))
    }

    /// Writes into a buffer from `offset` on.
    func writer(_ buffer: Int32, from offset: Int = 0) -> ByteWriter {
        let number = Int(buffer)
        if number < sendStart { return receive.writer(number, from: offset) }
        if number < headStart { return send.writer(number - sendStart, from: offset) }
        return heads.writer(number - headStart, from: offset)
    }

    private func memory(_ buffer: Int32, _ offset: Int, _ length: Int) -> Bytes {
        let number = Int(buffer)
        if number < sendStart { return receive.bytes(number, offset, length) }
        if number < headStart { return send.bytes(number - sendStart, offset, length) }
        return heads.bytes(number - headStart, offset, length)
    }

    /// A buffer for `count` bytes, at most those of a large one; or -1.
    mutating func take(for count: Int) -> Int32 {
        count <= Buffers.sendBytes ? takeSend() : takeLarge()
    }

    /// A send buffer, or -1.
    mutating func takeSend() -> Int32 {
        let buffer = freeSend
        guard buffer >= 0 else { return -1 }
        freeSend = pieces[Int(buffer)].next
        taken &+= 1
        return buffer
    }

    /// A large buffer, or -1.
    mutating func takeLarge() -> Int32 {
        let buffer = freeHead
        guard buffer >= 0 else { return -1 }
        freeHead = pieces[Int(buffer)].next
        taken &+= 1
        return buffer
    }

    /// Frees a buffer that is not a receive buffer.
    mutating func free(_ buffer: Int32) {
        taken &-= 1
        if isLarge(buffer) {
            pieces[Int(buffer)].next = freeHead
            freeHead = buffer
        } else {
            pieces[Int(buffer)].next = freeSend
            freeSend = buffer
        }
    }
}

extension Buffers {
    /// Adds a buffer whose bytes from `offset` on wait.
    func append(_ buffer: Int32, offset: Int, length: Int, to queue: inout Queue) {
        pieces[Int(buffer)] = Piece(
            next: -1,
            offset: UInt32(truncatingIfNeeded: offset),
            length: UInt32(truncatingIfNeeded: length)
        )
        if queue.last >= 0 { pieces[Int(queue.last)].next = buffer } else { queue.first = buffer }
        queue.last = buffer
        queue.bytes &+= length
    }

    /// Adds a copy of `bytes` to the last buffer of a queue; false when there is no room.
    func extendLast(_ bytes: Bytes, _ queue: inout Queue) -> Bool {
        guard queue.last >= 0 else { return false }
        let piece = pieces[Int(queue.last)]
        let end = Int(piece.offset &+ piece.length)
        var writer = writer(queue.last, from: end)
        guard bytes.count <= writer.remaining else { return false }
        writer.append(bytes)
        pieces[Int(queue.last)].length &+= UInt32(truncatingIfNeeded: bytes.count)
        queue.bytes &+= bytes.count
        return true
    }

    /// Takes the first buffer out; the queue is not empty.
    func takeFirst(_ queue: inout Queue) -> Int32 {
        let buffer = queue.first
        let piece = pieces[Int(buffer)]
        queue.first = piece.next
        if piece.next < 0 { queue.last = -1 }
        queue.bytes &-= Int(piece.length)
        return buffer
    }

    /// Drops the first `count` bytes of a queue's first buffer, which has more than that.
    func trimFirst(_ count: Int, _ queue: inout Queue) {
        pieces[Int(queue.first)].offset &+= UInt32(truncatingIfNeeded: count)
        pieces[Int(queue.first)].length &-= UInt32(truncatingIfNeeded: count)
        queue.bytes &-= count
    }
}

extension Buffers {
    /// Puts a whole queue behind another, which is not empty.
    func link(_ rest: Queue, behind queue: inout Queue) {
        pieces[Int(queue.last)].next = rest.first
        queue.last = rest.last
        queue.bytes &+= rest.bytes
    }
}
