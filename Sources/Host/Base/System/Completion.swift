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
