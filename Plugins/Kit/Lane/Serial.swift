internal import Synchronization

/// One job at a time on the host's pool, in the order in which they came, over a state that only
/// they touch: a database connection, a file.
///
///     let database = Serial(host) { try Connection("state.db") }
///     let count = try await database.run { connection in try connection.count() }
///
/// Any task of the instance. The state is made by the first job, on the pool.
public final class Serial<State>: Sendable {
    private struct Line {
        var isBusy = false
        var waiting: [Signal] = []
    }

    /// The state, touched by one job at a time.
    private final class Place: @unchecked Sendable {
        var state: State?
    }

    private let host: Host
    private let make: @Sendable () throws -> State
    private let waitingMax: Int
    private let place = Place()
    private let line = Mutex(Line())

    /// Describes the state; nothing is made yet.
    ///
    /// At most `waitingMax` jobs wait.
    public init(
        _ host: Host,
        waitingMax: Int = 1_024,
        make: @escaping @Sendable () throws -> State
    ) {
        self.host = host
        self.waitingMax = waitingMax
        self.make = make
    }

    /// Runs `job` after those that came before it, and returns what it found.
    ///
    /// Throws what `job` or the making of the state throws, `.limit` when too many wait, and
    /// `CancellationError` when the task is cancelled before the job has begun.
    public func run<Found: Sendable>(
        _ job: @escaping @Sendable (inout State) throws -> Found
    ) async throws -> Found {
        try await queue()
        defer { next() }
        return try await host.blocking { [place, make] in
            var state = try place.state.take() ?? make()
            defer { place.state = state }
            return try job(&state)
        }
    }

    /// Drops the state, on the pool, after the jobs that came before; the next job makes a new one.
    public func close() async throws {
        try await queue()
        defer { next() }
        try await host.blocking { [place] in place.state = nil }
    }

    private func queue() async throws {
        let waiter = Signal()
        let isFirst = try line.withLock { (line: inout Line) throws -> Bool in
            if !line.isBusy {
                line.isBusy = true
                return true
            }
            guard line.waiting.count < waitingMax else {
                throw PluginError(.limit, "more than \(waitingMax) jobs wait for a Serial")
            }
            line.waiting.append(waiter)
            return false
        }
        if isFirst { return }
        do {
            try await waiter.wait()
        } catch {
            let wasWaiting = line.withLock { line in
                let index = line.waiting.firstIndex { $0 === waiter }
                if let index { line.waiting.remove(at: index) }
                return index != nil
            }
            // Its turn came just as it was cancelled.
            if !wasWaiting { next() }
            throw error
        }
    }

    private func next() {
        let waiter = line.withLock { line -> Signal? in
            if line.waiting.isEmpty {
                line.isBusy = false
                return nil
            }
            return line.waiting.removeFirst()
        }
        waiter?.wake()
    }
}
