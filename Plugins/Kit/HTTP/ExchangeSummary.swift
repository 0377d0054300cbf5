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
