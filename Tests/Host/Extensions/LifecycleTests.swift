import SluiceBase
import SluiceConfig
import SluiceExtensions
import Testing

/// An instance's life, from create to destroy.
@Suite struct LifecycleTests {
    @Test func `a life has all its steps in order and on the lane`() throws {
        let (house, probe) = try House.withProbe([])
        house.end()
        #expect(probe.order == "csdpx")
        #expect(probe[.wrongThread] == 0)
        #expect(house.host.reports.map(\.state) == [.stopped])
    }

    @Test func `the instance is shown with what the library says of itself`() throws {
        let (house, _) = try House.withProbe(["PROBE_SERVICE"])
        let report = try house.host.reports.first.unwrapped("no report")
        #expect(report.id == "test.probe" && report.version == "1.2.3")
        #expect(report.roles == [.service] && report.state == .started)
        #expect(report.mounts.first == "/v1/functions/")
        house.end()
    }

    @Test func `create that fails is told with its sentence and its pointer`() throws {
        let fixture = try Fixture(
            "broken",
            [
                "BROKEN_CREATE=sluice_fail(err, SLUICE_E_INVALID, sluice_text(\"no such zone\"));"
                    + "memcpy(err->path, \"/zone\", 5); err->path_len = 5; return SLUICE_E_INVALID"
            ]
        )
        var configuration = PluginConfiguration(name: "p", library: fixture.path)
        configuration.place = "host.yaml:4"
        let house = try House([configuration])
        let failure = try house.host.load().first.unwrapped("no failure")
        #expect(failure.pointer == "/zone" && failure.step == "create")
        #expect(
            failure.description == "host.yaml:4: plugin p: create: config/zone: no such zone"
        )
    }

    @Test func `a config that the schema refuses is told with line and pointer`() throws {
        let schema =
            #"PROBE_SPOIL=desc.config_schema = sluice_text("{\"type\":\"object\","#
            + #"\"additionalProperties\":false,\"properties\":{\"port\":{\"type\":\"integer\"}}}")"#
        let fixture = try Fixture("broken", [schema])
        var configuration = PluginConfiguration(name: "p", library: fixture.path)
        configuration.config = try config("{\n\"port\": \"x\"}")
        let failure = try House([configuration]).host.load().first.unwrapped("no failure")
        #expect(failure.pointer == "/port")
        #expect(failure.place == "host.yaml:2" && failure.text.hasPrefix("expected an integer"))
    }

    @Test func `a library without a schema takes no config`() throws {
        var configuration = PluginConfiguration(
            name: "p",
            library: try Fixture("broken").path
        )
        configuration.config = try config("{\"a\": 1}")
        let failure = try House([configuration]).host.load().first.unwrapped("no failure")
        #expect(failure.text.contains("it takes no config"))
    }

    @Test func `create that hangs costs its deadline and nothing else`() throws {
        let hanging = try Fixture("broken", ["BROKEN_CREATE=for(;;)pause()"])
        let good = try Fixture("probe")
        let house = try House([
            PluginConfiguration(name: "hang", library: hanging.path),
            PluginConfiguration(name: "good", library: good.path),
        ]) { $0.limits.pluginStartTimeoutNanoseconds = 300 * millisecond }
        let failures = house.host.load()
        #expect(failures.map(\.instance) == ["hang"])
        #expect(failures.first?.text == "it did not return within 0.3 s")
        #expect(house.host.start().count == 1)
        house.end()
        #expect(house.host.reports.last?.state == .stopped)
    }

    @Test func `start that fails is followed by destroy alone`() throws {
        let fixture = try Fixture(
            "probe",
            ["PROBE_START=return sluice_fail(err, SLUICE_E_IO, sluice_text(\"no disk\"))"]
        )
        let house = try House([PluginConfiguration(name: "p", library: fixture.path)])
        #expect(house.host.load().isEmpty)
        #expect(house.host.start().map(\.text) == ["no disk"])
        let probe = try Probe(fixture.path)
        #expect(probe.order == "cx")
        #expect(!house.host.readiness.isReady)
        house.end()
        #expect(probe.order == "cx")
    }

    @Test func `a singleton has one instance`() throws {
        let fixture = try Fixture("probe", ["PROBE_FLAGS=SLUICE_PLUGIN_SINGLETON"])
        let house = try House([
            PluginConfiguration(name: "a", library: fixture.path),
            PluginConfiguration(name: "b", library: fixture.path),
        ])
        let failures = house.host.load()
        #expect(failures.map(\.instance) == ["b"])
        #expect(failures.first?.text == "test.probe allows one instance in a process")
        house.end()
    }

    @Test func `calls after stop are harmless and answer gone`() throws {
        let (house, probe) = try House.withProbe(["PROBE_SERVICE", "PROBE_SOURCE"])
        house.end()
        #expect(probe.late() == 10)
        #expect(house.host.reports.first?.health.isEmpty == true)
    }

    @Test func `stop that hangs is told and the others stop`() throws {
        let hanging = try Fixture("probe", ["PROBE_STOP=for(;;)pause()"])
        let good = try Fixture("probe")
        let house = try House([
            PluginConfiguration(name: "good", library: good.path),
            PluginConfiguration(name: "hang", library: hanging.path),
        ]) { $0.limits.pluginStopTimeoutNanoseconds = 300 * millisecond }
        #expect((house.host.load() + house.host.start()).isEmpty)
        house.host.drain(deadlineNanoseconds: Clock.now() + Clock.nanosecondsPerSecond)
        let failures = house.host.stop()
        #expect(failures.map(\.instance) == ["hang"])
        #expect(try Probe(good.path).order == "csdpx")
    }

    @Test func `no code runs between stop and destroy`() throws {
        let (house, probe) = try House.withProbe([]) {
            $0.limits.pluginStopTimeoutNanoseconds = 300 * millisecond
        }
        probe.gate(isClosed: true)
        #expect(probe.slow() == 0)
        #expect(eventually { probe[.blocked] == 1 })
        #expect(probe.timer(0, every: 1_000_000) == 0)
        house.end()
        let fired = probe[.fired]
        probe.gate(isClosed: false)
        #expect(eventually { probe[.blocked] == 2 })
        #expect(probe[.destroyed] == 1)
        #expect(probe[.blockedDone] == 0 && probe[.fired] == fired)
    }

    @Test func `a promise to report that is missed counts as failed`() throws {
        let (house, probe) = try House.withProbe([])
        #expect(probe.beat(1) == 0)
        #expect(eventually { !house.host.readiness.isReady })
        #expect(house.host.reports.first?.health.map(\.state) == [.failed])
        #expect(probe.beat(0) == 0)
        #expect(house.host.reports.first?.health.map(\.state) == [.starting])
        house.end()
    }

    @Test func `instances are told apart by their tables`() throws {
        let fixture = try Fixture("probe")
        let house = try House([
            PluginConfiguration(name: "left", library: fixture.path),
            PluginConfiguration(name: "right", library: fixture.path),
        ])
        #expect((house.host.load() + house.host.start()).isEmpty)
        let probe = try Probe(fixture.path)
        #expect(probe.report(1, 2) == 0 && probe.report(0, 1) == 0)
        let health = house.host.reports.map { $0.health.map { "\($0.component) \($0.state)" } }
        #expect(health == [["left ready"], ["right degraded"]])
        let lines = house.host.metricsText.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines == ["sluice_left_turns_total 1", "sluice_right_turns_total 2"])
        #expect(house.host.readiness.warnings == ["plugin right: right is degraded: as told"])
        #expect(house.host.readiness.isReady)
        #expect(probe.report(0, 3) == 0)
        #expect(house.host.readiness.obstacles == ["plugin left: left is failed: as told"])
        house.end()
    }

    @Test(arguments: [false, true])
    func `sixty-four instances live side by side`(usesFixed: Bool) throws {
        let fixture = try Fixture("probe", ["PROBE_SERVICE"])
        let names = (0..<64).map { "p\($0)" }
        let house = try House(
            names.map { PluginConfiguration(name: $0, library: fixture.path) }
        ) { $0.usesFixedTrampolines = usesFixed }
        #expect((house.host.load() + house.host.start()).isEmpty)
        let probe = try Probe(fixture.path)
        for index in 0..<Int32(64) { #expect(probe.report(index, 1) == 0) }
        let components = house.host.reports.flatMap { $0.health.map(\.component) }
        #expect(components == names)
        #expect(Set(house.host.serviceSlots.values).count == 64)
        house.end()
        #expect(probe[.destroyed] == 64 && probe[.wrongThread] == 0)
        if usesFixed {
            let late = try House([PluginConfiguration(name: "late", library: fixture.path)]) {
                $0.usesFixedTrampolines = true
            }
            #expect(late.host.load().first?.text.contains("trampolines are used up") == true)
        }
    }
}
