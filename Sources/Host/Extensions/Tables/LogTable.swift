internal import SluiceABI
internal import SluiceBase
internal import SluiceConfig

/// `sluice.log/1`, BOUND: lines under the instance's own name.
enum LogTable {
    /// Structured fields of one line; more are dropped.
    private static let fieldsMax = 32

    private typealias Fields = UnsafePointer<sluice_field>?
    private typealias Write = @convention(c) (Int32, sluice_span, Fields, Int) -> Void

    static func make(_ bridge: Bridge) -> sluice_log_api {
        unsafe sluice_log_api(
            threshold: UnsafePointer(Log.threshold.address),
            write: bridge.mint("v(ispU)", write, as: Write.self)
        )
    }

    private static let write:
        @convention(c) (UnsafeMutableRawPointer?, Int32, sluice_span, Fields, Int) -> Void = {
            context,
            level,
            message,
            fields,
            count in
            guard let instance = unsafe context.instance else { return }
            let rank = LogLevel(rawValue: UInt8(clamping: level)) ?? .error
            guard Log.threshold.allows(rank) else { return }
            let max = instance.environment.limits.pluginLogLineBytesMax
            var pairs = ["instance", instance.name, "thread", instance.threadName]
            if let fields = unsafe fields {
                for index in 0..<min(count, fieldsMax) {
                    unsafe pairs.append(cut(fields[index].key, max))
                    unsafe pairs.append(cut(fields[index].value, max))
                }
            }
            Log.write(rank, unsafe cut(message, max), pairs)
        }

    private static func cut(_ span: sluice_span, _ max: Int) -> String {
        let bytes = unsafe span.bytes
        return bytes.prefix(min(bytes.count, max)).text
    }
}
