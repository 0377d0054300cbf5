internal import SluiceABI
internal import SluiceBase

/// One mount of a service, as the workers read it.
@safe
struct Mount: BitwiseCopyable {
    var prefix: UnsafePointer<UInt8>
    var prefixLength: Int
    var pattern: UnsafePointer<UInt8>
    var patternLength: Int
    var methods: UInt32
    var tag: UInt32
    var isInline: Bool
    var allowsHalfClose: Bool
    var body: BodyMode
    var bodyBytesMax: Int
    /// `Clock.never`: no limit.
    var timeoutNanoseconds: UInt64
    var inflightMax: UInt64
    /// Calls that run or wait.
    var inflight: Cell

    var prefixBytes: Bytes { unsafe Bytes(start: prefix, count: prefixLength) }
    var patternBytes: Bytes { unsafe Bytes(start: pattern, count: patternLength) }
}

/// One service instance, as the workers and its lane read it.
@safe
struct ServiceSlot: BitwiseCopyable {
    enum State {
        static let empty: UInt64 = 0
        /// Loaded, not started.
        static let waiting: UInt64 = 1
        static let serving: UInt64 = 2
        static let draining: UInt64 = 3
        static let stopped: UInt64 = 4
    }

    /// `State`; written by the life cycle, read by everybody.
    var state: Cell
    /// Calls that wait for the lane.
    var queued: Cell
    var queuedMax: UInt64
    var mounts: UnsafeMutablePointer<Mount>?
    var mountCount: Int
    var instance: Int32
    var plugin: UnsafeMutableRawPointer?
    var operations: sluice_service_ops
    var lane: LaneGate
    /// Time an inline call may hold its worker before it is reported.
    var budgetNanoseconds: UInt64
    /// When it was last reported that it took longer.
    var reported: Cell

    static func empty() -> ServiceSlot {
        unsafe ServiceSlot(
            state: Cell.permanent(),
            queued: Cell.permanent(),
            queuedMax: 0,
            mounts: nil,
            mountCount: 0,
            instance: -1,
            plugin: nil,
            operations: sluice_service_ops(),
            lane: LaneGate.none,
            budgetNanoseconds: .max,
            reported: Cell.permanent()
        )
    }
}
