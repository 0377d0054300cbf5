internal import CProcess
internal import Glibc

/// The standard input of a running program.
///
/// Lane only.
public final class ProcessInput {
    /// Calls of write(2) in one turn of the lane, however fast the program reads.
    private static let writesMax = 16

    private var pipe: Descriptor?
    private let watched: DescriptorSet
    /// What the pipe has no room for yet.
    private var waiting: ArraySlice<UInt8> = []
    private var closesWhenWritten = false
    private var writer: CheckedContinuation<Void, Never>?

    init(_ pipe: Descriptor, _ watched: DescriptorSet) {
        self.pipe = pipe
        self.watched = watched
    }

    var number: Int32? { pipe?.number }

    /// Writes all bytes, however long the program takes to read them.
    ///
    /// Throws `.gone` after `close`, and when the program has closed its input or has ended. One
    /// writer at a time.
    public func write(_ bytes: some Collection<UInt8>) async throws(PluginError) {
        precondition(writer == nil, "two tasks write to one program")
        put(bytes)
        if !waiting.isEmpty {
            await withCheckedContinuation { writer = $0 }
        }
        if pipe == nil {
            throw PluginError(.gone, "the program no longer reads its standard input")
        }
    }

    /// Ends the input: the program reads its end after what was written.
    public func close() {
        closesWhenWritten = true
        if waiting.isEmpty { drop() }
    }

    func put(_ bytes: some Collection<UInt8>) {
        guard pipe != nil, !closesWhenWritten else { return }
        waiting += bytes
        flush()
    }

    /// The pipe has room, or nobody reads it any more.
    func flush() {
        guard let pipe else { return }
        var turns = 0
        while !waiting.isEmpty {
            turns += 1
            if turns > Self.writesMax { return watched.arm(pipe, for: .writable) }
            let written = unsafe waiting.withUnsafeBytes { bytes in
                unsafe cprocess_write(pipe.number, bytes.baseAddress, bytes.count)
            }
            if written == -Int(EINTR) { continue }
            if written == -Int(EAGAIN) { return watched.arm(pipe, for: .writable) }
            if written < 0 { return drop() }
            waiting.removeFirst(written)
        }
        waiting = []
        if closesWhenWritten { return drop() }
        writer.take()?.resume()
    }

    /// Closes the pipe; what is not written yet is lost.
    func drop() {
        pipe = nil
        waiting = []
        writer.take()?.resume()
    }
}

/// A stream that a running program writes, its standard output or standard error, in pieces of at
/// most 64 KiB.
///
/// The program waits while nobody reads and the pipe is full. Lane only, one reader at a time.
public final class ProcessOutput: AsyncSequence, AsyncIteratorProtocol {
    /// A piece of the stream.
    public typealias Element = [UInt8]
    /// What ended the program: its time limit, a cancellation.
    public typealias Failure = PluginError

    /// What becomes of the bytes.
    enum Fate {
        /// So many are kept; more is a fault.
        case collect(Int)
        /// So many are kept; more is dropped and counted.
        case keep(Int)
        /// A reader pulls them.
        case stream
    }

    private static let pieceMax = 65_536
    /// Pieces taken in one turn of the lane, however fast the program writes.
    private static let turnPiecesMax = 4
    /// Pieces taken after the program's end: more than the largest pipe holds.
    private static let lastPiecesMax = 32

    private(set) var collected: [UInt8] = []
    private(set) var dropped = 0
    private var pipe: Descriptor?
    private let fate: Fate
    private let watched: DescriptorSet
    private var reader: CheckedContinuation<Void, Never>?
    private var hasProgramEnded = false
    private var failure: PluginError?

    init(_ pipe: Descriptor, _ fate: Fate, _ watched: DescriptorSet) {
        self.pipe = pipe
        self.fate = fate
        self.watched = watched
    }

    var number: Int32? { pipe?.number }

    var isPulled: Bool { if case .stream = fate { true } else { false } }

    /// Itself: the stream is read once.
    public func makeAsyncIterator() -> ProcessOutput { self }

    /// The next piece as soon as there is one; nil when the program has closed the stream or ended.
    public func next(
        isolation actor: isolated (any Actor)?
    ) async throws(PluginError) -> [UInt8]? {
        precondition(isPulled, "this stream of a program is kept, not read")
        precondition(reader == nil, "two tasks read one stream of a program")
        while let pipe {
            switch read(pipe) {
            case .piece(let bytes): return bytes
            case .end: drop()
            case .later where hasProgramEnded: drop()
            case .later:
                watched.arm(pipe, for: .readable)
                await withCheckedContinuation(isolation: actor) { reader = $0 }
            }
        }
        if let failure { throw failure }
        return nil
    }

    /// The next piece, as above.
    public func next() async throws(PluginError) -> [UInt8]? {
        try await next(isolation: #isolation)
    }

    /// Goes on collecting, when that is what becomes of the bytes.
    func begin() {
        if let pipe, !isPulled { watched.arm(pipe, for: .readable) }
    }

    /// The pipe has something to read, or its end; false: there is more than the limit.
    func take() -> Bool {
        take(piecesMax: Self.turnPiecesMax)
    }

    private func take(piecesMax: Int) -> Bool {
        if isPulled {
            reader.take()?.resume()
            return true
        }
        for _ in 0..<piecesMax {
            guard let pipe else { return true }
            switch read(pipe) {
            case .piece(let bytes): if !keep(bytes) { return false }
            case .end: drop()
            case .later:
                begin()
                return true
            }
        }
        begin()
        return true
    }

    /// The program has ended, by itself or for this reason: what the pipe still holds is the rest.
    ///
    /// False: there is more than the limit.
    func end(_ failure: PluginError?) -> Bool {
        hasProgramEnded = true
        self.failure = failure
        let isWithinLimit = take(piecesMax: Self.lastPiecesMax)
        if !isPulled { drop() }
        return isWithinLimit
    }

    /// Closes the pipe: nobody wants the rest.
    func drop() {
        pipe = nil
        reader.take()?.resume()
    }

    private func keep(_ bytes: [UInt8]) -> Bool {
        switch fate {
        case .collect(let bytesMax):
            collected += bytes.prefix(bytesMax - collected.count + 1)
            return collected.count <= bytesMax
        case .keep(let bytesMax):
            let room = bytesMax - collected.count
            collected += bytes.prefix(room)
            dropped += Swift.max(bytes.count - room, 0)
            return true
        case .stream: return true
        }
    }

    private enum Found {
        case piece([UInt8])
        case end
        case later
    }

    private func read(_ pipe: Descriptor) -> Found {
        while true {
            var got = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceMax) { room, count in
                got = unsafe Glibc.read(pipe.number, room.baseAddress, Self.pieceMax)
                count = Swift.max(got, 0)
            }
            if got > 0 { return .piece(bytes) }
            if got < 0, errno == EINTR { continue }
            return got < 0 && errno == EAGAIN ? .later : .end
        }
    }
}
