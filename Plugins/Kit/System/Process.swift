/// A program to run, and all that it gets: nothing of the host's environment, folder, descriptors
/// or signal settings reaches it.
public struct Command: Sendable, Equatable {
    /// Absolute path of the program; no search along a PATH.
    public var file: String
    /// What follows the program's name.
    public var arguments: [String]
    /// The whole environment.
    public var environment: [String: String]
    /// Absolute path of the folder to run in.
    public var directory: String
    /// How long it may run before it is ended; nil: for ever.
    public var timeLimit: Duration?
    /// How long it has between SIGTERM and SIGKILL when it is ended.
    public var grace: Duration

    /// Describes a program; nothing is looked at yet.
    public init(
        _ file: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: String = "/",
        timeLimit: Duration?,
        grace: Duration = .seconds(5)
    ) {
        self.file = file
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.timeLimit = timeLimit
        self.grace = grace
    }
}

/// How a program ended.
public enum ProcessExit: Sendable, Equatable, CustomStringConvertible {
    /// By itself, with this status; 0 is success.
    case status(Int32)
    /// By this signal.
    case signal(Int32)

    /// Whether it exited with 0.
    public var isSuccess: Bool { self == .status(0) }

    /// "status 1", "signal 9".
    public var description: String {
        switch self {
        case .status(let number): "status \(number)"
        case .signal(let number): "signal \(number)"
        }
    }
}

/// What a program that has ended left behind.
public struct ProcessResult: Sendable, Equatable {
    /// How it ended.
    public let exit: ProcessExit
    /// Its standard output, whole.
    public let output: [UInt8]
    /// The beginning of its standard error, up to the limit.
    public let errors: [UInt8]
    /// How many bytes of its standard error came beyond the limit.
    public let errorsDropped: Int
}

/// What becomes of a program's standard error.
public enum ProcessErrors: Sendable, Equatable {
    /// The first so many bytes are kept; the rest is read and counted.
    case keep(Int)
    /// `RunningProcess.errors` gives it in pieces: read it beside the output, or the program
    /// stops when the pipe is full.
    case stream
}

/// Running programs beside the lane.
///
/// Each runs in a session and process group of its own. When it ends, whatever it left in its
/// group is killed; a descendant that made a session of its own is not reached. Starting waits for
/// the kernel to load the file, nothing else waits on the lane.
public enum Process {
    /// Runs a program to its end with `input` as its standard input.
    ///
    /// It is ended (SIGTERM to the group, SIGKILL after the grace time) past its time limit
    /// (`.timeout`), when it writes more than `outputMax` bytes (`.limit`), and when the task is
    /// cancelled (`.canceled`). Other errors are those of starting it: `.notFound`, `.denied`,
    /// `.invalid`, `.io`. A status other than 0 is no error here: look at `exit`. A program need
    /// not read its input.
    public static func run(
        _ command: Command,
        input: [UInt8] = [],
        outputMax: Int = 1 << 20,
        errorsMax: Int = 1 << 16,
        on lane: some DescriptorWatching
    ) async throws(PluginError) -> ProcessResult {
        let process = try RunningProcess(
            command,
            output: .collect(outputMax),
            errors: .keep(errorsMax),
            on: lane
        )
        process.input.put(input)
        process.input.close()
        await process.whileCancellable { await process.waitForEnd() }
        try process.throwFailure()
        return ProcessResult(
            exit: process.exit ?? .signal(0),
            output: process.output.collected,
            errors: process.errors.collected,
            errorsDropped: process.errors.dropped
        )
    }

    /// Runs a program whose streams `body` reads and writes.
    ///
    /// When `body` returns, the program's input and streams are closed and its end is awaited; when
    /// `body` throws, the program is ended as above, and then the error is thrown on. What ended
    /// the program (time limit, cancellation) is thrown instead of what `body` made of that.
    public static func run<Answer>(
        _ command: Command,
        errors: ProcessErrors = .keep(1 << 16),
        on lane: some DescriptorWatching,
        _ body: (RunningProcess) async throws -> Answer
    ) async throws -> (answer: Answer, exit: ProcessExit, errors: [UInt8]) {
        let process = try RunningProcess(
            command,
            output: .stream,
            errors: errors == .stream ? .stream : .keep(errors.bytesMax),
            on: lane
        )
        let answer = try await process.whileCancellable {
            do {
                let answer = try await body(process)
                process.closeStreams()
                await process.waitForEnd()
                try process.throwFailure()
                return answer
            } catch {
                process.end()
                await process.waitForEnd()
                try process.throwFailure()
                throw error
            }
        }
        return (answer, process.exit ?? .signal(0), process.errors.collected)
    }
}

extension ProcessErrors {
    fileprivate var bytesMax: Int {
        if case .keep(let bytes) = self { bytes } else { 0 }
    }
}
