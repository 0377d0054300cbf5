import Glibc
import SluiceABI
import SluiceBase
import SluiceConfig
import SluiceExtensions
import Testing

/// The instance's own thread: tasks, timers, descriptors, and the pool beside it.
@Suite struct LaneTests {
    @Test func `tasks run on the lane in the order they were posted`() throws {
        let (house, probe) = try House.withProbe([])
        for letter in "0123456789" { #expect(probe.post(letter) == 0) }
        #expect(eventually { probe[.posted] == 10 })
        #expect(probe.order == "cs0123456789")
        #expect(probe[.wrongThread] == 0)
        house.end()
    }

    @Test func `blocking work runs on the pool and its end on the lane`() throws {
        let (house, probe) = try House.withProbe([])
        for _ in 0..<20 { #expect(probe.blocking() == 0) }
        #expect(eventually { probe[.blockedDone] == 20 })
        #expect(probe[.blocked] == 20 && probe[.wrongThread] == 0)
        house.end()
    }

    @Test func `one instance cannot take all threads of the pool`() throws {
        let fixture = try Fixture("probe")
        let house = try House([
            PluginConfiguration(name: "greedy", library: fixture.path),
            PluginConfiguration(name: "modest", library: fixture.path),
        ]) { $0.limits.poolThreads = 2 }
        #expect((house.host.load() + house.host.start()).isEmpty)
        let probe = try Probe(fixture.path)
        probe.gate(isClosed: true)
        for _ in 0..<20 { #expect(probe.slow(0) == 0) }
        #expect(eventually { probe[.blocked] == 2 })
        #expect(probe.blocking(1) == 0)
        #expect(eventually { probe[.blockedDone] == 1 })
        #expect(probe[.blocked] == 3)
        probe.gate(isClosed: false)
        #expect(eventually { probe[.blockedDone] == 21 })
        house.end()
    }

    @Test func `a thousand timers fire in the order in which they are due`() throws {
        let (house, probe) = try House.withProbe([])
        for due in stride(from: UInt64(1_000), to: 0, by: -1) {
            #expect(probe.timer(due * 1_000, every: 0) == 0)
        }
        #expect(eventually { probe[.fired] == 1_000 })
        house.end()
        #expect(probe[.canceled] == 0)
    }

    @Test func `a repeated timer fires until it is ended`() throws {
        let (house, probe) = try House.withProbe([])
        #expect(probe.timer(1_000_000, every: 1_000_000) == 0)
        #expect(eventually { probe[.fired] >= 3 })
        // It cancelled itself the third time; its final call follows.
        #expect(eventually { probe[.canceled] == 1 })
        #expect(probe[.lastStatus] == 0)
        #expect(probe.post("e") == 0)
        #expect(eventually { probe[.posted] == 1 })
        #expect(probe[.fired] == 3)
        house.end()
    }

    @Test func `a single timer fires once`() throws {
        let (house, probe) = try House.withProbe([])
        #expect(probe.timer(0, every: 0) == 0)
        #expect(eventually { probe[.fired] == 1 })
        house.end()
        #expect(probe[.fired] == 1)
    }

    @Test func `a timer that repeats never fires once, and one that starts never does not fire`()
        throws
    {
        let (house, probe) = try House.withProbe([])
        #expect(probe.timer(0, every: Clock.never) == 0)
        #expect(probe.timer(Clock.never, every: 1) == 0)
        #expect(probe.beat(Clock.never) == 0)
        #expect(eventually { probe[.fired] == 1 })
        #expect(probe.post("e") == 0)
        #expect(eventually { probe[.posted] == 1 })
        #expect(probe[.fired] == 1)
        #expect(house.host.reports.first?.health.map(\.state) == [.starting])
        house.end()
    }

    @Test func `timers beyond the limit are refused`() throws {
        let (house, probe) = try House.withProbe([]) { $0.limits.pluginTimersMax = 2 }
        let hour: UInt64 = 3_600_000_000_000
        let answers = (0..<3).map { _ in probe.timer(hour, every: 0) }
        #expect(answers == [0, 0, -5])
        house.end()
    }

    @Test func `a watched descriptor calls while it is readable, until the watch ends`() throws {
        let (house, probe) = try House.withProbe([])
        var pipes: [Int32] = [-1, -1]
        #expect(unsafe pipe(&pipes) == 0)
        var id: UInt64 = 0
        #expect(probe.watch(pipes[0], &id) == 0)
        _ = unsafe write(pipes[1], "abc", 3)
        #expect(eventually { probe[.watched] == 3 })
        #expect(probe.cancel(id) == 0 && probe.cancel(id) == -3)
        #expect(eventually { probe[.ended] == 1 })
        _ = unsafe write(pipes[1], "d", 1)
        #expect(probe.post("e") == 0 && probe.post("f") == 0)
        #expect(eventually { probe[.posted] == 2 })
        #expect(probe[.watched] == 3 && probe[.wrongThread] == 0)
        house.end()
        close(pipes[0])
        close(pipes[1])
    }

    @Test func `bytes are copied, lent, kept and given back once`() throws {
        let (house, probe) = try House.withProbe([])
        let api = unsafe probe.bytes.pointee
        var buffer: OpaquePointer?
        let status = "hello".withBytes { bytes in
            unsafe api.copy(.init(data: bytes.start, len: bytes.count), &buffer)
        }
        #expect(status == 0)
        unsafe api.retain(buffer)
        unsafe api.release(buffer)
        let view = unsafe api.view(buffer)
        #expect(unsafe Bytes(start: view.data, count: view.len).text == "hello")
        unsafe api.release(buffer)

        var released = 0
        unsafe withUnsafeMutablePointer(to: &released) { counter in
            var lent: OpaquePointer?
            let count: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
                unsafe context?.assumingMemoryBound(to: Int.self).pointee += 1
            }
            #expect(
                unsafe api.wrap(nil, .init(data: view.data, len: 0), count, counter, &lent) == 0
            )
            unsafe api.retain(lent)
            unsafe api.release(lent)
            #expect(unsafe counter.pointee == 0)
            unsafe api.release(lent)
            #expect(unsafe counter.pointee == 1)
        }
        house.end()
    }
}
