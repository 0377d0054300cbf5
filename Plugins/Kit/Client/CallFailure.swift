internal import SluiceABI

/// Why a call brought no whole answer.
public struct CallFailure: Error, Sendable, CustomStringConvertible {
    /// What failed, as the header numbers it.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// The header's number; numbers that this revision does not know may come.
        public let rawValue: Int32

        /// Wraps the header's number.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// The call was cancelled.
        public static let canceled = Kind(rawValue: SLUICE_FAIL_CANCELED)
        /// The name was not found.
        public static let resolve = Kind(rawValue: SLUICE_FAIL_RESOLVE)
        /// There was no connection.
        public static let connect = Kind(rawValue: SLUICE_FAIL_CONNECT)
        /// The handshake failed.
        public static let tls = Kind(rawValue: SLUICE_FAIL_TLS)
        /// The connection ended before the answer was whole.
        public static let reset = Kind(rawValue: SLUICE_FAIL_RESET)
        /// The peer did not speak HTTP.
        public static let httpProtocol = Kind(rawValue: SLUICE_FAIL_PROTOCOL)
        /// A limit was reached.
        public static let limit = Kind(rawValue: SLUICE_FAIL_LIMIT)
        /// The address is not allowed to this instance.
        public static let denied = Kind(rawValue: SLUICE_FAIL_DENIED)
        /// `Call.connectTimeout` has passed.
        public static let connectTimeout = Kind(rawValue: SLUICE_FAIL_TIMEOUT_CONNECT)
        /// `Call.headTimeout` has passed.
        public static let headTimeout = Kind(rawValue: SLUICE_FAIL_TIMEOUT_HEAD)
        /// `Call.idleTimeout` has passed.
        public static let idleTimeout = Kind(rawValue: SLUICE_FAIL_TIMEOUT_IDLE)
        /// `Call.totalTimeout` has passed.
        public static let totalTimeout = Kind(rawValue: SLUICE_FAIL_TIMEOUT_TOTAL)
        /// `Call.bearerFile` cannot be used.
        public static let file = Kind(rawValue: SLUICE_FAIL_FILE)
        /// A fault of the host.
        public static let `internal` = Kind(rawValue: SLUICE_FAIL_INTERNAL)

        /// Whether it is one of the four timeouts.
        public var isTimeout: Bool {
            [.connectTimeout, .headTimeout, .idleTimeout, .totalTimeout].contains(self)
        }
    }

    /// What failed.
    public let kind: Kind
    /// Whether the peer may have received the request; false: it certainly has not.
    public let wasMaybeSent: Bool
    /// What happened, in a sentence.
    public let text: String
    /// The facts of the call.
    public let summary: CallSummary

    /// The sentence.
    public var description: String { text }
}

/// The facts of a call that has ended.
public struct CallSummary: Sendable {
    /// Connections that were tried.
    public let attempts: Int
    /// Until there was a connection.
    public let connect: Duration
    /// Until the answer's head.
    public let head: Duration
    /// From the begin to the end.
    public let total: Duration
    /// Bytes of the answer.
    public let receivedBytes: UInt64
    /// Bytes of the request.
    public let sentBytes: UInt64

    init(_ words: sluice_call_result) {
        unsafe attempts = Int(words.attempts)
        unsafe connect = .nanoseconds(Int64(clamping: words.connect_ns))
        unsafe head = .nanoseconds(Int64(clamping: words.head_ns))
        unsafe total = .nanoseconds(Int64(clamping: words.total_ns))
        unsafe receivedBytes = words.rx_bytes
        unsafe sentBytes = words.tx_bytes
    }
}

extension CallFailure {
    init(_ words: sluice_call_result) {
        unsafe kind = Kind(rawValue: words.failed)
        unsafe wasMaybeSent = words.maybe_sent != 0
        let detail = unsafe String(words.detail)
        unsafe text =
            detail.isEmpty ? "the call failed: \(Status(rawValue: words.outcome))" : detail
        unsafe summary = CallSummary(words)
    }
}
