internal import SluiceBase

/// What an operation is, in the order of a request's path.
enum Operation: UInt8 {
    case accept
    case receive
    case connect
    case send
    case wake
    case tick
    /// Cancellations: only their failure is reported, and ignored, because the operation they were
    /// about completes by itself.
    case settle
}

/// What a completion carries: operation (8 bits), generation (24 bits) and slot (32 bits).
enum Token {
    @inline(__always)
    static func make(_ operation: Operation, _ slot: Int32 = 0, _ generation: UInt32 = 0) -> UInt64
    {
        UInt64(operation.rawValue) << 56 | UInt64(generation) << 32
            | UInt64(UInt32(bitPattern: slot))
    }

    @inline(__always)
    static func operation(_ token: UInt64) -> Operation {
        guard let operation = Operation(rawValue: UInt8(truncatingIfNeeded: token >> 56)) else {
            preconditionFailure("a token nobody made")
        }
        return operation
    }

    @inline(__always)
    static func generation(_ token: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: token >> 32) & 0xff_ffff
    }

    @inline(__always)
    static func slot(_ token: UInt64) -> Int32 { Int32(truncatingIfNeeded: token) }
}
