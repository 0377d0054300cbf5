internal import SluiceBase

/// The number of a channel.
struct ChannelSlot: SlotNumber {
    let number: Int32
}

/// One socket: its descriptor, the operations that name it, and the bytes on the wire.
///
/// Plain data in a slot. What the bytes mean is the session's business, which has the same number.
struct Channel: BitwiseCopyable {
    /// Where the receive stands.
    enum Receive: UInt8 {
        case idle
        case armed
        /// A cancellation is under way; its completion arms the receive again if it is wanted.
        case ending
    }

    let descriptor: Int32
    let isUpstream: Bool
    /// Operations that name the descriptor and have not completed: receive, send, connect.
    ///
    /// The descriptor closes when there is none.
    var pending: UInt8 = 0
    var receive = Receive.idle
    /// Whether bytes are wanted now; false holds the peer back.
    var wantsReceive = true
    /// It was held back since the last head: it receives into the buffers for content.
    var wasHeld = false
    /// No receive is armed because nothing is expected; a timer arms it.
    var isDeferred = false
    /// No receive buffer was left; the receive is armed again when one comes back.
    var isStarved = false
    /// The peer has ended its stream.
    var atEnd = false
    /// Sending failed: nothing more leaves.
    var isBroken = false
    var isConnecting = false
    var isClosing = false
    /// The peer gets a reset instead of an end.
    var resets = false
    /// The sending half ends when the output has left.
    var finishesAfterOutput = false
    var isFinished = false

    /// Bytes of the output that the kernel was given.
    var inFlight: Int32 = 0
    var input = Queue()
    var output = Queue()
    var receivedBytes: UInt64 = 0
    var sentBytes: UInt64 = 0

    /// What its deadline is about.
    var wait = Wait.none
    var progress = Progress()

    /// When the peer last sent something, and when it last took something.
    var receivedAt: UInt64 = 0
    var movedAt: UInt64 = 0
    /// Bytes that the peer had acknowledged when it was last asked.
    var acknowledged: UInt64 = 0

    /// A channel of an open descriptor, which is its own from here on.
    init(descriptor: Int32, isUpstream: Bool, since now: UInt64) {
        self.descriptor = descriptor
        self.isUpstream = isUpstream
        receivedAt = now
        movedAt = now
    }

    /// What a channel waits for; the cause that its timer carries.
    enum Wait: UInt8 {
        case none
        /// Downstream: the PROXY protocol's header.
        case proxyHeader
        /// Downstream: the TLS handshake.
        case handshake
        /// Downstream: the rest of a head.
        case head
        /// Downstream: the next request.
        case keepAlive
        /// Downstream: more of a request's body.
        case body
        /// Room to send.
        case write
        /// Downstream: the time to see whether a client that expects nothing but its reply leaves.
        case deferred
        /// Downstream: the reply of a client that has ended its stream.
        case halfClosed
        /// Downstream: the client's end, after the last reply.
        case linger
        /// Upstream: the connection, the TLS handshake included.
        case connect
        /// Upstream: the next exchange.
        case kept
    }
}

/// How far a peer has come while we wait for it.
///
/// The peer is asked for a count of bytes four times in the time that it may stall. An interval in
/// which it moved less than the least data rate counts as a stall; progress begins a new time.
package struct Progress: BitwiseCopyable {
    /// Intervals of one stall.
    package static let intervals: UInt64 = 4

    /// When the peer last moved enough.
    var since: UInt64 = 0
    /// When the count was taken.
    var sampledAt: UInt64 = 0
    var count: UInt64 = 0
    var isSampled = false

    /// Nothing is waited for yet.
    package init() {}

    /// The peer may stall from now on.
    package mutating func begin(_ now: UInt64) {
        since = now
        sampledAt = now
        isSampled = false
    }

    /// Whether the peer has stalled for `limit` nanoseconds.
    ///
    /// `count` grows with every byte that the peer has moved; `rateMin` is in bytes a second, 0
    /// requires any byte at all.
    package mutating func hasStalled(
        _ count: UInt64,
        _ now: UInt64,
        limit: UInt64,
        rateMin: UInt64
    ) -> Bool {
        let moved = count &- self.count
        let elapsed = now &- sampledAt
        let least = max(
            1,
            rateMin.multipliedFullWidth(by: elapsed).low / Clock.nanosecondsPerSecond
        )
        if isSampled, moved >= least { since = now }
        self.count = count
        sampledAt = now
        isSampled = true
        return now &- since >= limit
    }
}
