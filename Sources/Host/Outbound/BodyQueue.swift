/// The pieces of a streamed request body that wait to be sent, with their credit.
struct BodyQueue: ~Copyable {
    enum Read: Equatable {
        case bytes(Int)
        /// As `bytes`, and half of the room has become free for who was told to wait.
        case bytesAndWritable(Int)
        case nothing
        case end
    }

    private static let sharedBytesMax = 16 << 10
    /// Pieces that were read and are still in the list.
    private static let emptyMax = 64

    private var pieces: [[UInt8]] = []
    /// The first piece that waits, and what of it was read.
    private var first = 0
    private var offset = 0
    private var waiting = 0
    /// Bytes that may still come; nil: any number.
    private var expected: Int?
    private var isEnded = true
    private var owesWritable = false
    /// The reader found nothing and has to be told.
    private var isStarved = false

    init() {}

    init(expecting request: PreparedRequest) {
        isEnded = !request.streamsBody
        expected = request.bodyLength < 0 ? nil : request.bodyLength - request.body.count
    }

    var canRead: Bool { waiting > 0 || isEnded }

    mutating func add(_ piece: [UInt8], isLast: Bool) -> (OutboundWrite, wakes: Bool) {
        guard !isEnded else { return (.ended, false) }
        guard waiting + piece.count <= OutboundLimits.bodyBytesMax else { return (.limit, false) }
        if let expected {
            guard piece.count <= expected, !isLast || piece.count == expected else {
                return (.ended, false)
            }
            self.expected = expected - piece.count
        }
        hold(piece)
        isEnded = isLast
        let wakes = isStarved && canRead
        if wakes { isStarved = false }
        guard waiting > OutboundLimits.bodyBytesHigh, !isLast else { return (.taken, wakes) }
        owesWritable = true
        return (.again, wakes)
    }

    /// Small pieces share memory, so that what is held is what was counted.
    private mutating func hold(_ piece: [UInt8]) {
        waiting += piece.count
        if let last = pieces.indices.last, last >= first,
            pieces[last].count + piece.count <= Self.sharedBytesMax
        {
            pieces[last] += piece
        } else if !piece.isEmpty {
            pieces.append(piece)
        }
    }

    mutating func read(into target: UnsafeMutablePointer<UInt8>, _ room: Int) -> Read {
        guard waiting > 0 else {
            isStarved = !isEnded
            return isEnded ? .end : .nothing
        }
        var done = 0
        while done < room, first < pieces.count {
            let count = min(room - done, pieces[first].count - offset)
            unsafe pieces[first].withUnsafeBufferPointer { piece in
                guard let start = piece.baseAddress else { return }
                unsafe (target + done).update(from: start + offset, count: count)
            }
            done += count
            offset += count
            if offset == pieces[first].count { dropFirst() }
        }
        waiting -= done
        guard owesWritable, waiting <= OutboundLimits.bodyBytesHigh / 2 else { return .bytes(done) }
        owesWritable = false
        return .bytesAndWritable(done)
    }

    private mutating func dropFirst() {
        pieces[first] = []
        first += 1
        offset = 0
        guard first == pieces.count || first == Self.emptyMax else { return }
        pieces.removeFirst(first)
        first = 0
    }
}
