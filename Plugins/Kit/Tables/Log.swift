internal import SluiceABI

/// The instance's log; the host adds plugin, instance and thread.
///
/// Any thread.
@safe
public struct Log: @unchecked Sendable {
    /// How much a line matters.
    public enum Level: Int32, Sendable {
        case trace, debug, info, warn, error
    }

    private let table: UnsafePointer<sluice_log_api>?

    init(_ table: UnsafePointer<sluice_log_api>?) {
        unsafe self.table = unsafe table
    }

    /// Is anything below or at `level` written? Ask before building an expensive line.
    public func isOn(_ level: Level) -> Bool {
        guard let table = unsafe table else { return false }
        return unsafe sluice_log_on(table, level.rawValue) != 0
    }

    /// Writes one line with structured fields; both are copied.
    public func write(
        _ level: Level,
        _ message: @autoclosure () -> String,
        _ fields: KeyValuePairs<String, String> = [:]
    ) {
        guard isOn(level), let write = unsafe table?.pointee.write else { return }
        let text = message()
        withArena { arena in
            let pairs = unsafe fields.map { pair in
                unsafe sluice_field(key: arena.span(pair.key), value: arena.span(pair.value))
            }
            let span = unsafe arena.span(text)
            unsafe pairs.withUnsafeBufferPointer { buffer in
                unsafe write(table, level.rawValue, span, buffer.baseAddress, buffer.count)
            }
        }
    }

    /// Writes for those who look for the cause of something.
    public func debug(
        _ message: @autoclosure () -> String,
        _ fields: KeyValuePairs<String, String> = [:]
    ) {
        write(.debug, message(), fields)
    }

    /// Writes what happens in the normal course.
    public func info(
        _ message: @autoclosure () -> String,
        _ fields: KeyValuePairs<String, String> = [:]
    ) {
        write(.info, message(), fields)
    }

    /// Writes what somebody should look at.
    public func warn(
        _ message: @autoclosure () -> String,
        _ fields: KeyValuePairs<String, String> = [:]
    ) {
        write(.warn, message(), fields)
    }

    /// Writes what failed.
    public func error(
        _ message: @autoclosure () -> String,
        _ fields: KeyValuePairs<String, String> = [:]
    ) {
        write(.error, message(), fields)
    }
}
