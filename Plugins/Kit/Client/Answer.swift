/// A call under way.
///
/// Lane only; letting go of it, and of its answer, cancels the call.
public final class OpenCall {
    let state: CallState

    init(_ state: CallState) {
        self.state = state
    }

    deinit {
        state.cancel()
    }

    /// Sends a piece of a streamed body, and suspends while more waits than the peer takes.
    ///
    /// Throws `CallFailure` when the call has failed.
    public func write(_ bytes: [UInt8]) async throws {
        try await state.write(bytes, isLast: false)
    }

    /// Ends a streamed body, with a last piece.
    public func finish(_ bytes: [UInt8] = []) async throws {
        try await state.write(bytes, isLast: true)
    }

    /// Waits for the head of the answer.
    public func answer() async throws -> Answer {
        try await state.waitForHead()
        return Answer(call: self)
    }

    /// Gives the call up; what waits for it throws `CallFailure`.
    public func cancel() {
        state.cancel()
    }

    /// The facts of the call, when it has ended.
    public var summary: CallSummary? { state.summary }
}

/// The answer to a call: its head, and a body that is read as it comes.
///
/// Lane only.
public struct Answer {
    /// The call; after an upgrade its `write` sends raw bytes.
    public let call: OpenCall

    /// HTTP status; 101 after an upgrade.
    public var status: Int { call.state.status }

    /// Header lines.
    public var headers: Headers { call.state.headers }

    /// Status and header lines.
    public var head: (status: Int, headers: Headers) { (status, headers) }

    /// The body, to be read once; after an upgrade the raw bytes of the peer.
    public var body: AnswerBody { AnswerBody(call: call) }

    /// What followed the body, once its end has been read.
    public var trailers: Headers? { call.state.body.trailers }
}

/// The body of an answer: pieces of bytes, as they come.
///
/// Lane only.
///
/// A peer that sends faster than the body is read is paused. Iterating throws `CallFailure` when
/// the call fails before the end.
public struct AnswerBody: AsyncSequence {
    let call: OpenCall

    /// Iterates over the pieces.
    public struct Iterator: AsyncIteratorProtocol {
        let call: OpenCall

        /// The next piece, never an empty one; nil at the end.
        public mutating func next() async throws -> [UInt8]? { try await call.read() }

        /// The next piece, never an empty one; nil at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> [UInt8]? { try await call.read() }
    }

    /// Begins, or goes on, to read.
    public func makeAsyncIterator() -> Iterator { Iterator(call: call) }

    /// All that is left; throws `.limit` beyond `bytesMax`.
    public func collect(upTo bytesMax: Int = .max) async throws -> [UInt8] {
        var whole: [UInt8] = []
        while let piece = try await call.read() {
            if whole.count + piece.count > bytesMax {
                call.cancel()
                throw PluginError(.limit, "the body is larger than \(bytesMax) bytes")
            }
            if whole.isEmpty { whole = piece } else { whole += piece }
        }
        return whole
    }

    /// The lines of the body, without their ends (LF or CRLF); throws `.limit` for one longer than
    /// `bytesMax`.
    public func lines(upTo bytesMax: Int = 1_048_576) -> AnswerLines {
        AnswerLines(call: call, bytesMax: bytesMax)
    }
}

/// The lines of an answer's body.
///
/// Lane only.
public struct AnswerLines: AsyncSequence {
    let call: OpenCall
    let bytesMax: Int

    /// Iterates over the lines.
    public struct Iterator: AsyncIteratorProtocol {
        private let call: OpenCall
        private let bytesMax: Int
        private var rest: [UInt8] = []
        /// Where the next line begins in `rest`.
        private var start = 0
        /// Up to where `rest` has no line end.
        private var seen = 0
        private var hasEnded = false

        init(_ call: OpenCall, bytesMax: Int) {
            self.call = call
            self.bytesMax = bytesMax
        }

        /// The next line; the last one needs no line end.
        public mutating func next() async throws -> String? {
            while true {
                if let end = rest[seen...].firstIndex(of: 0x0A) {
                    defer {
                        start = end + 1
                        seen = start
                    }
                    let hasReturn = end > start && rest[end - 1] == 0x0D
                    return String(
                        decoding: rest[start..<(hasReturn ? end - 1 : end)],
                        as: UTF8.self
                    )
                }
                seen = rest.count
                if rest.count - start > bytesMax {
                    call.cancel()
                    throw PluginError(.limit, "a line is longer than \(bytesMax) bytes")
                }
                if hasEnded { return last() }
                rest.removeSubrange(..<start)
                seen -= start
                start = 0
                if let piece = try await call.read() {
                    rest += piece
                } else {
                    hasEnded = true
                }
            }
        }

        /// The next line; the last one needs no line end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> String? { try await next() }

        private mutating func last() -> String? {
            guard start < rest.count else { return nil }
            defer { start = rest.count }
            return String(decoding: rest[start...], as: UTF8.self)
        }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(call, bytesMax: bytesMax) }
}

extension OpenCall {
    /// The next piece of the answer; a task that is cancelled meanwhile cancels the call.
    fileprivate func read() async throws -> [UInt8]? {
        do {
            return try await state.body.read()
        } catch let error as CancellationError {
            state.cancel()
            throw error
        }
    }
}
