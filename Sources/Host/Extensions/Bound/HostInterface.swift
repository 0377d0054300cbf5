internal import SluiceABI

/// The interfaces that `sluice_host.find` knows, by id.
///
/// `sluice.client/1`, `sluice.registry/1` and `sluice.reply/1` are not carried yet: `find` answers
/// NULL for them, and a plugin that requires one is refused before it is created.
enum HostInterface: String, CaseIterable {
    case bytes = "sluice.bytes/1"
    case log = "sluice.log/1"
    case metrics = "sluice.metrics/1"
    case health = "sluice.health/1"
    case exec = "sluice.exec/1"
    case routing = "sluice.routing/1"
    case http = "sluice.http/1"

    static let names = allCases.map(\.rawValue)
}
