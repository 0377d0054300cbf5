import SimulatedKernel
import SluiceBase
import SluiceConfig
import SluiceServe

/// What a seed makes of a run before its first turn.
///
/// Even seeds are honest: the kernel is hostile, endpoints refuse, but every request must succeed.
/// In odd seeds clients, origins and memory are hostile as well.
struct SimulationPlan {
    let seed: UInt64
    let hostility: Hostility
    let clientsMax: Int
    let bodyBytesMax: Int
    /// Bytes of a field that makes a head long.
    let headBytesMax: Int
    /// Origins close connections that they have just said to keep.
    let closesIdle: Bool
    /// The run ends with a notice and a drain.
    let drains: Bool
    /// The PROXY protocol begins each connection of a client.
    let speaksProxy: Bool
    /// The PROXY protocol begins each connection to an origin; 0: it does not.
    let proxiesUpstream: Int
    /// Clients speak TLS.
    let secures: Bool
    /// Origins speak TLS.
    let securesUpstream: Bool
    let refusing: Set<UInt16>
    /// Endpoints under TLS whose certificate nobody trusts.
    let strangers: Set<UInt16>
    let silent: Set<UInt16>
    private(set) var limits = Limits()

    var isHostile: Bool { seed % 2 == 1 }

    /// The longest that an answer may take in an even seed: nobody waits for a deadline but that of
    /// an endpoint which never accepts, and of an accept that failed.
    var answerNanosecondsMax: UInt64 {
        UInt64(silent.isEmpty ? 0 : limits.connectTimeoutNanoseconds) + UInt64(second) / 4
    }

    /// The endpoint that never refuses.
    static let healthyPort: UInt16 = 8_001
    static let ports: [UInt16] = [8_001, 8_002, 8_003, 8_004, 8_005, 8_006]

    /// What the kernel may do is drawn from the seed unless it is given.
    init(seed: UInt64, hostility: Hostility? = nil) {
        var random = SeededRandom(seed &* 0x9e37_79b9 ^ 0x5eed)
        let isHostile = seed % 2 == 1
        var drawn = hostility ?? Hostility.drawn(&random)
        // An origin that cannot be reached for want of descriptors is a request that fails.
        if !isHostile { drawn.remove(.descriptorsRunOut) }
        self.seed = seed
        self.hostility = drawn
        clientsMax = 4 + random.below(12)
        let isSlow = !drawn.isDisjoint(with: [.oneByteReceives, .tightSockets])
        bodyBytesMax = isSlow ? 1_500 : 40_000
        headBytesMax = isSlow ? 600 : 50_000
        closesIdle = random.oneIn(3)
        drains = random.oneIn(4)
        speaksProxy = random.oneIn(5)
        proxiesUpstream = random.oneIn(8) ? 1 + random.below(2) : 0
        var refusing: Set<UInt16> = []
        for port in Self.ports.dropFirst() where random.oneIn(3) { refusing.insert(port) }
        self.refusing = refusing
        silent = random.oneIn(4) ? [Self.ports[1 + random.below(5)]] : []
        secures = random.oneIn(4)
        securesUpstream = random.oneIn(4)
        let hasStranger = securesUpstream && random.oneIn(3)
        strangers = hasStranger ? [Self.ports[1 + random.below(5)]] : []
        setLimits(&random)
    }

    private mutating func setLimits(_ random: inout SeededRandom) {
        limits.connectionsPerWorkerMax = 64
        limits.upstreamConnectionsPerWorkerMax = 64
        limits.upstreamIdlePerEndpointMax = 1 + random.below(8)
        limits.receiveBuffersPerWorker = 128 << random.below(2)
        limits.receiveBufferBytes = 2_048 << random.below(6)
        limits.smallBuffersPerWorker = 512
        limits.largeBuffersPerWorker = 64
        limits.pendingWriteBytesMax = max(16_384, limits.receiveBufferBytes)
        limits.endpointsMax = 64
        limits.connectionsPerClientMax = random.oneIn(3) ? 32 : 0
        limits.requestsPerConnectionMax = random.oneIn(3) ? 1 + random.below(4) : 0
        if isHostile, random.oneIn(3) { makeMemoryScarce(&random) }
        limits.shortenTimes()
    }

    private mutating func makeMemoryScarce(_ random: inout SeededRandom) {
        limits.receiveBuffersPerWorker = 16 << random.below(3)
        limits.smallBuffersPerWorker = 16 << random.below(4)
        limits.largeBuffersPerWorker = 4 << random.below(4)
        limits.connectionsPerWorkerMax = 4 + random.below(12)
        limits.upstreamConnectionsPerWorkerMax = 2 + random.below(8)
        limits.pendingWriteBytesMax = max(8_192, limits.receiveBufferBytes)
        limits.connectionsPerClientMax = random.oneIn(2) ? 2 : 0
    }
}
