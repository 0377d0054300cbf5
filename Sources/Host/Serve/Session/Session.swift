internal import SluiceBase
internal import SluiceHTTP
internal import SluiceRouting
internal import SluiceTelemetry

/// What a channel speaks: an HTTP/1 server or client, or the raw bytes of a tunnel.
///
/// It has the number of its channel. It owns framing: bytes of the channel become messages of its
/// stream, and back. HTTP/1 has one stream at a time.
struct Session: BitwiseCopyable {
    enum Kind: UInt8 {
        /// HTTP/1 towards a client.
        case server
        /// HTTP/1 towards an origin.
        case client
        /// Bytes that nobody frames, after an upgrade.
        case tunnel
    }

    /// Where it stands; the cases are in the order in which things happen.
    enum Stage: UInt8 {
        /// Client: the connection is being made.
        case connecting
        /// Server: the PROXY protocol's header comes first.
        case proxyHeader
        /// Server: the ClientHello is awaited (RFC 8446 4.1.2).
        case hello
        /// The TLS handshake is under way.
        case handshake
        /// Server: nothing has arrived since the last exchange.
        case idle
        /// Server: part of a head is there.
        case head
        /// A message of the stream is under way, in one direction or both.
        case message
        /// Client: kept for the next exchange.
        case kept
        /// Server: what came cannot be an exchange; the answer that says so is under way.
        case refused
        /// Server: the last reply has left; the client's end is awaited.
        case lingering
    }

    var kind: Kind
    var stage: Stage
    var stream = StreamSlot.none
    /// What is left of the message that is being received.
    var incoming = Body.none
    /// How the message that is being sent is framed.
    var outgoing = Framing.none
    /// All of it has been handed to the channel.
    var outgoingEnded = false
    /// No exchange follows this one.
    var closesAfter = false
    /// Server: the client has said that it sends nothing behind this request.
    var isLastRequest = false

    /// Server: the socket it was accepted on.
    ///
    /// Meaningless for a client.
    var binding: Int32 = -1
    /// Server: the port that it was accepted on.
    var port: UInt16 = 0
    /// Server: the port spoke TLS then.
    var isSecured = false
    /// Server: exchanges so far.
    var requests: UInt32 = 0
    /// Server: who the client is, after the PROXY protocol.
    var peer = PeerAddress.none

    /// Client: the endpoint at the other end.
    var endpoint = EndpointReference(slot: 0, generation: 0)
    /// Client: the reply's head has been read.
    var hasHead = false
    /// Client: it may carry exchanges of one client alone, and so one exchange.
    var isPrivate = false

    /// How a message leaves.
    enum Framing: UInt8 {
        /// No body.
        case none
        /// As long as the head says.
        case length
        case chunked
        /// Until the connection ends.
        case untilClose
    }
}

/// What is left of a body that is being received.
enum Body: BitwiseCopyable {
    case none
    case length(Int64)
    case chunked(ChunkDecoder)
    /// The last chunk has come; the trailer section follows.
    case trailers
    case untilClose
    /// The framing is wrong: nothing behind it can be read.
    case broken
    /// There was no memory for content: it cannot go on.
    case noMemory

    init(_ framing: BodyFraming, isReply: Bool) {
        switch framing {
        case .none: self = .none
        case .length(let length): self = length == 0 ? .none : .length(length)
        case .chunked: self = .chunked(ChunkDecoder(isReply: isReply))
        case .untilClose: self = .untilClose
        }
    }

    /// Nothing more belongs to the message.
    var isDone: Bool {
        if case .none = self { true } else { false }
    }

    /// What has ended the body too early, where `fault` is what wrong framing means; or nil.
    func failure(_ fault: Fault) -> Fault? {
        switch self {
        case .broken: fault
        case .noMemory: .overload
        case .none, .length, .chunked, .trailers, .untilClose: nil
        }
    }
}

// What the wire reports to a session.
extension Worker where P: ~Copyable {
    /// Bytes have come.
    @inline(__always)
    mutating func onInput(_ c: ChannelSlot) {
        switch sessions[c.index].kind {
        case .server: onServerInput(c)
        case .client: onClientInput(c)
        case .tunnel: onTunnelInput(c)
        }
    }

    /// The peer has ended its stream; `isBroken`: the connection has failed.
    mutating func onEnd(_ c: ChannelSlot, isBroken: Bool) {
        switch sessions[c.index].kind {
        case .server: onServerEnd(c, isBroken: isBroken)
        case .client: onClientEnd(c, isBroken: isBroken)
        case .tunnel: onTunnelEnd(c, isBroken: isBroken)
        }
    }

    /// Some of the output has left.
    @inline(__always)
    mutating func onSent(_ c: ChannelSlot) {
        switch sessions[c.index].kind {
        case .server: onServerSent(c)
        case .client: onClientSent(c)
        case .tunnel: onTunnelSent(c)
        }
    }

    /// The peer takes nothing any more.
    mutating func onSendFailed(_ c: ChannelSlot) {
        switch sessions[c.index].kind {
        case .server: onServerEnd(c, isBroken: true)
        case .client: onClientSendFailed(c)
        case .tunnel: onTunnelEnd(c, isBroken: true)
        }
    }

    /// There is no memory for what has come: whoever sent it is cut off.
    mutating func onNoMemory(_ c: ChannelSlot, _ generation: UInt32) {
        guard channels.holds(c, generation), !channels[c].isClosing else { return }
        counters.bump(.shedMemory)
        switch sessions[c.index].kind {
        case .server:
            let s = sessions[c.index].stream
            if s.isNone { close(c, resets: true) } else { abandon(streams[s].exchange, .overload) }
        case .client:
            let s = sessions[c.index].stream
            if s.isNone { close(c) } else { legFailed(streams[s].leg, .overload) }
        case .tunnel:
            endTunnel(streams[sessions[c.index].stream].exchange, .overload)
        }
    }
}
