internal import SluiceABI

/// The instance's part of the host's readiness.
///
/// Any thread.
@safe
public struct Health: @unchecked Sendable {
    /// How a component is.
    public enum State: Int32, Sendable {
        /// Not ready yet; the host is not ready either.
        case starting
        /// Serves.
        case ready
        /// Serves, and shows a warning.
        case degraded
        /// Does not serve; the host is not ready.
        case failed
    }

    private let table: UnsafePointer<sluice_health_api>?

    init(_ table: UnsafePointer<sluice_health_api>?) {
        unsafe self.table = unsafe table
    }

    /// Reports `component`, which its first report creates.
    ///
    /// A host that no longer listens is no error: the report has nobody to reach.
    public func report(_ component: String, _ state: State, _ message: String = "") {
        guard let report = unsafe table?.pointee.report else { return }
        _ = withArena { arena in
            unsafe report(table, arena.span(component), state.rawValue, arena.span(message))
        }
    }

    /// Promises another beat within `gap`; a missed one reports the component failed.
    ///
    /// nil takes the promise back.
    public func beat(_ component: String, within gap: Duration?) {
        guard let beat = unsafe table?.pointee.beat else { return }
        _ = withArena { arena in
            unsafe beat(table, arena.span(component), gap?.nanoseconds ?? 0)
        }
    }
}
