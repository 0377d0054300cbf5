internal import SluiceABI

/// The way to the instance's lane, and the host's clock.
///
/// Any thread.
@safe
public struct Lane: @unchecked Sendable {
    private let table: UnsafePointer<sluice_exec_api>

    init(_ table: UnsafePointer<sluice_exec_api>) {
        unsafe self.table = unsafe table
    }

    /// The monotonic clock of the host's loops, in nanoseconds.
    public var now: UInt64 {
        guard let clock = unsafe table.pointee.now_ns else { return 0 }
        return clock()
    }

    /// Runs `body` once on the lane, in the order of this thread's posts.
    ///
    /// Throws `.gone` after the instance has stopped; `body` is dropped then.
    public func post(_ body: @escaping @Sendable () -> Void) throws(PluginError) {
        guard let post = unsafe table.pointee.post else { throw missing("post") }
        let context = unsafe Unmanaged.passRetained(Posted(body)).toOpaque()
        let status = unsafe post(SLUICE_ON_LANE, runPosted, context)
        if status < 0 {
            unsafe Unmanaged<Posted>.fromOpaque(context).release()
            throw refused(status, "posting to the lane")
        }
    }

    /// Tells the host that the work announced by `Drain.pending` is done.
    public func drained() {
        if let drained = unsafe table.pointee.drained { drained() }
    }
}

private final class Posted {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runPosted(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<Posted>.fromOpaque(context).takeRetainedValue().body()
}

/// The error for a table whose function is not filled in.
func missing(_ function: String) -> PluginError {
    PluginError(.unsupported, "the host does not carry \(function)")
}

/// The error for a call that the host answered with a failure.
func refused(_ status: sluice_status, _ deed: String) -> PluginError {
    PluginError(Status(rawValue: status), "\(deed): the host answered \(Status(rawValue: status))")
}
