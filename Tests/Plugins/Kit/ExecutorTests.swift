import SluiceABI
import SluiceKit
import Testing

/// Counts through a reference, so that closures may share it.
private final class Count {
    var value = 0
}

extension KitTests {
    @Suite struct ExecutorTests {
        let host = FakeHost.fresh()

        @Test func `a one-shot timer fires once and lets go of its closure`() throws {
            let driven = try Driven()
            let executor = try #require(try driven.plugin?.host.executor)
            var fired = 0
            weak let watched = try arm(executor) { fired += 1 }
            #expect(watched != nil)
            #expect(host.timers.map(\.first) == [5_000_000])
            #expect(host.timers.map(\.every) == [0])
            host.fire(1)
            host.fire(1)
            #expect(fired == 1)
            #expect(watched == nil)
        }

        /// Starts a timer whose closure alone holds what is returned.
        private func arm(
            _ executor: Executor,
            _ body: @escaping () -> Void
        ) throws(PluginError) -> Count {
            let count = Count()
            try executor.after(.milliseconds(5)) {
                count.value += 1
                body()
            }
            return count
        }

        @Test func `a repeating timer fires until it is canceled`() throws {
            let driven = try Driven()
            let executor = try #require(try driven.plugin?.host.executor)
            let count = Count()
            let timer = try executor.every(.seconds(1)) { count.value += 1 }
            host.fire(1)
            host.fire(1)
            timer.cancel()
            timer.cancel()
            host.fire(1)
            #expect(count.value == 2)
            #expect(host.timers.isEmpty)
        }

        @Test func `a timer may cancel itself from inside`() throws {
            let driven = try Driven()
            let executor = try #require(try driven.plugin?.host.executor)
            let count = Count()
            var timer: Scheduled?
            timer = try executor.every(.seconds(1)) {
                count.value += 1
                timer?.cancel()
            }
            host.fire(1)
            #expect(count.value == 1)
            #expect(host.timers.isEmpty)
        }

        @Test func `a watch tells what the descriptor is ready for`() throws {
            let driven = try Driven()
            let executor = try #require(try driven.plugin?.host.executor)
            var seen: [Readiness] = []
            try executor.watch(fd: 7, for: [.readable, .writable]) { seen.append($0) }
            #expect(host.watches.map(\.fd) == [7])
            #expect(host.watches.map(\.events) == [0x005])
            host.watches.first?.run(0x011)
            #expect(seen == [[.readable, .hungUp]])
        }

        @Test func `stopping ends what still would call back`() throws {
            let driven = try Driven()
            let executor = try #require(try driven.plugin?.host.executor)
            try executor.every(.seconds(1)) {}
            try executor.watch(fd: 7, for: .readable) { _ in }
            #expect(driven.stop() == SLUICE_OK)
            #expect(host.timers.isEmpty)
            #expect(host.watches.isEmpty)
        }

        @Test func `a descriptor may be closed when the host has let go of it`() throws {
            let driven = try Driven()
            let executor = try #require(try driven.plugin?.host.executor)
            let ended = Count()
            let watch = try executor.watch(
                fd: 7,
                for: .readable,
                ended: { ended.value += 1 },
                { _ in }
            )
            watch.cancel()
            watch.cancel()
            #expect(ended.value == 0)
            host.runLane()
            #expect(ended.value == 1)
        }

        @Test func `blocking work hands its result to the lane`() throws {
            let driven = try Driven()
            let executor = try #require(try driven.plugin?.host.executor)
            var found: [Int] = []
            try executor.blocking({ 6 * 7 }, then: { found.append($0) })
            #expect(found.isEmpty)
            host.runLane()
            #expect(found == [42])
        }

        @Test func `a post runs on the lane, after stop it is refused`() throws {
            let driven = try Driven()
            let lane = try #require(try driven.plugin?.host.lane)
            let ran = Ran()
            try lane.post { ran.mark() }
            #expect(!ran.isMarked)
            host.runLane()
            #expect(ran.isMarked)
            host.isStopped = true
            #expect(throws: PluginError.self) { try lane.post { ran.mark() } }
            #expect(lane.now == 42)
        }
    }
}

/// A mark that a sendable closure may set.
private final class Ran: @unchecked Sendable {
    private(set) var isMarked = false

    func mark() {
        isMarked = true
    }
}
