internal import SluiceABI

/// Answers to exchanges.
///
/// Any thread.
@safe
public struct HTTP: @unchecked Sendable {
    private let table: UnsafePointer<sluice_http_api>

    init(_ table: UnsafePointer<sluice_http_api>) {
        unsafe self.table = unsafe table
    }
}
