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

    /// 200 with plain text in UTF-8.
    public static func text(_ text: String) -> Response {
        self.text(200, text)
    }

    /// Plain text in UTF-8.
    public static func text(_ status: Int, _ text: String) -> Response {
        Response(
            status: status,
            headers: ["content-type": "text/plain; charset=utf-8"],
            body: Array(text.utf8)
        )
    }

    /// JSON, given as its text.
    public static func json(_ status: Int, _ text: String) -> Response {
        json(status, Array(text.utf8))
    }

    /// JSON, given as its bytes.
    public static func json(_ status: Int, _ bytes: [UInt8]) -> Response {
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
