import Glibc
import SluiceABI
import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceRouting
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
        #expect(probe.late() == 11)
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

    @Test func `what was handed over comes back before destroy`() throws {
        let (house, probe) = try House.withProbe([]) { $0.limits.poolThreads = 1 }
        probe.gate(isClosed: true)
        let hour = 3_600 * Clock.nanosecondsPerSecond
        #expect(probe.slow() == 0)
        #expect(eventually { probe[.blocked] == 1 })
        for _ in 0..<3 { #expect(probe.slow() == 0) }
        #expect(probe.timer(hour, every: 0) == 0 && probe.timer(hour, every: hour) == 0)
        var pipes: [Int32] = [-1, -1]
        #expect(unsafe pipe(&pipes) == 0)
        var id: UInt64 = 0
        #expect(probe.watch(pipes[0], &id) == 0)
        let lent = unsafe probe.lend()
        let ending = try Thread(name: "test-end") { house.end() }
        // Work that runs and a buffer that somebody holds are waited for.
        #expect(eventually { probe[.canceled] == 5 && probe[.ended] == 1 })
        #expect(probe[.destroyed] == 0)
        probe.gate(isClosed: false)
        #expect(eventually { probe[.blockedDone] == 1 })
        #expect(probe[.destroyed] == 0 && probe[.released] == 0)
        unsafe probe.bytes.pointee.release(lent)
        ending.join()
        #expect(probe[.released] == 1 && probe[.destroyed] == 1 && probe[.wrongThread] == 0)
        close(pipes[0])
        close(pipes[1])
    }

    @Test func `an instance whose work does not come back stays in memory`() throws {
        let (house, probe) = try House.withProbe([]) {
            $0.limits.pluginStopTimeoutNanoseconds = 300 * millisecond
        }
        probe.gate(isClosed: true)
        #expect(probe.slow() == 0)
        #expect(eventually { probe[.blocked] == 1 })
        house.end()
        #expect(probe[.stopped] == 1 && probe[.destroyed] == 0)
        probe.gate(isClosed: false)
        // Its context still comes back, on its lane.
        #expect(eventually { probe[.blockedDone] == 1 })
        #expect(probe[.destroyed] == 0 && probe[.wrongThread] == 0)
    }

    @Test func `work that is under way when start fails ends before destroy`() throws {
        let fixture = try Fixture(
            "probe",
            [
                "PROBE_START=probe_gate(1); probe_slow(0); "
                    + "while (!probe_read(BLOCKED)) poll(0, 0, 1); return SLUICE_E_IO"
            ]
        )
        let house = try House([PluginConfiguration(name: "p", library: fixture.path)])
        #expect(house.host.load().isEmpty)
        let probe = try Probe(fixture.path)
        let starting = try Thread(name: "test-start") { _ = house.host.start() }
        #expect(eventually { probe[.blocked] == 1 })
        #expect(probe.order == "c")
        probe.gate(isClosed: false)
        starting.join()
        #expect(probe.order == "cx" && probe[.blocked] == 2 && probe[.blockedDone] == 1)
        house.end()
    }

    @Test func `stop may be pending, and its lane turns meanwhile`() throws {
        let (house, probe) = try House.withProbe(["PROBE_STOP_PENDING"])
        house.end()
        #expect(probe.order == "csdpqx")
    }

    @Test func `a start that returns late serves after all`() throws {
        let fixture = try Fixture("probe", ["PROBE_START=wait_gate()"])
        let house = try House([PluginConfiguration(name: "p", library: fixture.path)]) {
            $0.limits.pluginStartTimeoutNanoseconds = 100 * millisecond
        }
        #expect(house.host.load().isEmpty)
        let probe = try Probe(fixture.path)
        probe.gate(isClosed: true)
        #expect(house.host.start().map(\.step) == ["start"])
        #expect(!house.host.readiness.isReady)
        probe.gate(isClosed: false)
        #expect(eventually { house.host.readiness.isReady })
        #expect(house.host.reports.map(\.state) == [.started])
        house.end()
        #expect(probe.order == "csdpx")
    }

    @Test func `a check of a configuration that hangs creates nothing when it returns`() throws {
        let fixture = try Fixture("probe", ["PROBE_CHECK=wait_gate()", "PROBE_CLOSED=1"])
        let house = try House([PluginConfiguration(name: "p", library: fixture.path)]) {
            $0.limits.pluginStartTimeoutNanoseconds = 100 * millisecond
        }
        #expect(house.host.load().map(\.step) == ["create"])
        let probe = try Probe(fixture.path)
        probe.gate(isClosed: false)
        house.end()
        #expect(probe[.created] == 0 && probe[.destroyed] == 0)
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

    @Test func `sixty-four instances live side by side`() throws {
        let fixture = try Fixture("probe", ["PROBE_SERVICE"])
        let names = (0..<64).map { "p\($0)" }
        let house = try House(
            names.map { PluginConfiguration(name: $0, library: fixture.path) }
        )
        #expect((house.host.load() + house.host.start()).isEmpty)
        let probe = try Probe(fixture.path)
        for index in 0..<Int32(64) { #expect(probe.report(index, 1) == 0) }
        let components = house.host.reports.flatMap { $0.health.map(\.component) }
        #expect(components == names)
        #expect(Set(house.host.roster.services.values.map(\.slot)).count == 64)
        house.end()
        #expect(probe[.destroyed] == 64 && probe[.wrongThread] == 0)
    }
}
