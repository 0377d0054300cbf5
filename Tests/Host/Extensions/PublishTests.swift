import SluiceBase
import SluiceConfig
import SluiceExtensions
import SluiceRouting
import Testing

/// Sources and their transactions.
@Suite struct PublishTests {
    @Test func `a transaction carries what was put and where it came from`() throws {
        let (house, probe) = try House.withProbe(["PROBE_SOURCE"])
        let transaction = try house.commits.all.first.unwrapped("nothing was committed")
        let key = DocumentKey(instance: "probe", kind: .pool, name: "b")
        #expect(transaction.revision == "rev-1" && transaction.isResync)
        #expect(transaction.puts.map(\.key) == [key])
        #expect(transaction.removes.map(\.name) == ["a"])
        #expect(transaction.puts.map(\.place) == ["b.yaml:9"])
        #expect(house.host.reports.first?.revision == "rev-1")
        #expect(probe[.wrongThread] == 0)
        house.end()
    }

    @Test func `a commit is answered on the lane, problem by problem, then once`() throws {
        let (house, probe) = try House.withProbe(["PROBE_SOURCE"])
        let transaction = try house.commits.all.first.unwrapped("nothing was committed")
        #expect(house.host.readiness.obstacles == ["plugin probe has not published yet"])
        let problem = Problem(
            severity: .object,
            key: DocumentKey(instance: "probe", kind: .pool, name: "b"),
            code: .tooMany,
            text: "too many endpoints"
        )
        let located = try transaction.puts.first.unwrapped("nothing was put").locating(problem)
        transaction.complete(status: .installed, generation: 42, problems: [located])
        #expect(eventually { probe[.committed] == 1 })
        #expect(probe[.issues] == 1 && probe[.lastStatus] == 0 && probe[.lastGeneration] == 42)
        #expect(probe.text == "pool b too-many b.yaml:9 too many endpoints")
        #expect(house.host.readiness.isReady)
        house.host.installed(generation: 42, settled: true)
        #expect(eventually { probe[.installed] == 1 })
        #expect(probe[.lastGeneration] == 421 && probe[.wrongThread] == 0)
        house.end()
    }

    @Test func `a refused commit does not make the host ready`() throws {
        let (house, probe) = try House.withProbe(["PROBE_SOURCE"])
        let transaction = try house.commits.all.first.unwrapped("nothing was committed")
        transaction.complete(status: .limit, generation: 0, problems: [])
        #expect(eventually { probe[.committed] == 1 })
        #expect(probe[.lastStatus] == -5)
        #expect(!house.host.readiness.isReady)
        house.end()
    }

    @Test func `a check creates and lists once, and starts nothing`() throws {
        let fixture = try Fixture("probe", ["PROBE_SOURCE"])
        let house = try House([PluginConfiguration(name: "probe", library: fixture.path)]) {
            $0.isCheck = true
        }
        #expect((house.host.load() + house.host.resync()).isEmpty)
        let probe = try Probe(fixture.path)
        #expect(probe[.resyncs] == 1 && probe[.started] == 0)
        #expect(house.commits.all.count == 1)
        _ = house.host.stop()
        #expect(probe.order == "cx")
    }

    @Test func `a resync that fails is told and leaves the host ready`() throws {
        let (house, probe) = try House.withProbe(["PROBE_SOURCE"])
        let transaction = try house.commits.all.first.unwrapped("nothing was committed")
        transaction.complete(status: .installed, generation: 1, problems: [])
        #expect(eventually { house.host.readiness.isReady })
        probe.gate(isClosed: true)
        #expect(house.host.resync().map(\.text) == ["the gate is closed"])
        #expect(house.host.readiness.isReady)
        #expect(house.host.reports.first?.lastError == "the gate is closed")
        probe.gate(isClosed: false)
        #expect(house.host.resync().isEmpty)
        #expect(house.commits.all.count == 2)
        house.end()
    }

    @Test func `a commit that waits at stop is answered once, and its late answer reaches nobody`()
        throws
    {
        let (house, probe) = try House.withProbe(["PROBE_SOURCE"])
        let transaction = try house.commits.all.first.unwrapped("nothing was committed")
        house.end()
        #expect(probe[.committed] == 1 && probe[.lastStatus] == -14 && probe[.destroyed] == 1)
        transaction.complete(status: .installed, generation: 1, problems: [])
        #expect(probe[.committed] == 1)
    }
}
