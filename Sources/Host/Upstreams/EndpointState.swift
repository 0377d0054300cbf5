internal import SluiceBase

/// What one worker knows of one endpoint.
struct EndpointState: BitwiseCopyable {
    /// The use of the slot that this is about; 0 before the first.
    var generation: UInt32 = 0
    /// Whether the snapshot in force has the endpoint.
    var isUsed = false
    /// Exchanges in flight.
    var active: UInt32 = 0
    /// Failures since the last success.
    var failures: UInt32 = 0
    /// The idle connection that was used last, or -1.
    var idle: Int32 = -1
    var idleCount: UInt32 = 0
}

/// A connection's place among the idle ones of its endpoint.
struct IdleLink: BitwiseCopyable {
    /// The connection used before this one, or -1.
    var older: Int32 = -1
    /// The connection used after this one, or -1.
    var newer: Int32 = -1
    /// The endpoint's slot, or -1 when the connection is not idle.
    var slot: Int32 = -1
}
