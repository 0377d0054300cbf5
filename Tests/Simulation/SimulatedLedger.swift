/// What clients and origins of one run know of each other.
final class SimulatedLedger {
    /// How often each request arrived whole.
    var seen: [String: Int] = [:]
    /// Replies that an origin ended by closing before they were whole.
    var cut: Set<String> = []
    /// What was wrong; empty while all is well.
    var wrongs: [String] = []
    /// The host tells its clients that it will end.
    var hasNotice = false
    /// The host ends its connections.
    var isDraining = false
}
