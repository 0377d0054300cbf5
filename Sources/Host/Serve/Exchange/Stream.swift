// Alone because: a stream is one of the five types and belongs to no other.

internal import SluiceBase

/// The number of a stream.
struct StreamSlot: SlotNumber {
    let number: Int32
}

/// One message in each direction between a session and an exchange.
///
/// It does not say whether a socket or a plugin is at the other end. HTTP/1 has one stream at a
/// time, so what it sends waits in the output of its channel.
struct Stream: BitwiseCopyable {
    /// `.none`: a plugin's service.
    let channel: ChannelSlot
    let exchange: ExchangeSlot
    /// Of a stream towards an origin or a service.
    var leg = LegSlot.none
    /// From the peer to the exchange.
    var receiving = Flow()
}

/// One direction of a stream: content that waits, and its end.
struct Flow: BitwiseCopyable {
    /// Content without framing.
    var queue = Queue()
    /// The trailer section with its empty line, of what may pass; empty when there was none.
    var trailers = Queue()
    /// The message is whole.
    var isEnded = false
    /// Bytes of content so far.
    var total: UInt64 = 0
}
