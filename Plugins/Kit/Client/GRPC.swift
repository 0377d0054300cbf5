/// Calls of a gRPC server: bytes in, bytes out; the messages' encoding is the caller's.
///
///     let driver = GRPC(host.client, "http+unix://%2Frun%2Fdriver.sock", version: .clearHTTP2)
///     let info = try await driver.unary("/csi.v1.Identity/GetPluginInfo", [])
///
/// (gRPC over HTTP/2, https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.) Lane only.
public struct GRPC {
    private let client: Client
    private let base: String
    private let version: Call.Version
    private let tlsProfile: String?
    private let messageBytesMax: Int

    /// Calls the server at `base`: a URL without a path.
    ///
    /// Messages are at most `messageBytesMax` long.
    public init(
        _ client: Client,
        _ base: String,
        version: Call.Version = .preferHTTP2,
        tlsProfile: String? = nil,
        messageBytesMax: Int = 4 * 1024 * 1024
    ) {
        self.client = client
        self.base = base
        self.version = version
        self.tlsProfile = tlsProfile
        self.messageBytesMax = messageBytesMax
    }

    /// What a unary call brings.
    public struct Reply: Sendable {
        /// The message.
        public let message: [UInt8]
        /// Metadata before it.
        public let headers: Headers
        /// Metadata after it.
        public let trailers: Headers
    }

    /// Sends one message and returns the one that answers it.
    ///
    /// `method` is "/package.Service/Method". Throws `GRPCFailure` for any status but OK, and
    /// `CallFailure` when there was no answer at all.
    public func unary(
        _ method: String,
        _ message: [UInt8],
        metadata: Headers = [:],
        deadline: Duration? = nil
    ) async throws -> Reply {
        let stream = try await serverStream(
            method,
            message,
            metadata: metadata,
            deadline: deadline
        )
        var messages = stream.makeAsyncIterator()
        guard let first = try await messages.next() else {
            throw GRPCFailure(.internal, "the server has sent no message and says it is well")
        }
        guard try await messages.next() == nil else {
            throw GRPCFailure(.internal, "the server has sent several messages in a unary call")
        }
        return Reply(message: first, headers: stream.headers, trailers: stream.trailers ?? [:])
    }

    /// Sends one message and returns those that answer it, as they come.
    public func serverStream(
        _ method: String,
        _ message: [UInt8],
        metadata: Headers = [:],
        deadline: Duration? = nil
    ) async throws -> GRPCMessages {
        var call = Call("POST", base + method, body: .bytes(Self.framed(message)))
        call.version = version
        call.tlsProfile = tlsProfile
        call.headers = ["te": "trailers", "content-type": "application/grpc"]
        // Streams may be silent for long; the deadline, where there is one, ends them.
        call.headTimeout = deadline.map { .after($0) } ?? .never
        call.idleTimeout = .never
        call.totalTimeout = deadline.map { .after($0) } ?? .never
        call.bodyBytesMax = .max
        if let deadline { call.headers["grpc-timeout"] = Self.timeout(deadline) }
        for line in metadata { call.headers.add(line) }
        let answer = try await client.send(call)
        try GRPCFailure.check(answer)
        return GRPCMessages(answer: answer, bytesMax: messageBytesMax)
    }

    /// A message behind its prefix: not compressed, and its length.
    private static func framed(_ message: [UInt8]) -> [UInt8] {
        let length = UInt32(message.count)
        return [
            0, UInt8(length >> 24), UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF),
            UInt8(length & 0xFF),
        ] + message
    }

    /// At most eight digits and a unit.
    static func timeout(_ duration: Duration) -> String {
        let units: [(UInt64, String)] = [
            (1, "n"), (1_000, "u"), (1_000_000, "m"), (1_000_000_000, "S"),
            (60_000_000_000, "M"), (3_600_000_000_000, "H"),
        ]
        let nanoseconds = duration.nanoseconds
        for (unit, letter) in units where nanoseconds / unit < 100_000_000 {
            return "\(nanoseconds / unit)\(letter)"
        }
        return "99999999H"
    }
}

/// The messages of a server's stream.
///
/// Lane only; letting go of it cancels the call.
public struct GRPCMessages: AsyncSequence {
    let answer: Answer
    let bytesMax: Int

    /// Metadata before the first message.
    public var headers: Headers { answer.headers }

    /// Metadata after the last message, once it has been read.
    public var trailers: Headers? { answer.trailers }

    /// Iterates over the messages.
    public struct Iterator: AsyncIteratorProtocol {
        private static let prefixBytes = 5

        private let answer: Answer
        private let bytesMax: Int
        private var pieces: AnswerBody.Iterator
        private var rest: [UInt8] = []
        private var hasEnded = false

        init(_ answer: Answer, bytesMax: Int) {
            self.answer = answer
            self.bytesMax = bytesMax
            pieces = answer.body.makeAsyncIterator()
        }

        /// The next message; nil after the last one, when the status is OK.
        ///
        /// Throws `GRPCFailure`.
        public mutating func next() async throws -> [UInt8]? {
            if hasEnded { return nil }
            while true {
                if let message = try message() { return message }
                guard let piece = try await pieces.next() else { break }
                if rest.isEmpty { rest = piece } else { rest += piece }
            }
            hasEnded = true
            try GRPCFailure.check(trailers: answer.trailers ?? [:], of: answer)
            if !rest.isEmpty { throw GRPCFailure(.internal, "the last message is cut off") }
            return nil
        }

        /// The next message; nil after the last one.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> [UInt8]? { try await next() }

        private mutating func message() throws -> [UInt8]? {
            guard rest.count >= Self.prefixBytes else { return nil }
            guard rest[0] == 0 else {
                throw GRPCFailure(.internal, "a message is compressed, which was not asked for")
            }
            let length = rest[1..<Self.prefixBytes].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytesMax else {
                throw GRPCFailure(
                    .resourceExhausted,
                    "a message has \(length) bytes, at most \(bytesMax) are taken"
                )
            }
            guard rest.count >= Self.prefixBytes + length else { return nil }
            let message = Array(rest[Self.prefixBytes..<Self.prefixBytes + length])
            rest.removeFirst(Self.prefixBytes + length)
            return message
        }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(answer, bytesMax: bytesMax) }
}
