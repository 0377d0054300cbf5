import SluiceABI
import SluiceKit
import Testing

extension KitTests {
    @Suite struct LifeCycleTests {
        let host = FakeHost.fresh()

        @Test func `the description reaches C`() throws {
            let words = try #require(Driven.description())
            let size = unsafe MemoryLayout<sluice_plugin_desc>.size
            #expect(words.size == size)
            #expect(words.flags == SLUICE_PLUGIN_SWIFT | SLUICE_PLUGIN_SINGLETON)
            #expect(words.id == "dev.sluice.scripted")
            #expect(words.version == "1.2.3")
            #expect(words.schema == "{}")
            #expect(words.requires == [SLUICE_IF_EXEC, SLUICE_IF_ROUTING])
            #expect(words.magic == SLUICE_MAGIC)
        }

        @Test func `the entry answers the same description each time`() {
            let first = unsafe Driven.describe()
            let second = unsafe Driven.describe()
            let isSame = unsafe first != nil && first == second
            #expect(isSame)
        }

        @Test func `a host of another revision is refused by a sentence`() {
            #expect(
                throws: Driven.Failure(
                    status: SLUICE_E_UNSUPPORTED,
                    pointer: "",
                    text: "the host speaks ABI revision 99, this plugin was built for 1; "
                        + "rebuild it against the host's header"
                )
            ) {
                try Driven.meet(revision: 99)
            }
        }

        @Test func `what the host says about an instance arrives`() throws {
            let driven = try Driven(#"{"a":1}"#, isCheckOnly: true)
            let instance = try #require(driven.plugin?.instance)
            #expect(instance.name == "one")
            #expect(instance.configuration == #"{"a":1}"#)
            #expect(instance.configurationFolder == "/etc/sluice")
            #expect(instance.workers == 3)
            #expect(instance.isCheckOnly)
        }

        @Test func `a life passes in order and leaves nothing behind`() throws {
            let driven = try Driven()
            try driven.start()
            #expect(driven.drain(deadline: 5) == SLUICE_OK)
            driven.stop()
            #expect(driven.plugin?.steps == ["start", "drain 5", "stop"])
            driven.destroy()
            #expect(driven.plugin == nil)
        }

        @Test func `what init throws reaches the host and no instance stays`() {
            #expect(
                throws: Driven.Failure(status: SLUICE_E_DENIED, pointer: "", text: "not today")
            ) { _ = try Driven("refuse") }
            #expect(ScriptedPlugin.isGone)
            #expect(host.timers.isEmpty)
        }

        @Test func `an error carries its JSON pointer`() throws {
            let driven = try Driven("no start")
            #expect(
                throws: Driven.Failure(
                    status: SLUICE_E_IO,
                    pointer: "/disk",
                    text: "the disk is gone"
                )
            ) { try driven.start() }
            #expect(
                throws: Driven.Failure(
                    status: SLUICE_E_INVALID,
                    pointer: "/a/0",
                    text: "expected something else"
                )
            ) { try driven.check("unacceptable") }
            try driven.check("acceptable")
        }

        @Test func `a configuration is taken or a new instance is asked for`() throws {
            let driven = try Driven("first")
            try driven.reconfigure("second")
            #expect(driven.plugin?.configuration == "second")
            #expect(
                throws: Driven.Failure(
                    status: SLUICE_E_UNSUPPORTED,
                    pointer: "",
                    text: "a new instance, please"
                )
            ) { try driven.reconfigure("restart") }
            #expect(driven.plugin?.configuration == "second")
        }

        @Test func `a busy plugin answers pending and says later that it is done`() throws {
            let driven = try Driven("busy")
            #expect(driven.drain(deadline: 9) == SLUICE_PENDING)
            try driven.plugin?.host.lane.drained()
            #expect(host.drainedCount == 1)
        }

        @Test func `a withheld table is named`() throws {
            host.offered.remove(SLUICE_IF_ROUTING)
            let driven = try Driven()
            #expect(
                throws: PluginError(
                    .unsupported,
                    "the host does not offer sluice.routing/0 to this instance; "
                        + "name it in PluginDescription.requires or do without"
                )
            ) { _ = try driven.plugin?.host.routing }
        }

        @Test func `log lines and health reports arrive, below the threshold they do not`() throws {
            let driven = try Driven()
            let plugin = try #require(driven.plugin)
            plugin.host.log.debug("never built")
            plugin.host.log.warn("careful", ["file": "a.yaml"])
            plugin.host.health.report("files", .degraded, "one is bad")
            plugin.host.health.beat("files", within: .milliseconds(3))
            #expect(
                host.lines == [
                    .init(level: SLUICE_LOG_WARN, text: "careful", fields: ["file": "a.yaml"])
                ]
            )
            #expect(host.reports == ["files 2 one is bad", "files beats within 3000000"])
        }

        @Test func `a host without log and health is no error`() throws {
            host.offered = []
            let driven = try Driven()
            driven.plugin?.host.log.error("nobody listens")
            driven.plugin?.host.health.report("files", .failed)
            #expect(host.lines.isEmpty)
        }

        @Test func `metrics are defined, found and changed in place`() throws {
            let driven = try Driven()
            let metrics = try #require(try driven.plugin?.host.metrics)
            let family = try metrics.counter("files", help: "Files read.", labels: ["kind"])
            let series = try family.series("route")
            let before = FakeTables.cellValue
            series.add(2)
            #expect(FakeTables.cellValue == before + 2)
            series.observe(0.5)
            #expect(host.metrics == ["0 files [\"kind\"]", "cell 7 [\"route\"]", "observed 0.5"])
        }
    }
}
