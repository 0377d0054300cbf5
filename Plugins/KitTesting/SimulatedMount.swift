// Alone because: it is a plain copy of a struct of the header.

internal import SluiceABI

/// A mount as the host is told.
public struct SimulatedMount: Equatable, Sendable {
    /// "/v1/functions/".
    public let prefix: String
    /// "" when any rest will do.
    public let pattern: String
    /// SLUICE_M_*.
    public let methods: UInt32
    /// SLUICE_BODY_*.
    public let body: Int32
    /// SLUICE_MOUNT_*.
    public let flags: UInt32
    /// Bytes of a body.
    public let bytesMax: UInt64
    /// The time for the head.
    public let headNanoseconds: UInt64
    /// The time between two writes.
    public let idleNanoseconds: UInt64
    /// The time for the whole exchange.
    public let totalNanoseconds: UInt64
    /// 0: the host's default.
    public let inFlightMax: UInt32

    init(_ words: sluice_mount) {
        unsafe prefix = String(words.prefix)
        unsafe pattern = String(words.pattern)
        unsafe methods = words.methods
        unsafe body = words.body
        unsafe flags = words.flags
        unsafe bytesMax = words.max_body
        unsafe headNanoseconds = words.head_ns
        unsafe idleNanoseconds = words.idle_ns
        unsafe totalNanoseconds = words.total_ns
        unsafe inFlightMax = words.max_inflight
    }
}
