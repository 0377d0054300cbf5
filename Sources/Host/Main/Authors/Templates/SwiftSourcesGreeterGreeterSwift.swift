// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/swift/Sources/Greeter/Greeter.swift`.
    // swift-format-ignore
    static let swiftSourcesGreeterGreeterSwift = TemplateFile(
        path: "Sources/Greeter/Greeter.swift",
        text: ##"""
        internal import SluiceKit\##ninternal import SluiceShared\##n\##n/// `GET /greet/ann\##
        ` answers `{"greeting":"hello","name":"ann","count":1}`.\##nactor Greeter: ServicePl\##
        ugin {\##n    static let description = PluginDescription(\##n        id: "org.exampl\##
        e.greeter-swift",\##n        version: "0.1.0",\##n        summary: "Greets by name."\##
        ,\##n        configurationSchema: Settings.schema,\##n        requires: [.log, .metr\##
        ics, .health, .http]\##n    )\##n\##n    let host: Host\##n    private let settings:\##
         Settings\##n    private let greetings: MetricSeries\##n    private var greeted = 0\##
        \##n\##n    init(host: Host, instance: Instance) throws(PluginError) {\##n        se\##
        lf.host = host\##n        settings = try Settings(instance.configuration)\##n       \##
         let counter = try host.metrics.counter("greetings_total", help: "Names that were gr\##
        eeted.")\##n        greetings = try counter.series()\##n    }\##n\##n    func start(\##
        ) throws(PluginError) {\##n        // It ends when the instance stops.\##n        ho\##
        st.task("say so far") {\##n            while true {\##n                try await sel\##
        f.host.sleep(for: self.settings.period)\##n                self.say("so far")\##n   \##
                 }\##n        }\##n        say("ready to greet")\##n        host.health.repo\##
        rt("greeter", .ready, "greets who asks")\##n    }\##n\##n    /// One log line with h\##
        ow many were greeted.\##n    private func say(_ message: String) {\##n        host.l\##
        og.info(message, ["greeted": "\(greeted)"])\##n    }\##n\##n    func mounts() -> [Mo\##
        unt] {\##n        [Mount(prefix: "/greet/", pattern: ":name", methods: [.get])]\##n \##
           }\##n\##n    func request(_ request: Request, _ reply: Reply) throws(PluginError)\##
         {\##n        greeted += 1\##n        greetings.add()\##n        let answer = JSON.o\##
        bject {\##n            "greeting" => settings.greeting\##n            "name" => requ\##
        est.suffix\##n            "count" => greeted\##n        }\##n        try reply.respo\##
        nd(.json(200, answer.canonical()))\##n    }\##n}\##n
        """##
    )
}
