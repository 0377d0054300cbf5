// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Sources/Greeter/Greeter.swift`.
    // swift-format-ignore
    static let swiftSourcesGreeterGreeterSwift = TemplateFile(
        path: "Sources/Greeter/Greeter.swift",
        text: ##"""
        internal import SluiceKit\##ninternal import SluiceShared\##n\##n/// `GET /greet/ann\##
        ` answers `{"greeting":"hello","name":"ann","count":1}`.\##nfinal class Greeter: Ser\##
        vicePlugin {\##n    static let description = PluginDescription(\##n        id: "org.\##
        example.greeter-swift",\##n        version: "0.1.0",\##n        summary: "Greets by \##
        name.",\##n        configurationSchema: Settings.schema,\##n        requires: [.log,\##
         .metrics, .health, .executor, .http]\##n    )\##n\##n    private let host: Host\##n\##
            private let settings: Settings\##n    private let greetings: MetricSeries\##n   \##
         private var greeted = 0\##n\##n    init(host: Host, instance: Instance) throws(Plug\##
        inError) {\##n        self.host = host\##n        settings = try Settings(instance.c\##
        onfiguration)\##n        let counter = try host.metrics.counter("greetings_total", h\##
        elp: "Names that were greeted.")\##n        greetings = try counter.series()\##n    \##
        }\##n\##n    func start() throws(PluginError) {\##n        // It ends by itself when\##
         the instance stops.\##n        try host.executor.every(settings.period) { [unowned \##
        self] in say("so far") }\##n        say("ready to greet")\##n        host.health.rep\##
        ort("greeter", .ready, "greets who asks")\##n    }\##n\##n    /// One log line with \##
        how many were greeted.\##n    private func say(_ message: String) {\##n        host.\##
        log.info(message, ["greeted": "\(greeted)"])\##n    }\##n\##n    func mounts() -> [M\##
        ount] {\##n        [Mount(prefix: "/greet/", pattern: ":name", methods: [.get])]\##n\##
            }\##n\##n    func request(_ request: Request, _ exchange: Exchange) throws(Plugi\##
        nError) -> Handling {\##n        greeted += 1\##n        greetings.add()\##n        \##
        let answer = JSON.object {\##n            "greeting" => settings.greeting\##n       \##
             "name" => request.suffix\##n            "count" => greeted\##n        }\##n    \##
            try exchange.respond(\##n            Response(\##n                status: 200,\##
        \##n                headers: [Header("content-type", "application/json")],\##n      \##
                  body: answer.canonical()\##n            )\##n        )\##n        return .\##
        answered\##n    }\##n\##n    func stop() {}\##n}\##n
        """##
    )
}
