internal import SluiceABI

/// How an exchange ended.
public struct ExchangeSummary: Sendable {
    /// The status that was sent; 0: none.
    public let status: Int
    /// Why it ended.
    public let cause: ClosingCause
    /// Tries beyond the first that a forwarded request took.
    public let retries: Int
    /// Bytes of the request.
    public let receivedBytes: UInt64
    /// Bytes of the answer.
    public let sentBytes: UInt64
    /// From the arrival to the first byte of the answer.
    public let firstByte: Duration
    /// From the arrival to the end.
    public let total: Duration
    /// "ip:port" of the server that a forwarded request went to.
    public let upstream: String?

    init(_ words: sluice_exchange) {
        unsafe status = Int(words.status)
        unsafe cause = ClosingCause(rawValue: words.close)
        unsafe retries = Int(words.retries)
        unsafe receivedBytes = words.rx_bytes
        unsafe sentBytes = words.tx_bytes
        unsafe firstByte = .nanoseconds(Int64(clamping: words.first_byte_ns))
        unsafe total = .nanoseconds(Int64(clamping: words.total_ns))
        unsafe upstream = String(present: words.upstream)
    }
}

/// Why an exchange ended, as the header numbers it.
public struct ClosingCause: RawRepresentable, Sendable, Hashable {
    /// The header's number; numbers that this revision does not know may come.
    public let rawValue: Int32

    /// Wraps the header's number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The answer was sent whole.
    public static let done = ClosingCause(rawValue: 0)
    /// The client went away.
    public static let client = ClosingCause(rawValue: 1)
    /// A time of the mount has passed.
    public static let timeout = ClosingCause(rawValue: 2)
    /// The host has too much to do.
    public static let overload = ClosingCause(rawValue: 3)
    /// The pool that it was passed on to failed.
    public static let upstream = ClosingCause(rawValue: 4)
    /// The plugin gave it up.
    public static let plugin = ClosingCause(rawValue: 5)
    /// The host shuts down, or the instance stops.
    public static let shutdown = ClosingCause(rawValue: 6)
}

extension ClosingCause: CustomStringConvertible {
    /// What happened, in a few words.
    public var description: String {
        switch self {
        case .done: "the answer was sent"
        case .client: "the client has gone"
        case .timeout: "its time is over"
        case .overload: "the host has too much to do"
        case .upstream: "the pool has failed"
        case .plugin: "the plugin gave it up"
        case .shutdown: "the host or the instance stops"
        default: "it has ended (cause \(rawValue))"
        }
    }
}
