import Glibc
import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceShared
import Synchronization

/// A plugin host for one test, with what its plugins committed.
final class House: Sendable {
    let host: PluginHost

    init(
        _ plugins: [PluginConfiguration],
        _ change: (inout HostEnvironment) -> Void = { _ in }
    ) throws {
        let folder = try TemporaryFolder()
        var environment = HostEnvironment(
            stateDirectory: folder.path + "/state",
            configurationDirectory: folder.path,
            workers: 1
        )
        environment.executable = (environment.libraryDirectories.first ?? ".") + "/sluice"
        change(&environment)
        let committed = Commits()
        host = PluginHost(
            configurations: plugins,
            environment: environment,
            hooks: Hooks { committed.add($0) }
        )
        commits = committed
    }

    let commits: Commits

    /// A host with one instance "probe" of a freshly compiled `probe.c`, started.
    static func withProbe(
        _ defines: [String],
        _ change: (inout HostEnvironment) -> Void = { _ in }
    ) throws -> (House, Probe) {
        let fixture = try Fixture("probe", defines)
        var configuration = PluginConfiguration(name: "probe", library: fixture.path)
        configuration.isInline = true
        let house = try House([configuration], change)
        let failures = house.host.load() + house.host.start()
        guard failures.isEmpty else { throw FixtureFailure("\(failures)") }
        return (house, try Probe(fixture.path))
    }

    func end() {
        host.drain(deadlineNanoseconds: Clock.now() + 5 * Clock.nanosecondsPerSecond)
        _ = host.stop()
    }
}

/// Transactions in the order in which they came.
final class Commits: Sendable {
    private let list = Mutex<[Transaction]>([])

    func add(_ transaction: Transaction) { list.withLock { $0.append(transaction) } }

    var all: [Transaction] { list.withLock { $0 } }
}

/// The config of an instance, as a document of its own.
func config(_ text: String, source: String = "host.yaml") throws -> JSONValue {
    try JSONDocument(parsing: text, source: source).root
}
