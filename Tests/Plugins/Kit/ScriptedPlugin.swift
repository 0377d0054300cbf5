import SluiceKit

/// A source and service whose behaviour is the text of its configuration.
final class ScriptedPlugin: SourcePlugin, ServicePlugin {
    static let description = PluginDescription(
        id: "dev.sluice.scripted",
        version: "1.2.3",
        summary: "Does what a test says.",
        configurationSchema: "{}",
        requires: [.executor, .routing],
        isSingleton: true
    )

    nonisolated(unsafe) static weak var last: ScriptedPlugin?
    static var isGone: Bool { unsafe last == nil }

    let host: Host
    let instance: Instance
    var configuration: String
    var steps: [String] = []
    var commits: [Commit] = []

    static func check(configuration: String) throws(PluginError) {
        if configuration == "unacceptable" {
            throw PluginError(.invalid, "expected something else", at: "/a/0")
        }
    }

    init(host: Host, instance: Instance) throws(PluginError) {
        if instance.configuration == "refuse" {
            try host.executor.every(.seconds(1)) {}
            throw PluginError(.denied, "not today")
        }
        self.host = host
        self.instance = instance
        configuration = instance.configuration
        unsafe Self.last = self
    }

    func start() throws(PluginError) {
        steps.append("start")
        if configuration == "no start" { throw PluginError(.io, "the disk is gone", at: "/disk") }
    }

    func reconfigure(_ configuration: String) throws(PluginError) {
        if configuration == "restart" { throw PluginError(.unsupported, "a new instance, please") }
        self.configuration = configuration
    }

    func drain(deadline: UInt64) -> Drain {
        steps.append("drain \(deadline)")
        return configuration == "busy" ? .pending : .idle
    }

    func stop() {
        steps.append("stop")
    }

    func resync() throws(PluginError) {
        steps.append("resync")
        let transaction = try host.routing.begin(revision: "r1", isResync: true)
        _ = try transaction.keep(.pool, "default/b/80")
        try transaction.put(.pool, "default/a/80", document: "{}", place: "a.yaml:3")
        try transaction.remove(.route, "default/old")
        try transaction.note(
            Issue(
                severity: .object,
                kind: "route",
                name: "default/bad",
                code: "parse",
                place: "b.yaml:1",
                text: "expected a mapping"
            ),
            key: "bad"
        )
        try transaction.unnote(key: "mended")
        try transaction.commit { [weak self] commit in self?.commits.append(commit) }
    }

    func installed(generation: UInt64, isSettled: Bool) {
        steps.append("installed \(generation) \(isSettled)")
    }

    func mounts() -> [Mount] {
        [
            Mount(
                prefix: "/v1/",
                pattern: ":name/run",
                methods: [.get, .post],
                bodyBytesMax: 1024,
                headTimeout: .after(.seconds(2)),
                idleTimeout: .after(.seconds(3)),
                inFlightMax: 9,
                tag: 5
            ),
            Mount(prefix: "/none"),
            Mount(
                prefix: "/watch",
                headTimeout: .never,
                totalTimeout: .never,
                allowsHalfClose: true
            ),
        ]
    }

    func request(_ request: Request, _ exchange: Exchange) throws(PluginError) -> Handling {
        steps.append("request \(request.method) \(request.path) \(request.query ?? "-")")
        if request.path == "/decline" { return .declined }
        if request.path == "/fail" { throw PluginError(.internal, "cannot") }
        if request.path == "/later" { return .pending }
        try exchange.respond(
            Response(
                status: 201,
                headers: [Header("x-tag", "\(request.tag)")],
                body: request.body + Array((request.header("accept") ?? "").utf8)
            )
        )
        return .answered
    }

    func canceled(_ exchange: Exchange) {
        steps.append("canceled \(exchange.id)")
    }

    func done(_ exchange: Exchange) {
        steps.append("done \(exchange.id)")
    }
}
