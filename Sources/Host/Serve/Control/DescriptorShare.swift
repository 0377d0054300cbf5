package import SluiceConfig

/// How the descriptors of the process are shared: connections of all workers together stay below
/// the limit of the process, so that a flood of them leaves the others what they need.
package enum DescriptorShare {
    /// Descriptors kept for everything but connections: listening sockets, rings, files, the admin
    /// API, plugins.
    package static let reserve = 64
    /// The least that a worker is given of either kind.
    private static let connectionsMin = 16

    /// `limits` with connections lowered to what `descriptors` allow, and a sentence if they were.
    package static func fit(
        _ limits: Limits,
        workers: Int,
        descriptors: Int
    ) -> (limits: Limits, warning: String?) {
        let downstream = limits.connectionsPerWorkerMax
        let upstream = limits.upstreamConnectionsPerWorkerMax
        let share = max(0, descriptors - reserve) / max(1, workers)
        guard downstream + upstream > share else { return (limits, nil) }
        var fitted = limits
        fitted.connectionsPerWorkerMax = max(
            connectionsMin,
            min(downstream, share * downstream / (downstream + upstream))
        )
        fitted.upstreamConnectionsPerWorkerMax = max(
            connectionsMin,
            min(upstream, share - fitted.connectionsPerWorkerMax)
        )
        let warning =
            "the process may open \(descriptors) descriptors (RLIMIT_NOFILE), of which \(reserve)"
            + " are reserved: limits.connectionsPerWorkerMax is lowered from \(downstream) to"
            + " \(fitted.connectionsPerWorkerMax) and limits.upstreamConnectionsPerWorkerMax from"
            + " \(upstream) to \(fitted.upstreamConnectionsPerWorkerMax)"
        return (fitted, warning)
    }
}
