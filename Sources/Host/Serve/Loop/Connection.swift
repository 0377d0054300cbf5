internal import SluiceBase

/// One TCP connection of a worker, to a client or to an origin.
///
/// Plain data in a slot.
struct Connection: BitwiseCopyable {
    /// What the connection is about; the cases stand in the order in which things happen.
    enum Phase: UInt8 {
        /// Upstream: the handshake is under way.
        case connecting
        /// Nothing has arrived since the last exchange.
        case idle
        /// Part of a head is there.
        case head
        /// An exchange is under way.
        case exchange
        /// Downstream: what came cannot be an exchange; the answer that says so is under way.
        case refused
        /// Downstream: the last reply is sent, the client's end of stream is awaited.
        case lingering
        /// Waiting for operations to end before the descriptor closes.
        case closing
    }

    let descriptor: Int32
    let isUpstream: Bool
    var phase: Phase
    /// A receive is armed.
    var isReceiving = false
    /// The armed receive was cancelled to hold the peer back.
    var isPaused = false
    /// The buffers ran out; the receive is armed again when one comes back.
    var isStarved = false
    /// The peer has ended its stream.
    var atEnd = false
    /// Close when the current exchange is over.
    var closesAfter = false
    /// The buffer in flight, or -1.
    var sending: Int32 = -1
    /// Operations that have not completed.
    var pending: Int32 = 0
    var input = Queue()
    var output = Queue()
    /// The exchange, or -1.
    var exchange: Int32 = -1

    /// Downstream: the binding it was accepted on.
    ///
    /// Upstream: the endpoint's slot.
    var origin: Int32
    /// Upstream: the endpoint's generation.
    var originGeneration: UInt32 = 0
    /// Upstream: whether it carried an exchange before this one.
    var isReused = false
    /// Downstream: exchanges so far.
    var requests: UInt32 = 0

    var deadline = Clock.never
    /// When the wheel looks at it, and its neighbours there.
    var wheelTick: UInt64 = 0
    var wheelNext: Int32 = -1
    var wheelPrevious: Int32 = -1

    static var none: Connection {
        Connection(descriptor: -1, isUpstream: false, phase: .closing, origin: -1)
    }
}
