/// Up to eight runs of bytes that one send takes, in order.
///
/// The runs are borrowed: whoever hands out a gather says how long they stay in place. The value
/// itself is trivially copied and may go at once.
public struct Gather: BitwiseCopyable, Sendable {
    /// Runs at most.
    @inlinable public static var piecesMax: Int { 8 }

    @usableFromInline var pieces: InlineArray<8, Bytes>
    @usableFromInline var held: Int
    @usableFromInline var sum: Int
    /// The stream ends right behind these bytes: the kernel may keep them until `finish` or
    /// `close`, so that they leave with the end (MSG_MORE).
    public var isLast = false
    /// Nothing waits for the completion: it may come as late as the next one of another operation.
    public var isPatient = false

    @inlinable
    public init() {
        pieces = InlineArray(repeating: .empty)
        held = 0
        sum = 0
    }

    /// A gather of one run.
    @inlinable
    public init(_ bytes: Bytes) {
        self.init()
        append(bytes)
    }

    /// How many runs there are.
    @inlinable public var count: Int { held }

    /// The bytes of all runs.
    @inlinable public var bytes: Int { sum }

    /// Run `place`, below `count`.
    @inlinable
    public subscript(place: Int) -> Bytes {
        precondition(UInt(bitPattern: place) < UInt(bitPattern: held), "gather place")
        return pieces[place]
    }

    /// Adds a run; false when there is no room.
    ///
    /// An empty run takes no room.
    @inlinable @discardableResult
    public mutating func append(_ bytes: Bytes) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard held < Self.piecesMax else { return false }
        pieces[held] = bytes
        held &+= 1
        sum &+= bytes.count
        return true
    }

    /// Drops the first `number` bytes, which are sent: at most `bytes`.
    @inlinable
    public mutating func removeFirst(_ number: Int) {
        precondition(number >= 0 && number <= sum, "bytes of the gather")
        var rest = number
        var first = 0
        while first < held, rest >= pieces[first].count {
            rest &-= pieces[first].count
            first &+= 1
        }
        for place in first..<held { pieces[place &- first] = pieces[place] }
        held &-= first
        sum &-= number
        if rest > 0 { pieces[0] = pieces[0].from(rest) }
    }
}

/// Which receive buffers a receive draws on.
///
/// Heads have buffers of their own, so that a new request and its reply can always be read, however
/// much content is held by slow readers.
package enum ReceiveGroup: UInt16, BitwiseCopyable, Sendable {
    /// Of a new connection: its first bytes alone, into the buffers for heads. A client that says
    /// `Connection: close` sends nothing behind them.
    case first
    /// Of a connection whose next bytes may be a head.
    case heads
    /// Of a connection that was held back for the sake of a slow reader.
    case content
}

/// What the kernel answers to one operation.
package struct Completion: BitwiseCopyable, Sendable {
    /// The token the operation was submitted with.
    package let token: UInt64
    /// A count or a descriptor, or a negative errno.
    package let result: Int32
    /// The receive buffer that holds the bytes, or -1.
    package let buffer: Int32
    /// Whether the operation stays armed and will complete again.
    package let more: Bool

    package init(token: UInt64, result: Int32, buffer: Int32 = -1, more: Bool = false) {
        self.token = token
        self.result = result
        self.buffer = buffer
        self.more = more
    }
}
