internal import SluiceKit
internal import SluiceShared

/// `GET /greet/ann` answers `{"greeting":"hello","name":"ann","count":1}`.
actor Greeter: ServicePlugin {
    static let description = PluginDescription(
        id: "org.example.greeter-swift",
        version: "0.1.0",
        summary: "Greets by name.",
        configurationSchema: Settings.schema,
        requires: [.log, .metrics, .health, .http]
    )

    let host: Host
    private let settings: Settings
    private let greetings: MetricSeries
    private var greeted = 0

    init(host: Host, instance: Instance) throws(PluginError) {
        self.host = host
        settings = try Settings(instance.configuration)
        let counter = try host.metrics.counter("greetings_total", help: "Names that were greeted.")
        greetings = try counter.series()
    }

    func start() throws(PluginError) {
        // It ends when the instance stops.
        host.task("say so far") {
            while true {
                try await self.host.sleep(for: self.settings.period)
                self.say("so far")
            }
        }
        say("ready to greet")
        host.health.report("greeter", .ready, "greets who asks")
    }

    /// One log line with how many were greeted.
    private func say(_ message: String) {
        host.log.info(message, ["greeted": "\(greeted)"])
    }

    func mounts() -> [Mount] {
        [Mount(prefix: "/greet/", pattern: ":name", methods: [.get])]
    }

    func request(_ request: Request, _ reply: Reply) throws(PluginError) {
        greeted += 1
        greetings.add()
        let answer = JSON.object {
            "greeting" => settings.greeting
            "name" => request.suffix
            "count" => greeted
        }
        try reply.respond(.json(200, answer.canonical()))
    }
}
