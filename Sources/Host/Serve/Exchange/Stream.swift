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
    /// What comes passes filters on its way from `arriving` to `receiving`.
    private(set) var isFiltered = false
    /// Content as it came, with its end, in front of the filters.
    var arriving = Flow()

    init(channel: ChannelSlot, exchange: ExchangeSlot) {
        self.channel = channel
        self.exchange = exchange
    }

    /// Where content comes in.
    var entering: Flow {
        get { isFiltered ? arriving : receiving }
        set { if isFiltered { arriving = newValue } else { receiving = newValue } }
    }

    /// From here on content passes filters; what has come is in front of them.
    mutating func divert() {
        arriving.queue = receiving.queue
        arriving.trailers = receiving.trailers
        arriving.isEnded = receiving.isEnded
        receiving.queue = Queue()
        receiving.trailers = Queue()
        receiving.isEnded = false
        isFiltered = true
    }

    /// Forgets what came, which was dropped: nothing has, and it passes no filters.
    mutating func clear() {
        precondition(receiving.queue.isEmpty && arriving.queue.isEmpty, "nothing is lost")
        receiving = Flow()
        arriving = Flow()
        isFiltered = false
    }

    /// Content goes nowhere any more; its sum stays.
    mutating func endFiltering() { isFiltered = false }

    /// No content waits and none follows.
    var isEmptyAndEnded: Bool {
        entering.isEnded && entering.queue.isEmpty && entering.trailers.isEmpty
    }
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
