internal import SluiceABI

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

    /// Writes this error where the other side asked for it; longer texts are cut.
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
        default: "status \(rawValue)"
        }
    }
}
