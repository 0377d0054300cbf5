internal import CLinux

/// Monotonic time in nanoseconds; a worker reads it once a turn of its loop.
package enum Clock {
    package static func now() -> UInt64 { clinux_now() }

    /// Seconds since 1970.
    package static func unixSecond() -> Int64 { clinux_unix_second() }

    package static let nanosecondsPerMillisecond: UInt64 = 1_000_000
    package static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// A deadline that never comes.
    package static let never = UInt64.max
}
