internal import SluiceBase
internal import SluiceHTTP
internal import SluiceRouting

/// The number of an exchange.
struct ExchangeSlot: SlotNumber {
    let number: Int32
}

/// One request and its answer.
///
/// It owns the head, the stage cursor and the terms that its route gave it, so that a change of
/// routes does not touch it. It touches streams only: their sessions know what is below.
struct Exchange: BitwiseCopyable {
    /// The cursor; the cases are in the order of the path.
    enum Stage: UInt8 {
        case route
        /// The request is with the filters of its route.
        case filter
        /// A plugin's service has it.
        case service
        /// An endpoint is being reached, or has been asked.
        case upstream
        /// The reply's head has been sent.
        case reply
        /// Bytes pass both ways, framed by nobody.
        case tunnel
    }

    /// Towards the client.
    var downstream = StreamSlot.none
    var stage = Stage.route
    var head: Head
    /// The attempt that is under way, or `.none`.
    var leg = LegSlot.none
    /// The way through its filters; `.none`: it passes none.
    var filtering = FilteringSlot.none

    // What the route said.

    /// The routing generation it was routed by.
    var generation: UInt64
    var listener = ListenerTerms(
        mergesSlashes: true,
        rejectsEscapedSlashes: false,
        restartsTrace: false,
        publicPort: 0,
        halfClosedNanoseconds: 0
    )
    var pool = PoolReference(slot: 0, generation: 0)
    /// Stands for the instance whose route it is: see `RoutingView.source`.
    var source: UInt64 = 0
    /// One attempt at a backend; `Clock.never` is none.
    var backendTimeout = Clock.never
    /// Absolute, for the whole exchange; `Clock.never` is none.
    var deadline = Clock.never

    // What was tried.

    /// Endpoints that were tried; the pool may have others by now.
    var tried = InlineArray<8, EndpointReference>(
        repeating: EndpointReference(slot: 0, generation: 0)
    )
    var triedCount: UInt8 = 0
    /// The place in `tried` of the endpoint whose kept connection had ended; it is tried once more
    /// when no other is left.
    var racedPlace: Int8 = -1
    /// It has been sent again on a fresh connection.
    var isRepeated = false
    /// The request's content so far, as long as it may be sent again.
    var replay = Queue()
    /// Content has left that `replay` does not hold.
    var isPastReplay = false

    // What came of it.

    let arrived: UInt64
    /// The status that the client was sent; 0 before.
    var status: UInt16 = 0
    /// Interim replies so far.
    var interims: UInt16 = 0
    /// The client waits for leave to send its body (RFC 9110 10.1.1).
    var awaitsContinue = false
    /// The client has ended its stream behind the request.
    var isHalfClosed = false
    /// The call of a service that has passed the request on; it ends with the exchange.
    var forwarded: ForwardedCall?
    /// What the client's channel had sent before.
    var sentBefore: UInt64 = 0
    /// When the reply's head was sent.
    var repliedAt: UInt64 = 0

    /// A plugin's answer has switched protocols: raw bytes pass.
    var isUpgraded: Bool { status == 101 && stage == .reply }

    /// The reply's head has been sent: nothing can be answered any more.
    var hasReplied: Bool { status != 0 }
}

/// The number of a leg.
struct LegSlot: SlotNumber {
    let number: Int32
}

/// One attempt at an origin, or the call of a plugin's service; or what the host or a filter
/// answers, where that passes filters.
///
/// A retry is a new leg.
struct Leg: BitwiseCopyable {
    let exchange: ExchangeSlot
    /// Towards the origin or the service.
    var stream = StreamSlot.none
    var endpoint = EndpointReference(slot: 0, generation: 0)
    /// The connection has served an exchange before.
    var isReused = false
    /// The head has been handed to the connection.
    var isSent = false
    /// The whole request has.
    var isRequestSent = false
    /// Absolute; `Clock.never` is none.
    var deadline = Clock.never
    /// How long the connection is kept afterwards.
    var idleTimeout: UInt64 = 0
    /// It is no attempt at an origin: the call of a service, or an answer made here.
    var isService = false
    /// The call of a service, until it has ended.
    var call: CallState?
}
