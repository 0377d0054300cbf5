import SluiceABI
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct LifeTests {
    let host = SimulatedHost()

    private func make(_ configuration: String = "{}") throws -> SimulatedInstance<Scripted> {
        try host.make(Scripted.self, configuration: configuration)
    }

    @Test func `a life passes in order and leaves nothing behind`() throws {
        let instance = try make()
        try instance.start()
        #expect(instance.drain())
        #expect(instance.stop())
        #expect(
            try instance.with { $0.steps } == ["start", "drain", "drained", "stop", "stopped"]
        )
        weak let plugin = instance.plugin
        instance.destroy()
        #expect(plugin == nil)
    }

    @Test func `what init throws reaches the host, and what it began ends`() {
        #expect(throws: PluginError(.denied, "not today")) { try make("refuse") }
        #expect(host.timerCount == 0)
    }

    @Test func `an error of start carries its JSON pointer, and its tasks are cancelled`() throws {
        let instance = try make("no start")
        #expect(throws: PluginError(.io, "the disk is gone", at: "/disk")) {
            try instance.start()
        }
        host.run()
        #expect(host.timerCount == 0)
    }

    @Test func `a configuration is taken or a new instance is asked for`() throws {
        let instance = try make("first")
        try instance.reconfigure("second")
        #expect(throws: PluginError(.unsupported, "a new instance, please")) {
            try instance.reconfigure("restart")
        }
        #expect(try instance.with { $0.configuration } == "second")
    }

    @Test func `an instance says whether it must be alone`() throws {
        #expect(try !make().isExclusive)
        #expect(try SimulatedHost().make(Scripted.self, configuration: "alone").isExclusive)
    }

    @Test func `a plugin that is busy while it drains says later that it is done`() throws {
        let instance = try make("busy")
        #expect(!instance.drain())
        #expect(!host.isDrained)
        try instance.with { $0.signal.wake() }
        host.run()
        #expect(host.isDrained)
    }

    @Test func `a stop that takes time answers later`() throws {
        let instance = try make("slow stop")
        #expect(!instance.stop())
        #expect(!host.isStopped)
        try instance.with { $0.signal.wake() }
        host.run()
        #expect(host.isStopped)
    }

    @Test func `tasks go on while it drains, and are cancelled when it stops`() throws {
        let instance = try make()
        try instance.with { plugin in
            plugin.host.task("sleeper") {
                try await plugin.host.sleep(for: .seconds(1))
                plugin.steps.append("slept")
                try await plugin.host.sleep(for: .seconds(1))
                plugin.steps.append("never")
            }
        }
        host.run()
        #expect(instance.drain())
        host.advance(by: .seconds(1))
        #expect(try instance.with { $0.steps.contains("slept") })
        #expect(!instance.stop())
        #expect(host.isStopped)
        #expect(try instance.with { !$0.steps.contains("never") })
        #expect(host.timerCount == 0)
    }

    @Test func `a task that does not end is named, and keeps the instance in memory`() throws {
        let instance = try make()
        weak let plugin = instance.plugin
        try instance.with { plugin in
            plugin.host.task("stubborn") { [signal = plugin.signal] in
                while !Task.isCancelled { try? await signal.wait() }
                await Task(executorPreference: plugin.host.lane) { try? await signal.wait() }.value
                plugin.steps.append("ended")
            }
        }
        host.run()
        #expect(!instance.stop(within: .seconds(10)))
        host.advance(by: .seconds(9))
        #expect(
            host.lines.last
                == .init(
                    level: SLUICE_LOG_WARN,
                    text: "tasks have not ended though they were cancelled",
                    fields: ["tasks": "stubborn"]
                )
        )
        #expect(!host.isStopped)
        instance.destroy()
        #expect(host.lines.last?.level == SLUICE_LOG_ERROR)
        #expect(plugin != nil)
    }

    @Test func `a withheld table is named`() throws {
        host.offered.remove(SLUICE_IF_ROUTING)
        let instance = try make()
        let expected = PluginError(
            .unsupported,
            "the host does not offer sluice.routing/0 to this instance; "
                + "name it in PluginDescription.requires or do without"
        )
        #expect(throws: expected) { try instance.with { _ = try $0.host.routing } }
    }

    @Test func `a host without a lane is refused`() {
        host.offered.remove(SLUICE_IF_EXEC)
        #expect(throws: PluginError.self) { try make() }
    }

    @Test func `log lines and health reports arrive, below the threshold they do not`() throws {
        try make().with { plugin in
            plugin.host.log.debug("never built")
            plugin.host.log.warn("careful", ["file": "a.yaml"])
            plugin.host.health.report("files", .degraded, "one is bad")
            plugin.host.health.beat("files", within: .milliseconds(3))
        }
        #expect(
            host.lines == [
                .init(level: SLUICE_LOG_WARN, text: "careful", fields: ["file": "a.yaml"])
            ]
        )
        #expect(host.health == ["files": "degraded: one is bad", "files beat": "3000000"])
    }

    @Test func `metrics are defined, found and changed in place`() throws {
        try make().with { plugin in
            let family = try plugin.host.metrics.counter(
                "files",
                help: "Files read.",
                labels: ["kind"]
            )
            try family.series("route").add(2)
            let sizes = try plugin.host.metrics.histogram("sizes", help: "Sizes.", buckets: [1])
            try sizes.series().observe(0.5)
        }
        #expect(host.metrics["files{route}"] == 2)
        #expect(host.observations == ["sizes": [0.5]])
    }
}
