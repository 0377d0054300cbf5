internal import SluiceBase

/// What is under way on one descriptor, and what the kernel last said of it.
///
/// Zeroed memory is a descriptor of which nothing is known: every field reads well as zeros.
struct Descriptor: BitwiseCopyable {
    var state: State = []
    /// The next descriptor in line, if this one stands in line and is not the last.
    var next: Int32 = 0
    /// How many of the outgoing bytes are sent.
    var sent: Int32 = 0
    /// What to send, or the address to connect to.
    var outgoing: Bytes?
    var readToken: UInt64 = 0
    var writeToken: UInt64 = 0
    /// Of a finish or a close.
    var endToken: UInt64 = 0

    /// Independent facts; an operation is under way while its bit is set.
    struct State: OptionSet, BitwiseCopyable {
        let rawValue: UInt16

        /// The epoll instance reports on it.
        static let registered = State(rawValue: 1 << 0)
        /// Reading may bring something.
        static let readable = State(rawValue: 1 << 1)
        /// Writing would block.
        static let blocked = State(rawValue: 1 << 2)
        /// The stream has an end or an error: reading goes on until it is met.
        static let ended = State(rawValue: 1 << 3)
        /// It stands in line for its step.
        static let inLine = State(rawValue: 1 << 4)

        static let accepts = State(rawValue: 1 << 5)
        static let receives = State(rawValue: 1 << 6)
        static let watches = State(rawValue: 1 << 7)
        static let cancelsRead = State(rawValue: 1 << 8)

        static let sends = State(rawValue: 1 << 9)
        static let connects = State(rawValue: 1 << 10)
        /// The handshake is under way.
        static let connecting = State(rawValue: 1 << 11)
        static let cancelsWrite = State(rawValue: 1 << 12)

        static let finishes = State(rawValue: 1 << 13)
        static let closes = State(rawValue: 1 << 14)

        static let reads: State = [.accepts, .receives, .watches]
        static let writes: State = [.sends, .connects]
    }

    var isReading: Bool { !state.isDisjoint(with: .reads) }
    var isWriting: Bool { !state.isDisjoint(with: .writes) }
    /// Another step would bring something without news from the kernel.
    var hasMore: Bool { state.contains(.readable) && isReading }

    func isUnderWay(reading token: UInt64) -> Bool { isReading && readToken == token }

    func isUnderWay(_ token: UInt64) -> Bool {
        isUnderWay(reading: token) || isWriting && writeToken == token
    }
}
