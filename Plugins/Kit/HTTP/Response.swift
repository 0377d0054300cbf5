/// A whole answer.
///
/// It may also be thrown: `throw Response.text(404, "no such function")`.
public struct Response: Error, Sendable, Equatable {
    /// HTTP status, 200 to 599.
    public var status: Int
    /// Header lines; the host sets the framing ones.
    public var headers: Headers
    /// The body.
    public var body: [UInt8]
    /// A short word for the access log.
    public var reason: String

    /// Makes an answer.
    public init(
        status: Int,
        headers: Headers = [:],
        body: [UInt8] = [],
        reason: String = ""
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.reason = reason
    }

    /// Plain text in UTF-8.
    public static func text(_ status: Int = 200, _ text: String) -> Response {
        Response(
            status: status,
            headers: ["content-type": "text/plain; charset=utf-8"],
            body: Array(text.utf8)
        )
    }

    /// JSON, given as its text.
    public static func json(_ status: Int = 200, _ text: String) -> Response {
        json(status, Array(text.utf8))
    }

    /// JSON, given as its bytes.
    public static func json(_ status: Int = 200, _ bytes: [UInt8]) -> Response {
        Response(status: status, headers: ["content-type": "application/json"], body: bytes)
    }
}

/// Thrown for a request that is not the plugin's: the next route gets it, or the answer is 404.
///
/// The next route is asked only when it is thrown before the first wait.
public struct Declined: Error, Sendable {
    /// Not mine.
    public init() {}
}

/// Where a request goes that a service passes on.
public struct Forward: Sendable {
    /// The pool's name.
    public var pool: String
    /// The instance that has published the pool; nil: the one whose route brought the request, else
    /// the plugin's own.
    public var source: String?
    /// The path, with its query; nil: as it is.
    public var path: String?
    /// Each replaces all lines of its name.
    public var set: Headers
    /// Names of lines to leave out.
    public var remove: [String]

    /// Describes where a request goes.
    public init(
        pool: String,
        source: String? = nil,
        path: String? = nil,
        set: Headers = [:],
        remove: [String] = []
    ) {
        self.pool = pool
        self.source = source
        self.path = path
        self.set = set
        self.remove = remove
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
