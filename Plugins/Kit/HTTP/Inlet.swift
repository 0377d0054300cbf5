/// Pieces of a body on their way to the task that reads them.
///
/// Lane only.
///
/// Above the mark it requests a pause, and when half of it has been read it calls `resume`.
final class Inlet {
    /// Bytes that wait to be read before the sender is paused.
    private static let highWater = 256 * 1024

    private var pieces: [[UInt8]] = []
    private var next = 0
    private var waiting = 0
    private var isPaused = false
    private var end: Result<Headers, any Error>?
    private let waiter = Signal()
    private let resume: () -> Void

    init(resume: @escaping () -> Void) {
        self.resume = resume
    }

    /// The trailers, when the end has been read.
    var trailers: Headers? {
        guard next == pieces.count else { return nil }
        return try? end?.get()
    }

    /// Whether all has come, though it may wait to be read.
    var hasEnded: Bool { end != nil }

    /// Takes a piece; false: pause the sender.
    func take(_ piece: [UInt8]) -> Bool {
        if end != nil { return true }
        if !piece.isEmpty {
            pieces.append(piece)
            waiting += piece.count
            waiter.wake()
        }
        isPaused = isPaused || waiting >= Self.highWater
        return !isPaused
    }

    /// The body is whole.
    func finish(_ trailers: Headers = [:]) {
        if end != nil { return }
        end = .success(trailers)
        waiter.wake()
    }

    /// After an upgrade: what has come until now was the body of the request, which had none.
    func reopen() {
        if case .success = end, pieces.isEmpty { end = nil }
    }

    /// The rest will not come.
    func fail(_ error: any Error) {
        // A whole body stays readable.
        if end != nil { return }
        end = .failure(error)
        waiter.wake()
    }

    /// The next piece; nil at the end.
    func read() async throws -> [UInt8]? {
        while next == pieces.count {
            if let end {
                _ = try end.get()
                return nil
            }
            try await waiter.wait()
        }
        let piece = pieces[next]
        pieces[next] = []
        next += 1
        if next == pieces.count {
            pieces.removeAll(keepingCapacity: true)
            next = 0
        }
        waiting -= piece.count
        if isPaused, waiting <= Self.highWater / 2 {
            isPaused = false
            resume()
        }
        return piece
    }

    /// All that is left, at most `bytesMax` bytes.
    func collect(upTo bytesMax: Int) async throws -> [UInt8] {
        var whole: [UInt8] = []
        while let piece = try await read() {
            if whole.count + piece.count > bytesMax {
                throw PluginError(.limit, "the body is larger than \(bytesMax) bytes")
            }
            if whole.isEmpty { whole = piece } else { whole += piece }
        }
        return whole
    }
}
