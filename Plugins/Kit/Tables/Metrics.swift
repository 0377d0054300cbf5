internal import SluiceABI

/// Defines the instance's metrics.
///
/// Any thread, but definitions on the lane alone.
@safe
public struct Metrics: @unchecked Sendable {
    private let table: UnsafePointer<sluice_metrics_api>

    init(_ table: UnsafePointer<sluice_metrics_api>) {
        unsafe self.table = unsafe table
    }
}
