package import SluiceBase

/// What a service does with the body of a request.
package enum BodyMode: Int32, Sendable, BitwiseCopyable {
    /// Refused with 413.
    case none = 0
    /// The call is made once the body is complete.
    case buffered = 1
    /// The call is made once the head is there; the body follows in pieces.
    case stream = 2
}

/// Whether a service takes a request, and under which terms.
package enum Admission: Sendable {
    case mount(MountTerms)
    /// No mount has the path: 404.
    case notFound
    /// The path is known; `allow` is a mask of `SLUICE_M_` bits: 405.
    case methodNotAllowed(allow: UInt32)
    /// The instance is not started, or draining: 503.
    case unavailable
    /// Too many calls wait or run: 503 with Retry-After.
    case full
}

/// The terms of one mount.
package struct MountTerms: Sendable, BitwiseCopyable {
    /// The place in the instance's table, for `Services.prepare`.
    package let index: Int
    /// Length of the matched prefix; the rest of the path is the suffix.
    package let prefixLength: Int
    package let body: BodyMode
    /// Bytes of a request body; beyond it: 413.
    package let bodyBytesMax: Int
    package let times: MountTimes
    /// Whether the call goes on when the client ends its sending side after a whole request.
    package let allowsHalfClose: Bool
}

/// How long a call may take, in nanoseconds; `Clock.never`: no limit.
package struct MountTimes: Sendable, BitwiseCopyable, Equatable {
    /// Until the answer begins, the client's own time apart: 504.
    package let head: UInt64
    /// Between two pieces of the answer, while there is room for one.
    package let idle: UInt64
    /// The whole exchange.
    package let total: UInt64
}

/// What came of a call.
package enum CallOutcome: Sendable {
    /// An `Answer` will arrive in the worker's inbox; then, or earlier, the worker calls `done`.
    case pending
    /// An inline service answered at once; `recycle()` the answer and call `done`.
    case answered(Answer)
}

/// What a worker reports about a finished exchange.
package struct ExchangeFacts: Sendable, BitwiseCopyable {
    /// Why an exchange ended; the values are those of `SLUICE_CLOSE_*`.
    package enum Close: Int32, Sendable, BitwiseCopyable {
        case done, client, timeout, overload, upstream, plugin, shutdown
    }

    package var status: Int
    package var close: Close
    package var receivedBytes: UInt64
    package var sentBytes: UInt64
    package var firstByteNanoseconds: UInt64
    package var totalNanoseconds: UInt64
    /// Attempts at a backend after the first.
    package var retries: UInt32 = 0

    package init(
        status: Int,
        close: Close = .done,
        receivedBytes: UInt64 = 0,
        sentBytes: UInt64 = 0,
        firstByteNanoseconds: UInt64 = 0,
        totalNanoseconds: UInt64 = 0
    ) {
        self.status = status
        self.close = close
        self.receivedBytes = receivedBytes
        self.sentBytes = sentBytes
        self.firstByteNanoseconds = firstByteNanoseconds
        self.totalNanoseconds = totalNanoseconds
    }
}

/// The head of a request as views into the worker's buffers; valid during `Services.call`.
///
/// Headers are added one by one with `ServiceCall.add(name:value:)` before the call.
package struct ServiceRequest: Sendable, BitwiseCopyable {
    /// One `SLUICE_M_` bit.
    package var method: UInt32
    package var methodName: Bytes
    package var scheme: Bytes = Bytes("http")
    package var authority: Bytes
    /// As received, or as the route rewrote it; without the query.
    package var path: Bytes
    /// Without "?"; nil when there was none.
    package var query: Bytes?
    package var peer: Bytes = .empty
    package var route: Bytes = .empty
    /// These four: empty when there is none.
    package var serverName: Bytes = .empty
    /// The verified identity of the client, as it is forwarded.
    package var identity: Bytes = .empty
    package var requestID: Bytes = .empty
    package var traceParent: Bytes = .empty
    /// -1: unknown.
    package var contentLength: Int64 = -1
    package var flags: RequestFlags = []
    /// 10, 11 or 20.
    package var httpVersion: UInt32 = 11
    package var arrivedNanoseconds: UInt64 = 0
    /// Absolute, monotonic; 0: none.
    package var deadlineNanoseconds: UInt64 = 0

    package init(method: UInt32, methodName: Bytes, authority: Bytes, path: Bytes) {
        self.method = method
        self.methodName = methodName
        self.authority = authority
        self.path = path
    }
}

/// What a plugin is told about a request; the values are those of `SLUICE_REQ_*`.
package struct RequestFlags: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// It came under TLS.
    package static let secured = RequestFlags(rawValue: 1)
    /// The client sends the body when it has leave to.
    package static let awaitsContinue = RequestFlags(rawValue: 4)
    /// The client would have another protocol on the connection.
    package static let upgrade = RequestFlags(rawValue: 8)
}
