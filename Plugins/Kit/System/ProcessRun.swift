internal import CProcess
internal import Glibc
internal import Synchronization

/// A program that runs, as the body of `Process.run` has it.
///
/// Lane only.
public final class RunningProcess {
    /// The process, and the number of its group.
    public let id: Int32
    /// Its standard input.
    public let input: ProcessInput
    /// Its standard output.
    public let output: ProcessOutput
    /// Its standard error, when it is streamed.
    public let errors: ProcessOutput
    /// How it ended; nil while it runs.
    public private(set) var exit: ProcessExit?

    private let command: Command
    private let hasExited: Descriptor
    private let clock: ProcessClock
    private let watched: DescriptorSet
    private var watch: (any DescriptorWatch)?
    private var isEnding = false
    /// Why the program is being ended; the first reason counts.
    private var failure: PluginError?
    private var waiter: CheckedContinuation<Void, Never>?

    init(
        _ command: Command,
        output: ProcessOutput.Fate,
        errors: ProcessOutput.Fate,
        on lane: some DescriptorWatching
    ) throws(PluginError) {
        if Task.isCancelled {
            throw PluginError(.canceled, "\(command.file): not started, as its task was cancelled")
        }
        self.command = command
        watched = try DescriptorSet()
        clock = try ProcessClock()
        let start = try ProcessStart(command)
        id = start.id
        hasExited = start.end
        input = ProcessInput(start.input, watched)
        self.output = ProcessOutput(start.output, output, watched)
        self.errors = ProcessOutput(start.errors, errors, watched)
        do throws(PluginError) {
            for descriptor in [start.input, start.output, start.errors, start.end, clock.timer] {
                try watched.add(descriptor)
            }
            watch = try lane.watch(
                fd: watched.number,
                for: .readable,
                ended: { self.lose() },
                { _ in self.turn() }
            )
        } catch {
            ProcessStart.abandon(id)
            throw error
        }
        clock.start(command.timeLimit)
        watched.arm(clock.timer, for: .readable)
        watched.arm(hasExited, for: .readable)
        self.output.begin()
        self.errors.begin()
    }

    /// Sends a signal to the program and its group, for instance SIGHUP; nothing after its end.
    public func signal(_ number: Int32) {
        if exit == nil { kill(-id, number) }
    }

    /// Ends the program: SIGTERM to its group now, SIGKILL after the grace time.
    ///
    /// Does not wait; harmless when repeated.
    public func end() {
        end(because: nil)
    }

    private func end(because failure: PluginError?) {
        guard exit == nil, !isEnding else { return }
        isEnding = true
        self.failure = failure
        signal(SIGTERM)
        clock.startGrace(command.grace)
    }

    /// Closes what a body had: the program sees the end of its input, and its writes fail.
    func closeStreams() {
        input.close()
        for stream in [output, errors] where stream.isPulled { stream.drop() }
    }

    /// Runs `body`; a cancellation of the task ends the program meanwhile.
    func whileCancellable<Answer>(_ body: () async throws -> Answer) async rethrows -> Answer {
        try await withTaskCancellationHandler(
            operation: body,
            onCancel: { [clock] in clock.cancel() }
        )
    }

    /// Returns when the program has ended and its kept streams are whole.
    func waitForEnd() async {
        if exit == nil {
            await withCheckedContinuation { waiter = $0 }
        }
    }

    /// Throws what ended the program, unless that was itself or the body.
    func throwFailure() throws(PluginError) {
        if let failure { throw failure }
    }
}

extension RunningProcess {
    /// Something happened behind the descriptor that the lane watches.
    private func turn() {
        for number in watched.ready() {
            switch number {
            case hasExited.number: reap()
            case clock.timer.number: passTime()
            case input.number: input.flush()
            case output.number: if !output.take() { exceedLimit() }
            case errors.number: _ = errors.take()
            default: break
            }
        }
    }

    private func passTime() {
        clock.acknowledge()
        watched.arm(clock.timer, for: .readable)
        if isEnding { return signal(SIGKILL) }
        if clock.isCancelled {
            end(
                because: PluginError(.canceled, "\(command.file): ended, as its task was cancelled")
            )
        } else if let limit = command.timeLimit {
            end(because: PluginError(.timeout, "\(command.file): ended, as it ran for \(limit)"))
        }
    }

    private func exceedLimit() {
        end(because: limitFailure)
        output.drop()
    }

    private var limitFailure: PluginError {
        PluginError(
            .limit,
            "\(command.file): ended, as it wrote more than its limit to its standard output"
        )
    }

    private func reap() {
        // Before the process is reaped: until then the group's number belongs to nobody else.
        signal(SIGKILL)
        var status: Int32 = 0
        switch unsafe cprocess_reap(hasExited.number, &status) {
        case 0: return watched.arm(hasExited, for: .readable)
        case 1: exit = .status(status)
        case 2: exit = .signal(status)
        default:
            exit = .status(-1)
            failure = PluginError(
                .io,
                "\(command.file): another part of the process has taken its exit status"
            )
        }
        finish()
    }

    /// The lane has stopped watching; if the program still runs, its end would not be heard.
    private func lose() {
        guard exit == nil else { return }
        ProcessStart.abandon(id)
        exit = .signal(SIGKILL)
        failure = PluginError(.gone, "\(command.file): ended, as its instance has stopped")
        finish()
    }

    private func finish() {
        watch?.cancel()
        watch = nil
        input.drop()
        if !output.end(failure), failure == nil { failure = limitFailure }
        _ = errors.end(failure)
        waiter.take()?.resume()
    }
}

/// The time of a running program: its limit, then the grace time, and cancellation, which makes
/// the limit now.
///
/// Any thread.
final class ProcessClock: Sendable {
    /// Readable when the time is over (timerfd).
    let timer: Descriptor

    private enum State {
        case running, cancelled, ending
    }

    private let state = Mutex(State.running)

    init() throws(PluginError) {
        timer = try Descriptor(cprocess_timer_open(), "making a timer")
    }

    func start(_ limit: Duration?) {
        if let limit { cprocess_timer_set(timer.number, limit.timerNanoseconds) }
    }

    var isCancelled: Bool { state.withLock { $0 == .cancelled } }

    /// No effect while the program is being ended: its grace time is not cut short.
    func cancel() {
        state.withLock { state in
            guard state == .running else { return }
            state = .cancelled
            cprocess_timer_set(timer.number, 1)
        }
    }

    func startGrace(_ grace: Duration) {
        state.withLock { state in
            state = .ending
            cprocess_timer_set(timer.number, grace.timerNanoseconds)
        }
    }

    /// Takes what made the timer readable.
    func acknowledge() {
        var count: UInt64 = 0
        _ = unsafe read(timer.number, &count, MemoryLayout<UInt64>.size)
    }
}

extension Duration {
    /// At least one, as none would stop a timer; what the clock cannot hold is 292 years.
    fileprivate var timerNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        let (whole, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isOver ? UInt64(Int64.max) : UInt64(max(1, whole + attoseconds / 1_000_000_000))
    }
}
