/// The host's monotonic clock, for timed algorithms of other libraries.
///
/// Any thread.
///
/// Every absolute time of the boundary (deadlines, arrivals) is an instant of it.
public struct LaneClock: Clock {
    /// A point of the host's monotonic clock.
    public struct Instant: InstantProtocol {
        /// Nanoseconds since the clock's own zero.
        public let nanoseconds: UInt64

        /// Wraps nanoseconds of the clock.
        public init(nanoseconds: UInt64) {
            self.nanoseconds = nanoseconds
        }

        /// The instant `duration` later; it stays inside the clock's range.
        public func advanced(by duration: Duration) -> Instant {
            if duration < .zero {
                let back = (Duration.zero - duration).nanoseconds
                return Instant(nanoseconds: nanoseconds - min(back, nanoseconds))
            }
            let sum = nanoseconds.addingReportingOverflow(duration.nanoseconds)
            return Instant(nanoseconds: sum.overflow ? .max : sum.partialValue)
        }

        /// How long it is from here to `other`; negative when that is earlier.
        public func duration(to other: Instant) -> Duration {
            other.nanoseconds >= nanoseconds
                ? .nanoseconds(Int64(clamping: other.nanoseconds - nanoseconds))
                : .zero - .nanoseconds(Int64(clamping: nanoseconds - other.nanoseconds))
        }

        /// Whether `left` is earlier.
        public static func < (left: Instant, right: Instant) -> Bool {
            left.nanoseconds < right.nanoseconds
        }
    }

    private let lane: Lane

    init(_ lane: Lane) {
        self.lane = lane
    }

    /// Now.
    public var now: Instant { Instant(nanoseconds: lane.now) }

    /// One nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Suspends the task until `deadline`; the tolerance is not used.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await lane.sleep(for: max(now.duration(to: deadline), .zero))
    }
}
