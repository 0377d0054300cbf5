import SluiceKit

/// A source whose behaviour is the text of its configuration.
actor Scripted: SourcePlugin {
    static let description = PluginDescription(
        id: "dev.sluice.scripted",
        version: "1.2.3",
        summary: "Does what a test says.",
        configurationSchema: "{}",
        requires: [.routing],
        isSingleton: true
    )

    let host: Host
    let instance: Instance
    var configuration: String
    var steps: [String] = []
    var commits: [Commit] = []
    let signal = Signal()

    static func check(configuration: String) throws(PluginError) {
        if configuration == "unacceptable" {
            throw PluginError(.invalid, "expected something else", at: "/a/0")
        }
    }

    init(host: Host, instance: Instance) throws(PluginError) {
        if instance.configuration == "refuse" {
            host.task { try await host.sleep(for: .seconds(1)) }
            throw PluginError(.denied, "not today")
        }
        self.host = host
        self.instance = instance
        configuration = instance.configuration
    }

    var isExclusive: Bool { configuration == "alone" }

    func start() throws(PluginError) {
        steps.append("start")
        if configuration == "no start" {
            host.task("never ends by itself") { try await self.host.sleep(for: .seconds(1)) }
            throw PluginError(.io, "the disk is gone", at: "/disk")
        }
    }

    func reconfigure(_ configuration: String) throws(PluginError) {
        if configuration == "restart" { throw PluginError(.unsupported, "a new instance, please") }
        self.configuration = configuration
    }

    func drain(deadline: UInt64) async {
        steps.append("drain")
        if configuration == "busy" { try? await signal.wait() }
        steps.append("drained")
    }

    func stop(deadline: UInt64) async {
        steps.append("stop")
        if configuration == "slow stop" { try? await signal.wait() }
        steps.append("stopped")
    }

    func resync() async throws {
        let transaction = try host.routing.begin(revision: "r1", isResync: true)
        _ = try transaction.keep(.pool, "default/b/80")
        try transaction.put(.pool, "default/a/80", document: "{}", place: "a.yaml:3")
        try transaction.remove(.route, "default/old")
        let issue = Issue(
            severity: .object,
            kind: "route",
            name: "default/bad",
            code: "parse",
            place: "b.yaml:1",
            text: "expected a mapping"
        )
        try transaction.note(issue, key: "bad")
        try transaction.unnote(key: "mended")
        commits.append(try await transaction.commit())
        if configuration == "late failure" { throw PluginError(.io, "after the commit") }
    }

    func installed(generation: UInt64, isSettled: Bool) {
        steps.append("installed \(generation) \(isSettled)")
    }
}
