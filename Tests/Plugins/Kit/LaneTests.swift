import Glibc
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct LaneTests {
    let host = SimulatedHost()
    let instance: SimulatedInstance<Scripted>

    init() throws {
        instance = try host.make(Scripted.self)
    }

    private func steps() throws -> [String] { try instance.with { $0.steps } }

    @Test func `a post from inside belongs to the plugin`() throws {
        try instance.with { plugin in
            plugin.host.lane.post { plugin.steps.append("posted") }
            plugin.steps.append("first")
        }
        host.run()
        #expect(try steps() == ["first", "posted"])
    }

    @Test func `a post from another thread lends the plugin, in order`() throws {
        let plugin = try #require(instance.plugin)
        onThread {
            plugin.post { $0.steps.append("one \($0.host.lane.isCurrent)") }
            plugin.post { $0.steps.append("two") }
            plugin.post { $0.steps.append("elsewhere \(plugin.host.lane.now > 0)") }
        }
        #expect(try steps() == [])
        host.run()
        #expect(try steps() == ["one true", "two", "elsewhere true"])
    }

    @Test func `a host that takes no more posts gets them in its next call`() throws {
        let plugin = try #require(instance.plugin)
        host.postedMax = 0
        onThread { plugin.post { $0.steps.append("posted") } }
        host.run()
        #expect(try steps() == [])
        try instance.start()
        #expect(try steps() == ["start", "posted"])
    }

    @Test func `a task sleeps by the host's clock`() throws {
        try instance.with { plugin in
            plugin.host.task {
                for round in 1...3 {
                    try await plugin.host.sleep(for: .milliseconds(5))
                    plugin.steps.append("\(round)")
                }
            }
        }
        host.advance(by: .milliseconds(4))
        #expect(try steps() == [])
        host.advance(by: .milliseconds(1))
        #expect(try steps() == ["1"])
        host.advance(by: .seconds(1))
        #expect(try steps() == ["1", "2", "3"])
        #expect(host.timerCount == 0)
    }

    @Test func `a sleeping task that is cancelled wakes at once, and its timer goes`() throws {
        let task = try instance.with { plugin in
            plugin.host.task {
                do {
                    try await plugin.host.clock.sleep(for: .seconds(60))
                } catch {
                    plugin.steps.append("\(error is CancellationError)")
                }
            }
        }
        host.run()
        #expect(host.timerCount == 1)
        task.cancel()
        host.run()
        #expect(try steps() == ["true"])
        #expect(host.timerCount == 0)
    }

    @Test func `a task that fails is logged under its name`() throws {
        try instance.with { plugin in
            plugin.host.task("counting") { throw PluginError(.io, "lost count") }
        }
        host.run()
        #expect(host.lines.map(\.fields) == [["task": "counting", "error": "lost count"]])
    }

    @Test func `blocking work runs on the pool, and its result comes to the lane`() throws {
        try instance.with { plugin in
            plugin.host.task {
                let lane = plugin.host.lane
                let found = try await plugin.host.blocking { lane.isCurrent ? 0 : 6 * 7 }
                plugin.steps.append("\(found) \(lane.isCurrent)")
                do {
                    try await plugin.host.blocking { throw PluginError(.io, "no") }
                } catch {
                    plugin.steps.append("\(error)")
                }
            }
        }
        #expect(try steps() == [])
        host.run()
        #expect(try steps() == ["42 true", "no"])
    }

    @Test func `serial jobs run one after the other over one state`() throws {
        try instance.with { plugin in
            let serial = Serial(plugin.host) { [1] }
            for number in 2...4 {
                plugin.host.task {
                    let all = try await serial.run { state in
                        state.append(number)
                        return state
                    }
                    plugin.steps.append("\(all)")
                }
            }
        }
        host.run()
        #expect(try steps() == ["[1, 2]", "[1, 2, 3]", "[1, 2, 3, 4]"])
    }

    @Test func `a serial job that is cancelled while it waits does not run`() throws {
        let task = try instance.with { plugin in
            let serial = Serial(plugin.host, waitingMax: 1) { 0 }
            let jobs = (1...3).map { number in
                plugin.host.task("job \(number)") {
                    _ = try await serial.run { $0 += 1 }
                    plugin.steps.append("\(number)")
                }
            }
            return jobs[1]
        }
        task.cancel()
        host.run()
        #expect(try steps() == ["1"])
        #expect(host.lines.map { $0.fields["task"] } == ["job 3"])
    }

    @Test func `a watch tells what the descriptor is ready for, and when it may be closed`() throws
    {
        var ends: [Int32] = [0, 0]
        unsafe #expect(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        defer {
            close(reading)
            close(writing)
        }
        try instance.with { plugin in
            plugin.host.task {
                let ready = try await plugin.host.ready(fd: reading, for: .readable)
                plugin.steps.append("\(ready == .readable)")
            }
        }
        host.run()
        #expect(host.watchCount == 1)
        unsafe #expect(write(writing, "x", 1) == 1)
        host.run()
        #expect(try steps() == ["true"])
        #expect(host.watchCount == 0)
    }

    @Test func `a task that waits for a descriptor can be cancelled`() throws {
        let task = try instance.with { plugin in
            plugin.host.task {
                do {
                    _ = try await plugin.host.ready(fd: 0, for: .failed)
                } catch {
                    plugin.steps.append("\(error is CancellationError)")
                }
            }
        }
        task.cancel()
        host.run()
        #expect(try steps() == ["true"])
        #expect(host.watchCount == 0)
    }

    @Test func `instants stay inside the clock's range`() {
        let instant = LaneClock.Instant(nanoseconds: 5)
        #expect(instant.advanced(by: .nanoseconds(-9)).nanoseconds == 0)
        #expect(instant.advanced(by: .seconds(1 << 62)).nanoseconds == .max)
        #expect(instant.duration(to: .init(nanoseconds: 2)) == .nanoseconds(-3))
    }

    /// Runs `body` on a thread of its own and waits for it.
    private func onThread(_ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        unsafe pthread_create(&thread, nil, runBox, box.toOpaque())
        pthread_join(thread, nil)
    }
}

private final class Box: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runBox(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
    }
    return nil
}
