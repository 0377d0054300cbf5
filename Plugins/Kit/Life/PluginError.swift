internal import SluiceABI

/// What went wrong at the boundary, with the place of the offending value where there is one.
public struct PluginError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind, as the header numbers it.
    public let status: Status
    /// What happened, what was expected and what to do.
    public let text: String
    /// JSON Pointer (RFC 6901) of the offending value; empty when there is none.
    public let pointer: String

    /// Makes an error from its kind, its sentence and the place of the offending value.
    public init(_ status: Status, _ text: String, at pointer: String = "") {
        self.status = status
        self.text = text
        self.pointer = pointer
    }

    /// The pointer, where there is one, and the sentence.
    public var description: String {
        pointer.isEmpty ? text : "\(pointer): \(text)"
    }
}

/// A status of the header: zero and above are kinds of success, below zero kinds of failure.
public struct Status: RawRepresentable, Sendable, Hashable {
    /// The number that crosses the boundary.
    public let rawValue: Int32

    /// Wraps any number, also one that this revision does not know.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    private init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Done.
    public static let ok = Status(SLUICE_OK)
    /// Accepted, completes later.
    public static let pending = Status(SLUICE_PENDING)
    /// Not mine: try the next candidate.
    public static let declined = Status(SLUICE_DECLINED)
    /// A bad argument or value.
    public static let invalid = Status(SLUICE_E_INVALID)
    /// Not supported by this host or plugin.
    public static let unsupported = Status(SLUICE_E_UNSUPPORTED)
    /// The exchange, call or instance no longer exists.
    public static let gone = Status(SLUICE_E_GONE)
    /// Back-pressure: wait for the ready callback.
    public static let again = Status(SLUICE_E_AGAIN)
    /// A configured bound was reached.
    public static let limit = Status(SLUICE_E_LIMIT)
    /// The instance lacks the grant.
    public static let denied = Status(SLUICE_E_DENIED)
    /// Called on the wrong kind of thread.
    public static let thread = Status(SLUICE_E_THREAD)
    /// Not allowed in this state.
    public static let state = Status(SLUICE_E_STATE)
    /// Too late.
    public static let timeout = Status(SLUICE_E_TIMEOUT)
    /// Reading or writing failed.
    public static let io = Status(SLUICE_E_IO)
    /// There is one already.
    public static let exists = Status(SLUICE_E_EXISTS)
    /// There is none.
    public static let notFound = Status(SLUICE_E_NOTFOUND)
    /// Out of memory.
    public static let noMemory = Status(SLUICE_E_NOMEM)
    /// Given up by its owner.
    public static let canceled = Status(SLUICE_E_CANCELED)
    /// A signature or JSON type does not match.
    public static let type = Status(SLUICE_E_TYPE)
    /// A fault of the one who answers.
    public static let `internal` = Status(SLUICE_E_INTERNAL)

    /// Too much waits already: try again after the next answer.
    public static let busy = Status(SLUICE_E_BUSY)

    /// Whether this is a kind of success.
    public var isSuccess: Bool { rawValue >= 0 }
}

/// Calls into the host with an empty error report and throws what comes back in it.
func withErrorReport(
    _ body: (UnsafeMutablePointer<sluice_error>) -> sluice_status
) throws(PluginError) {
    let report = UnsafeMutablePointer<sluice_error>.allocate(capacity: 1)
    unsafe report.initialize(to: sluice_error())
    unsafe report.pointee.size = UInt32(MemoryLayout<sluice_error>.size)
    defer { unsafe report.deallocate() }
    let status = unsafe body(report)
    if status < 0 { throw unsafe PluginError(Status(rawValue: status), reading: report) }
}

extension PluginError {
    /// What the other side wrote.
    init(_ status: Status, reading report: UnsafePointer<sluice_error>) {
        let bytes = unsafe UnsafeRawBufferPointer(
            start: UnsafeRawPointer(report),
            count: MemoryLayout<sluice_error>.size
        )
        let pathStart = MemoryLayout<sluice_error>.offset(of: \.path) ?? 0
        let textStart = MemoryLayout<sluice_error>.offset(of: \.text) ?? 0
        let path = unsafe min(Int(report.pointee.path_len), Int(SLUICE_ERROR_PATH_MAX))
        let text = unsafe min(Int(report.pointee.text_len), Int(SLUICE_ERROR_TEXT_MAX))
        let words = unsafe String(
            decoding: bytes[textStart..<textStart + text],
            as: UTF8.self
        )
        let pointer = unsafe String(
            decoding: bytes[pathStart..<pathStart + path],
            as: UTF8.self
        )
        self.init(status, words.isEmpty ? "the host answered \(status)" : words, at: pointer)
    }

    /// Writes this error where the caller provided room; longer texts are cut.
    ///
    /// Returns the status to answer with: always a failure.
    func write(to report: UnsafeMutablePointer<sluice_error>?) -> sluice_status {
        let code = status.isSuccess ? Status.internal.rawValue : status.rawValue
        guard let report = unsafe report else { return code }
        return withArena { arena in
            unsafe sluice_fail_at(report, code, arena.span(pointer), arena.span(text))
        }
    }
}

extension Status: CustomStringConvertible {
    /// The word of the header, or the bare number.
    public var description: String {
        switch self {
        case .ok: "ok"
        case .pending: "pending"
        case .declined: "declined"
        case .invalid: "invalid"
        case .unsupported: "unsupported"
        case .gone: "gone"
        case .again: "again"
        case .limit: "limit"
        case .denied: "denied"
        case .thread: "wrong thread"
        case .state: "wrong state"
        case .timeout: "timeout"
        case .io: "input/output error"
        case .exists: "exists"
        case .notFound: "not found"
        case .noMemory: "out of memory"
        case .canceled: "canceled"
        case .type: "wrong type"
        case .internal: "internal error"
        case .busy: "busy"
        default: "status \(rawValue)"
        }
    }
}

/// The error for a table whose function is not filled in.
func missing(_ function: String) -> PluginError {
    PluginError(.unsupported, "the host does not support \(function)")
}

/// The error for a call that the host answered with a failure.
func refused(_ status: sluice_status, _ deed: String) -> PluginError {
    PluginError(Status(rawValue: status), "\(deed): the host answered \(Status(rawValue: status))")
}
