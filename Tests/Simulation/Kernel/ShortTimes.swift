package import SluiceConfig

extension Limits {
    /// Every deadline of a run passes in few turns.
    package mutating func shortenTimes() {
        proxyHeaderTimeoutNanoseconds = second
        handshakeTimeoutNanoseconds = 2 * second
        headerReadTimeoutNanoseconds = 2 * second
        keepAliveIdleNanoseconds = 3 * second
        bodyIdleNanoseconds = 2 * second
        writeStallNanoseconds = 2 * second
        halfClosedNanoseconds = 4 * second
        lingerNanoseconds = second
        connectTimeoutNanoseconds = second
        firstByteTimeoutNanoseconds = 3 * second
        replyIdleNanoseconds = 3 * second
        tunnelIdleNanoseconds = 3 * second
        upstreamIdleNanoseconds = 2 * second
        filterHoldNanoseconds = 2 * second
    }
}
