// Alone because: every module measures time with it and with nothing else of Base.

internal import CLinux

/// Monotonic time in nanoseconds; a worker reads it once a turn of its loop.
public enum Clock {
    /// Nanoseconds since some moment before the process started.
    public static func now() -> UInt64 { clinux_now() }

    /// Seconds since 1970.
    public static func unixSecond() -> Int64 { clinux_unix_second() }

    public static let nanosecondsPerMillisecond: UInt64 = 1_000_000
    public static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// A deadline that never comes.
    public static let never = UInt64.max

    /// The moment `nanoseconds` after `now`; `Int.max` is never, and so is what does not fit.
    @inlinable
    public static func deadline(_ now: UInt64, after nanoseconds: Int) -> UInt64 {
        guard nanoseconds < Int.max else { return UInt64.max }
        let (sum, isOver) = now.addingReportingOverflow(UInt64(max(0, nanoseconds)))
        return isOver ? UInt64.max : sum
    }

    /// The moment `nanoseconds` after `now`; `never` stays never, and so does what does not fit.
    @inlinable
    public static func after(_ nanoseconds: UInt64, from now: UInt64) -> UInt64 {
        let (sum, isOver) = now.addingReportingOverflow(nanoseconds)
        return isOver ? UInt64.max : sum
    }

    /// How long poll(2) may wait from `now` for `deadline`: rounded up, -1 for never.
    package static func milliseconds(until deadline: UInt64, from now: UInt64) -> Int32 {
        guard deadline != never else { return -1 }
        guard deadline > now else { return 0 }
        return Int32(clamping: (deadline - now - 1) / nanosecondsPerMillisecond + 1)
    }
}
